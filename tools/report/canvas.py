# SPDX-License-Identifier: MPL-2.0
"""What all charts are drawn with: sizes in pixels, text, hues and markers.

One unit is a pixel on a screen of 390. Nothing is said by colour alone: ours
are solid lines and full markers, rivals dashed lines and hollow ones.
"""

import matplotlib
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.textpath import text_to_path

import palette

WIDTH = 360
TEXT = 10
SMALL = 9.5
MARKERS = "osD^vPX<>phd*"
MARKER_SIZE = {"o": 5, "s": 4.6, "D": 4.2, "*": 7, "P": 5.5, "X": 5.5}
DASHES = (0, (4, 1.6))
LIMIT_DASHES = (0, (1.2, 1.8))

matplotlib.rcParams.update(
    {
        "svg.fonttype": "none",
        "svg.hashsalt": "weir",
        "path.simplify": False,
        "font.size": TEXT,
        "text.parse_math": False,  # names are names, whatever is in them
    }
)


def text_width(text, bold=False, size=SMALL):
    """As wide as the widest of common fonts draws it."""
    font = FontProperties(size=size, weight="bold" if bold else "normal")
    return text_to_path.get_text_width_height_descent(text, font, False)[0]


def shortened(text, width, bold=False):
    """The text, or as much of it as fits, with an ellipsis in its middle."""
    shown, kept = text, len(text)
    # What was measured for it may be off by what floats are.
    while kept > 4 and text_width(shown, bold) > width + 0.1:
        kept -= 1
        head = (kept + 1) // 2
        shown = f"{text[:head]}…{text[len(text) - kept + head:]}"
    return shown


def figure(height):
    """An empty one, WIDTH by height."""
    made = Figure(figsize=(WIDTH / 72, height / 72), dpi=72)
    FigureCanvasSVG(made)
    made.patch.set_visible(False)
    return made


def axes(figure, left, right, top, bottom):
    """Axes with these margins, in pixels."""
    height = figure.get_figheight() * 72
    made = figure.add_axes(
        (
            left / WIDTH,
            bottom / height,
            (WIDTH - left - right) / WIDTH,
            (height - top - bottom) / height,
        )
    )
    made.patch.set_visible(False)
    made.spines[["top", "right", "left"]].set_visible(False)
    made.spines["bottom"].set_color(palette.MUTED)
    made.tick_params(
        colors=palette.MUTED, labelcolor=palette.INK, labelsize=TEXT, length=3
    )
    made.set_axisbelow(True)
    return made


def say(figure, x, y, text, **style):
    """Text at pixels from the lower left corner."""
    height = figure.get_figheight() * 72
    style = {"color": palette.INK, "fontsize": SMALL, **style}
    return figure.text(x / WIDTH, y / height, text, **style)


def hue(ours, strong):
    if ours:
        return palette.OURS if strong else palette.OURS_SOFT
    return palette.RIVAL if strong else palette.RIVAL_SOFT


def marker(mark, ours, strong):
    colour = hue(ours, strong)
    shape = MARKERS[mark % len(MARKERS)]
    return {
        "marker": shape,
        "markersize": MARKER_SIZE.get(shape, 5.2) * (1.25 if strong else 1),
        "markerfacecolor": colour if ours else palette.PAGE,
        "markeredgecolor": colour,
        "markeredgewidth": 1.2,
    }


def stroke(xs, ys, height, **style):
    """A line in pixels of the figure."""
    xs, ys = [x / WIDTH for x in xs], [y / height for y in ys]
    return Line2D(xs, ys, **style)
