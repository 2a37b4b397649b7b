# SPDX-License-Identifier: MPL-2.0
"""Ratios of ours to rivals: colour to see, the figure in the cell to read."""

from matplotlib.patches import Rectangle

import canvas
import palette
import wording

_ROW = 22
_NAMES_MOST = 100
_COLUMN_MOST = 72
_COLUMN_WIDE = 36  # from here on there is room for the sign
_GAP = 1.5


def heat(chart):
    left = max(canvas.text_width(name) for name in chart.rows)
    left = min(left, _NAMES_MOST) + 10
    column = min((canvas.WIDTH - left) / len(chart.columns), _COLUMN_MOST)
    widest = max(canvas.text_width(name) for name in chart.columns)
    turned = widest > column - 6
    above = 14 + min(widest, _NAMES_MOST) if turned else 20
    height = above + _ROW * len(chart.rows) + 4
    figure = canvas.figure(height)
    for i, name in enumerate(chart.rows):
        y = height - above - _ROW * (i + 0.5)
        shown = canvas.shortened(name, left - 8)
        canvas.say(figure, left - 6, y, shown, color=_hue(chart, True),
                   ha="right", va="center_baseline")
        for k, other in enumerate(chart.columns):
            ratio = chart.cells.get((name, other))
            _cell(figure, left + column * k, y, column, ratio)
    for k, name in enumerate(chart.columns):
        canvas.say(
            figure, left + column * (k + 0.5) + (3 if turned else 0),
            height - above + 6, canvas.shortened(name, _NAMES_MOST),
            color=_hue(chart, False), ha="left" if turned else "center",
            rotation=90 if turned else 0, rotation_mode="anchor",
        )
    return figure


def _hue(chart, of_rows):
    if chart.plain:
        return palette.INK
    return palette.OURS if of_rows == chart.row_is_ours else palette.RIVAL


def _cell(figure, x, y, column, ratio):
    if ratio is None:
        canvas.say(figure, x + column / 2, y, "–", color=palette.MUTED,
                   ha="center", va="center_baseline")
        return
    fill, ink = palette.heat(ratio)
    height = figure.get_figheight() * 72
    figure.add_artist(
        Rectangle(
            ((x + _GAP) / canvas.WIDTH, (y - _ROW / 2 + _GAP) / height),
            (column - 2 * _GAP) / canvas.WIDTH,
            (_ROW - 2 * _GAP) / height,
            transform=figure.transFigure,
            facecolor=fill,
            edgecolor="none",
        )
    )
    text = wording.times(ratio)
    if column < _COLUMN_WIDE:
        text = text.rstrip("×")
    canvas.say(figure, x + column / 2, y, text, color=ink, ha="center",
               va="center_baseline")
