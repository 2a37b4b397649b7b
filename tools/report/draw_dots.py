# SPDX-License-Identifier: MPL-2.0
"""A dot per design, best first, with a line to what it reaches."""

import canvas
import palette
import wording
from draw_lines import log_ticks

STEP = 17
_NAMES_MOST = 128
_ABOVE, _BELOW = 24, 24
_LIMIT_ABOVE = 38  # with room for the name of a ceiling


def dots(chart):
    count = len(chart.dots)
    above = _LIMIT_ABOVE if chart.limit else _ABOVE
    height = above + _BELOW + STEP * count
    figure = canvas.figure(height)
    names = [canvas.text_width(dot.label, dot.strong) for dot in chart.dots]
    left = min(max(names), _NAMES_MOST) + 10
    values = [wording.written(chart.counter, d.values[0]) for d in chart.dots]
    right = max(canvas.text_width(v, True, canvas.TEXT) for v in values) + 12
    axes = canvas.axes(figure, left, right, above, _BELOW)
    _scale(axes, chart)
    axes.set_ylim(count - 0.5, -0.5)
    axes.set_yticks([])
    axes.grid(axis="x", color=palette.GRID, linewidth=0.8)
    for i, dot in enumerate(chart.dots):
        _dot(axes, i, dot)
        y = height - above - STEP * (i + 0.5)
        style = {
            "color": canvas.hue(dot.ours, True),
            "weight": "bold" if dot.strong else "normal",
            "va": "center_baseline",
            "ha": "right",
        }
        shown = canvas.shortened(dot.label, left - 8, dot.strong)
        canvas.say(figure, left - 6, y, shown, **style)
        style["fontsize"] = canvas.TEXT
        canvas.say(figure, canvas.WIDTH - 2, y, values[i], **style)
    _heads(figure, axes, chart, height)
    return figure


def _scale(axes, chart):
    reach = [v for dot in chart.dots for v in (*dot.values, dot.low)]
    if chart.limit:
        reach.append(chart.limit[1])
    low, high = min(v for v in reach if v > 0), max(reach)
    axes.set_xscale("log")
    axes.set_xlim(low / 1.25, high * 1.25)
    # Five words are what fits side by side.
    ticks = log_ticks(*axes.get_xlim(), most=5)
    axes.set_xticks(ticks, [wording.written(chart.counter, t) for t in ticks])
    axes.minorticks_off()


def _dot(axes, i, dot):
    colour = canvas.hue(dot.ours, dot.strong)
    axes.plot(
        (dot.low, dot.values[-1]), (i, i), color=colour,
        linewidth=2 if dot.strong else 1.2, zorder=2,
        linestyle="-" if dot.ours else canvas.DASHES,
    )
    axes.plot(dot.values[:1], (i,), color=colour, zorder=4,
              **canvas.marker(dot.mark, dot.ours, dot.strong))
    for value in dot.values[1:-1]:
        axes.plot((value,), (i,), marker="|", markersize=9,
                  markeredgewidth=1.6, color=colour, zorder=3)


def _heads(figure, axes, chart, height):
    """The unit, and the ceiling with its name above it."""
    canvas.say(figure, 4, height - 10, f"{chart.unit}, log scale",
               color=palette.MUTED, va="center")
    if not chart.limit:
        return
    label, value = chart.limit
    axes.axvline(value, color=palette.LIMIT, linewidth=1.6,
                 linestyle=canvas.LIMIT_DASHES, zorder=1)
    text = f"{label}: {wording.written(chart.counter, value)}"
    x = axes.transData.transform((value, 0))[0]
    x, side = (x + 4, "left") if x < canvas.WIDTH / 2 else (x - 4, "right")
    canvas.say(figure, x, height - _LIMIT_ABOVE + 4, text, ha=side)
