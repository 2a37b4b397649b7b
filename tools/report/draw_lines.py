# SPDX-License-Identifier: MPL-2.0
"""Lines over x, each with its name at the right end instead of a legend."""

from math import ceil, floor, log10

import canvas
import palette
import wording
from chart import Line

STEP = 13  # from one name to the next
_KEY = 26  # the way to a name: a line and a marker
_COLUMN_MOST = 132
_HEIGHT = 270  # or more, if the names need it
_LEADER = (0, (1, 1.5))  # no line of data looks like this
_LEFT, _ABOVE, _BELOW = 40, 24, 36


def log_ticks(low, high, most=8):
    """Powers of ten, with 3 or with 2 and 5 between few; or even steps."""
    powers = range(floor(log10(low)), ceil(log10(high)) + 1)
    for steps in (1,), (1, 3), (1, 2, 5):
        ticks = [step * 10.0**power for power in powers for step in steps]
        ticks = [tick for tick in ticks if low <= tick <= high]
        if len(ticks) >= 4:
            break
    if len(ticks) < 3:
        ticks = _even_ticks(low, high)
    return ticks[:: ceil(len(ticks) / most)]


def _even_ticks(low, high):
    """Three to six round numbers."""
    rough = (high - low) / 5
    power = 10.0 ** floor(log10(rough))
    step = next(s * power for s in (1, 2, 5, 10) if s * power >= rough)
    return [step * i for i in range(ceil(low / step), floor(high / step) + 1)]


def spread_out(wanted, low, high, step):
    """Places as near as can be to those wanted, in their order, a step apart.

    What is wanted is moved down by a step for each one below it; then too near
    is the same as out of order, and is mended by a mean over those concerned.
    """
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    means = []  # mean, how many
    for k, i in enumerate(order):
        mean, count = wanted[i] - k * step, 1
        while means and means[-1][0] > mean:
            other, more = means.pop()
            mean = (mean * count + other * more) / (count + more)
            count += more
        means.append((mean, count))
    places = [0] * len(wanted)
    flat = [mean for mean, count in means for _ in range(count)]
    top = high - (len(wanted) - 1) * step
    for k, i in enumerate(order):
        places[i] = max(min(flat[k], top), low) + k * step
    return places


def lines(chart):
    names = {line.label: line.strong for line in chart.lines}
    names.update({limit.label: False for limit in chart.limits})
    column = max(canvas.text_width(*name) for name in names.items()) + _KEY
    column = min(column, _COLUMN_MOST)
    count = len(chart.lines) + len(chart.limits)
    height = max(_HEIGHT, _ABOVE + _BELOW + 6 + STEP * count)
    figure = canvas.figure(height)
    axes = canvas.axes(figure, _LEFT, column, _ABOVE, _BELOW)
    _scales(axes, chart)
    canvas.say(figure, 4, height - 14, f"{chart.unit}, log scale",
               color=palette.MUTED)
    canvas.say(figure, _LEFT, 5, chart.x_title, color=palette.MUTED)
    for limit in chart.limits:
        xs = [chart.place(x) for x in limit.points]
        axes.plot(xs, list(limit.points.values()), color=palette.LIMIT,
                  linewidth=1.6, linestyle=canvas.LIMIT_DASHES, zorder=2)
    for line in sorted(chart.lines, key=lambda line: line.strong):
        _line(axes, chart, line)
    _labels(figure, axes, chart, column)
    return figure


def _scales(axes, chart):
    axes.set_yscale("log")
    axes.set_ylim(*_reach(chart))
    ticks = log_ticks(*axes.get_ylim())
    texts = [wording.written(chart.counter, tick) for tick in ticks]
    axes.set_yticks(ticks, texts)
    axes.minorticks_off()
    places = [chart.place(x) for x in chart.ticks]
    margin = (max(places) - min(places)) * 0.04
    axes.set_xlim(min(places) - margin, max(places) + margin)
    axes.set_xticks(places, chart.ticks.values())
    axes.grid(axis="y", color=palette.GRID, linewidth=0.8)
    axes.tick_params(axis="y", length=0)


def _reach(chart):
    """Lowest and highest y, with the bands unless those are far off."""
    ys = [f.middle for line in chart.lines for f in line.points.values()]
    ys += [y for limit in chart.limits for y in limit.points.values()]
    low, high = min(ys), max(ys)
    for line in chart.lines:
        for figure in line.points.values() if line.strong else ():
            low = min(low, max(figure.least, min(ys) / 2))
            high = max(high, min(figure.most, max(ys) * 2))
    return low / 1.15, high * 1.15


def _line(axes, chart, line):
    xs = sorted(line.points)
    places = [chart.place(x) for x in xs]
    figures = [line.points[x] for x in xs]
    colour = canvas.hue(line.ours, line.strong)
    if line.strong:
        axes.fill_between(
            places, [f.least for f in figures], [f.most for f in figures],
            color=colour, alpha=0.2, linewidth=0, zorder=2.5,
        )
    axes.plot(
        places, [f.middle for f in figures], color=colour,
        linewidth=2.2 if line.strong else 1.1,
        linestyle="-" if line.ours else canvas.DASHES,
        zorder=4 if line.strong else 3,
        **canvas.marker(line.mark, line.ours, line.strong),
    )


def _labels(figure, axes, chart, column):
    """Names at the right end, led to from the last points."""
    height = figure.get_figheight() * 72
    ends = [
        (chart.place(x), y)
        for x, y in (thing.end() for thing in (*chart.lines, *chart.limits))
    ]
    ends = axes.transData.transform(ends)
    low, high = _BELOW + 6, height - _ABOVE
    ys = spread_out([y for _, y in ends], low, high, STEP)
    for thing, end, y in zip((*chart.lines, *chart.limits), ends, ys):
        line = thing if isinstance(thing, Line) else None
        _label(figure, thing.label, end, y, column, line)


def _label(figure, text, end, y, column, line=None):
    """A name with the marker of its line; a ceiling has none."""
    height = figure.get_figheight() * 72
    edge = canvas.WIDTH - column
    style = {"color": palette.INK}
    way = palette.LIMIT
    if line:
        way = canvas.hue(line.ours, line.strong)
        style = {
            "color": canvas.hue(line.ours, True),
            "weight": "bold" if line.strong else "normal",
        }
        look = canvas.marker(line.mark, line.ours, line.strong)
        figure.add_artist(
            canvas.stroke((edge + 16,), (y,), height, color=way,
                          linestyle="none", **look)
        )
    figure.add_artist(
        canvas.stroke((end[0] + 3, edge + 12), (end[1], y), height,
                      color=way, linewidth=0.8, linestyle=_LEADER)
    )
    shown = canvas.shortened(text, column - _KEY, style.get("weight") == "bold")
    canvas.say(figure, edge + 23, y, shown, va="center_baseline", **style)
