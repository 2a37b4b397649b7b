# SPDX-License-Identifier: MPL-2.0
"""A chart as SVG for the page."""

import io
import re

import palette
from chart import Dots, Heat, Lines
from draw_dots import dots
from draw_heat import heat
from draw_lines import lines

_USE = re.compile(r'<use href="#([^"]*)"[^>]* style="([^"]*)"')
_DEFINITION = re.compile(r'(<path id="([^"]*)" d="[^"]*")[^>]*/>')


def svg(chart, number):
    """The markup of a chart; the number keeps its ids apart from others'."""
    figure = {Lines: lines, Dots: dots, Heat: heat}[type(chart)](chart)
    out = io.StringIO()
    empty = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    figure.savefig(out, format="svg", metadata=empty)
    return _for_page(out.getvalue(), number)


def _for_page(text, number):
    """Without what is of a file of its own; with variables for colours."""
    text = text[text.index("<svg") :]
    for part in (r"<metadata>.*?</metadata>", r"<style.*?</style>",
                 r"<!--.*?-->", r"<defs>\s*</defs>"):
        text = re.sub(part, "", text, flags=re.S)
    text = re.sub(
        r"<svg .*?viewBox=(\"[^\"]*\").*?>",
        r'<svg viewBox=\1 aria-hidden="true">',
        text,
        count=1,
        flags=re.S,
    )
    text = "".join(_slim(re.split(r"(<[^>]*>)", text), number))
    return palette.with_variables(_with_shared_styles(text))


def _slim(parts, number):
    """Text and tags by turns: the same without what draws nothing."""
    groups = []  # of those that are open: is it of use?
    for i, part in enumerate(parts):
        if i % 2 == 0:
            yield part if part.strip() else ""
            continue
        tag = _slim_tag(part, number)
        if tag == "</g>":
            if not groups.pop():
                continue
        elif tag.startswith("<g") and not tag.endswith("/>"):
            groups.append(tag != "<g>")
        if tag not in ("<g>", "<g/>"):
            yield tag


def _slim_tag(tag, number):
    tag = re.sub(r"(\.\d)\d+", r"\1", tag)
    tag = re.sub(r"font: (?:(\d+) )?([\d.]+)px [^;\"]*", _font, tag)
    # Groups that nobody refers to need no name.
    tag = re.sub(r"<g id=\"[^\"]*\"", "<g", tag)
    tag = re.sub(r"(\bid=\"|=\"#|url\(#)", rf"\g<1>c{number}-", tag)
    tag = re.sub(r" transform=\"rotate\(-0 [^\"]*\"", "", tag)
    tag = re.sub(r"; stroke-line(cap|join): \w+", "", tag)
    tag = re.sub(r"\s+", " ", tag).replace(' "', '"').replace(" />", "/>")
    tag = tag.replace(": ", ":").replace("; ", ";")
    return tag.replace("xlink:href", "href")


def _with_shared_styles(text):
    """Markers have their style where they are defined, not at each use."""
    styles = {}
    for name, style in _USE.findall(text):
        styles.setdefault(name, set()).add(style)
    shared = {n: found.pop() for n, found in styles.items() if len(found) == 1}

    def use(match):
        return match[0].replace(f' style="{shared.get(match[1])}"', "")

    def definition(match):
        style = shared.get(match[2])
        return f'{match[1]} style="{style}"/>' if style else match[0]

    return _DEFINITION.sub(definition, _USE.sub(use, text))


def _font(match):
    weight = f"font-weight: {match[1]}; " if match[1] else ""
    return f"{weight}font-size: {match[2]}px"
