# SPDX-License-Identifier: MPL-2.0
"""Colours by name: charts are drawn in stand-ins, the page gives the values.

Each stand-in is a colour that nothing else uses; in the page it becomes
var(--NAME), so that charts follow the reader's light or dark scheme.
"""

NAMES = (
    "page",
    "ink",
    "muted",
    "grid",
    "ours",
    "ours-soft",
    "rival",
    "rival-soft",
    "limit",
    # The ratio of ours to a rival, from far below 1 to far above.
    "heat-0",
    "heat-1",
    "heat-2",
    "heat-3",
    "heat-4",
    "heat-5",
    "heat-6",
    "heat-ink",
    "heat-ink-far",
)
_STAND_INS = {name: f"#a{i:02x}bcd" for i, name in enumerate(NAMES)}

PAGE, INK, MUTED, GRID, OURS, OURS_SOFT, RIVAL, RIVAL_SOFT, LIMIT = (
    _STAND_INS[name] for name in NAMES[:9]
)
# A ratio below the bound has the heat of that place.
HEAT_BOUNDS = (0.33, 0.67, 0.95, 1.05, 1.5, 3)


def heat(ratio):
    """The colours of a cell and of the text in it."""
    place = sum(ratio >= bound for bound in HEAT_BOUNDS)
    far = place in (0, 6)
    ink = _STAND_INS["heat-ink-far" if far else "heat-ink"]
    return _STAND_INS[f"heat-{place}"], ink


def with_variables(svg):
    for name, stand_in in _STAND_INS.items():
        svg = svg.replace(stand_in, f"var(--{name})")
    return svg
