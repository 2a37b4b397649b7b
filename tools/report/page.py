# SPDX-License-Identifier: MPL-2.0
"""The page: everything that is known of a lab, put into page.html."""

from dataclasses import dataclass
from pathlib import Path

import jinja2

import draw
import plan
import tables
import wording
from lab import KINDS, PLACEMENTS

_NOT_INSTALLED = "not installed"
# Said elsewhere on the page, of no use to a reader, or of no concern to one.
_NOT_FACTS = {
    "caches",
    "executable",
    "host_name",
    "library_build_type",
    "machine",
    "placement",
}
_FACTS = {
    "date": "date",
    "command": "command",
    "num_cpus": "CPUs",
    "mhz_per_cpu": "MHz",
    "cpu_scaling_enabled": "CPU scaling",
    "load_avg": "load before",
}


@dataclass
class Drawn:
    """A chart with its markup."""

    title: str
    note: str
    alt: str
    svg: str


@dataclass
class Section:
    """A kind."""

    name: str
    what: str
    groups: list
    tables: list


def build(lab):
    """The text of the page, and the charts on it."""
    charts = []

    def drawn(chart):
        svg = draw.svg(chart, len(charts) + 1)
        charts.append(Drawn(chart.title, chart.note, chart.alt(), svg))
        return charts[-1]

    best = plan.summary(lab)
    text = _template().render(
        css=(_here() / "page.css").read_text(encoding="utf-8"),
        machine=_joined(lab, "machine") or "a machine without a name",
        date=_joined(lab, "date"),
        repetitions=repetitions(lab),
        facts=facts(lab),
        placement=_joined(lab, "placement"),
        placements=placements(lab),
        summary=drawn(best) if best else None,
        sections=[_section(lab, kind, drawn) for kind in lab.kinds()],
        others=list(tables.of_others(lab.others, "Other rows")),
        designs=described(lab, "ring"),
        rivals=described(lab, "rival"),
        errors=lab.errors,
    )
    return text, charts


def alone(chart):
    """The chart as a file of its own, which needs the colours of the page."""
    css = (_here() / "page.css").read_text(encoding="utf-8")
    colours = css[: css.index("\n}\n", css.index("@media")) + 3]
    font = "text { font-family: system-ui, sans-serif; }"
    head, rest = chart.svg.split(">", 1)
    if "xmlns=" not in head:
        head += ' xmlns="http://www.w3.org/2000/svg"'
    return f"{head}><style>{colours}\n{font}</style>{rest}"


def _here():
    return Path(__file__).resolve().parent


def _template():
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_here()),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html")


def _section(lab, kind, drawn):
    groups = [
        plan.Group(group.title, list(map(drawn, group.charts)), group.folded)
        for group in plan.groups(lab, kind)
    ]
    shown = list(tables.of_kind(lab.of_kind(kind)))
    return Section(kind, KINDS.get(kind, ""), groups, shown)


def _text(value):
    if isinstance(value, list):
        return ", ".join(map(_text, value))
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _joined(lab, key):
    return "; ".join(map(_text, lab.context.get(key, ())))


def facts(lab):
    """Pairs of what and which, of the machine and the runs."""
    found = [("machine", _joined(lab, "machine"))]
    for caches in lab.context.get("caches", ())[:1]:
        found.append(("caches", _caches(caches)))
    keys = [key for key in lab.context if "/" not in key]
    keys = [key for key in keys if key not in _NOT_FACTS]
    order = [*_FACTS, *sorted(set(keys) - set(_FACTS))]
    found += [(_FACTS.get(k, k), _joined(lab, k)) for k in order if k in keys]
    programs = {Path(str(p)).name for p in lab.context.get("executable", ())}
    found.append(("program", ", ".join(sorted(programs))))
    found.append(("files", ", ".join(Path(path).name for path in lab.paths)))
    return [(key, text) for key, text in found if text]


def repetitions(lab):
    """As 5 repetitions, or 3 to 5 where rows differ."""
    rows = [row.figures for row in lab.rows] + list(lab.others.values())
    counts = {figure.count for row in rows for figure in row.values()}
    least, most = min(counts), max(counts)
    some = str(most) if least == most else f"{least} to {most}"
    return f"{some} repetition{'s' * (most > 1)}"


def _caches(caches):
    """As L1 data 32 KiB, L3 32 MiB for 2."""
    try:
        return ", ".join(
            f"L{c['level']}{_cache_type(c['type'])} {wording.size(c['size'])}"
            + (f" for {c['num_sharing']}" if c["num_sharing"] > 1 else "")
            for c in caches
        )
    except (KeyError, TypeError):
        return _text(caches)


def _cache_type(name):
    return "" if name == "Unified" else f" {name.lower()}"


def placements(lab):
    """Pairs of a placement and whether there are rows of it, or why not."""
    told = _joined(lab, "placement").partition("absent here:")[2]
    absent = {name.strip(" ,;.") for name in told.split(",")}
    number = {name: 0 for name in PLACEMENTS}
    for row in lab.rows:
        number[row.at or "not said"] = number.get(row.at or "not said", 0) + 1
    return [
        (name, f"{n} rows" if n else _why_none(name, absent))
        for name, n in number.items()
    ]


def _why_none(name, absent):
    return "absent on this machine" if name in absent else "no rows in this run"


def described(lab, side):
    """(kind, name, sentence, is there) of designs or rivals, in order."""
    known = {
        tuple(key.split("/")[1:3]): "; ".join(map(_text, texts))
        for key, texts in lab.context.items()
        if key.startswith(side + "/") and key.count("/") == 2
    }
    for row in lab.rows:
        if row.ours == (side == "ring"):
            known.setdefault((row.kind, row.design), "")
    order = {kind: i for i, kind in enumerate(KINDS)}
    return [
        (*key, known[key], known[key] != _NOT_INSTALLED)
        for key in sorted(known, key=lambda k: (order.get(k[0], 99), k))
    ]
