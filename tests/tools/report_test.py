#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""The page of //tools:report: what is on it, and in which form.

report_test.py REPORT
"""

import json
import re
import sys
import tempfile
import unittest
from pathlib import Path
from xml.etree import ElementTree

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))
import sample  # noqa: E402
from report_case import NAME, SLOT, InFolder, Page  # noqa: E402
from report_case import call, document, row  # noqa: E402


class WholePage(unittest.TestCase):
    """A lab of all kinds."""

    @classmethod
    def setUpClass(cls):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "lab.json")
            path.write_text(json.dumps(sample.report()))
            run = call(folder, "lab.json", "--svg", "--out", "deep/page")
            assert run.returncode == 0, run.stderr
            text = Path(folder, "deep/page/index.html").read_text()
            files = sorted(Path(folder, "deep/page").glob("*.svg"))
            cls.told = run.stdout
            cls.files = {file.name: file.read_text() for file in files}
        cls.page = Page(text)

    def test_each_chart_has_a_file_that_stands_alone(self):
        self.assertIn(f" {len(self.files)} charts,", self.told)
        self.assertGreater(len(self.files), 50)
        for name, text in self.files.items():
            root = ElementTree.fromstring(text)
            self.assertEqual(root.tag, "{http://www.w3.org/2000/svg}svg", name)
            for colour in set(re.findall(r"var\((--[a-z0-9-]+)\)", text)):
                self.assertIn(f"{colour}:", text, name)
            self.assertIn("prefers-color-scheme: dark", text)

    def test_it_needs_nothing_beside_it(self):
        text = self.page.text
        self.assertLess(len(text), 3_000_000)
        self.assertNotRegex(text, r"(?i)https?://(?!www\.w3\.org/)")
        self.assertNotRegex(text, r"@import|@font-face|<script|<link|<img")
        for _, attributes in self.page.elements:
            for key in "src", "href", "xlink:href":
                self.assertTrue((attributes.get(key) or "#").startswith("#"))
        for target in re.findall(r"url\(([^)]*)", text):
            self.assertTrue(target.startswith("#"), target)

    def test_ids_are_unique_and_all_that_is_referred_to_is_there(self):
        ids = [a["id"] for _, a in self.page.elements if "id" in a]
        self.assertEqual(len(ids), len(set(ids)))
        used = re.findall(r"(?:href=\"#|url\(#)([^\")]+)", self.page.text)
        self.assertLessEqual(set(used), set(ids))

    def test_each_kind_has_its_charts(self):
        titles = "\n".join(self.page.texts("b"))
        for start, number in {
            "Our best design / the best rival": 1,
            "Throughput over batch": 15,
            "Throughput over item size": 10,
            "Throughput over threads": 8,
            "Throughput over ring size": 1,
            "Ours / rival": 25,
            "Round trip of 8 B": 5,
            "Latency over load": 10,
            "Latency percentiles": 5,
            "Slow consumer": 5,
            "Empty poll": 5,
        }.items():
            found = re.findall(rf"^{start}", titles, re.M)
            self.assertGreaterEqual(len(found), number, start)

    def test_each_chart_is_told_in_words(self):
        drawn = [a for a in self.page.all("div") if a.get("class") == "chart"]
        self.assertGreater(len(drawn), 60)
        for attributes in drawn:
            self.assertEqual(attributes["role"], "img")
            self.assertGreater(len(attributes["aria-label"]), 40)
        self.assertEqual(len(self.page.all("figcaption")), len(drawn))

    def test_text_stays_text_and_says_units(self):
        words = self.page.texts("text")
        for text in ("items a second, log scale", "calls a second, log scale",
                     "latency, log scale", "items a call (batch)",
                     "producers : consumers", "bytes of an item",
                     "bytes of the ring", "slot", "boost_spsc"):
            self.assertIn(text, words)

    def test_ceilings_are_lines_and_how_they_come_about_is_told(self):
        words = self.page.texts("text")
        for text in "line ceiling", "fetch_add", "half a bare line":
            self.assertIn(text, words)
        self.assertTrue(any(w.startswith("a bare line: ") for w in words))
        notes = " ".join(self.page.texts("span"))
        self.assertRegex(notes, r"Line ceiling: \d+ M lines/s × 8 a line\.")
        self.assertRegex(notes, r"Line ceiling: \d+ M lines/s × 64 / size\.")
        self.assertIn("at same_l3; * at kernel. Line ceiling", notes)
        self.assertIn("4:1*", words)

    def test_charts_follow_light_and_dark(self):
        css = self.page.text.partition("<style>")[2].partition("</style>")[0]
        dark_from = "@media (prefers-color-scheme: dark)"
        light, found, dark = css.partition(dark_from)
        self.assertTrue(found)
        dark = dark.partition("\n}")[0]
        charts = "".join(re.findall(r"<svg.*?</svg>", self.page.text, re.S))
        names = set(re.findall(r"var\((--[\w-]+)\)", charts))
        self.assertGreater(len(names), 12)
        for name in names:
            self.assertIn(f"{name}: #", light.partition("\n}")[0])
            self.assertIn(f"{name}: #", dark)
        fixed = re.findall(r"#[0-9a-fA-F]{6}\b", charts)
        self.assertEqual(fixed, [])

    def test_all_text_of_charts_has_a_colour_of_the_page(self):
        for attributes in self.page.all("text"):
            self.assertIn("fill:var(--", attributes["style"])
            self.assertNotIn("Sans", attributes["style"])
            size = re.search(r"font-size:([\d.]+)px", attributes["style"])
            self.assertGreaterEqual(float(size[1]), 8.5)

    def test_charts_fit_a_phone_as_they_are(self):
        boxes = [a["viewbox"].split() for a in self.page.all("svg")]
        self.assertTrue(all(float(box[2]) <= 360 for box in boxes))
        self.assertIn("minmax(min(100%, 360px), 1fr)", self.page.text)
        self.assertIn("@media (max-width: 480px)", self.page.text)
        self.assertIn("width=device-width", self.page.text)
        # What is wide scrolls in a box of its own.
        self.assertRegex(self.page.text, r"\.scroll \{[^}]*overflow-x: auto")
        whole = self.page.text.count("<table>")
        boxed = len(re.findall(r"<div class=\"scroll\"[^>]*>\s*<table>",
                               self.page.text))
        self.assertEqual(whole, boxed)

    def test_it_tells_machine_run_placements_and_rivals(self):
        words = self.page.texts("dd", "td", "th")
        for text in (
            sample.context()["machine"],
            sample.context()["date"],
            "absent on this machine",
            "not installed",
            sample.context()["rival/spsc/boost_spsc"],
            sample.context()["ring/mpmc/scq"],
            "L1 data 32 KiB, L2 1 MiB, L3 32 MiB for 2",
        ):
            self.assertIn(text, words)
        self.assertEqual(words.count("absent on this machine"), 3)
        date = sample.context()["date"]
        self.assertIn(f"{date}, medians of 5 repetitions", self.page.texts("p"))

    def test_it_keeps_to_itself_whose_machine_it_was(self):
        self.assertNotIn("secret", self.page.text)
        self.assertIn("rings", self.page.texts("dd"))

    def test_what_loses_items_says_so(self):
        notes = " ".join(self.page.texts("span"))
        self.assertRegex(notes, r"Drops items: lossy_slot up to \d")


class Figures(InFolder):
    def cells(self, page, name):
        """The row of a design in the first table."""
        start = page.words.index(("th", name))
        cells = page.words[start + 1 :]
        return [text for tag, text in cells[: cells.index(("th", "end"))]
                if tag == "td"]

    def test_medians_with_least_and_most(self):
        rows = [row(SLOT, i, items_per_second=v * 1e6)
                for i, v in enumerate((5, 1, 9, 2, 3))]
        end = row(SLOT.replace("slot", "end"), items_per_second=1)
        page = self.page_of(document(*rows, end))
        self.assertEqual(self.cells(page, "slot"), ["3 M", "1 M … 9 M", "5"])

    def test_several_files_are_more_repetitions(self):
        end = row(SLOT.replace("slot", "end"), items_per_second=1)
        page = self.page_of(
            document(row(SLOT, items_per_second=1e6), end, rival="one"),
            document(row(SLOT, items_per_second=3e6), end, rival="other"),
            document(row(SLOT, items_per_second=7e6), end, rival="one"),
        )
        self.assertEqual(self.cells(page, "slot"), ["3 M", "1 M … 7 M", "3"])
        self.assertIn("one; other", page.texts("dd"))

    def test_the_ratio_of_a_cell(self):
        rival = SLOT.replace("ring/spsc/slot", "rival/spsc/other")
        page = self.page_of(document(row(SLOT, items_per_second=3e8),
                                     row(rival, items_per_second=2e8)))
        self.assertIn("1.50×", page.texts("text"))
        self.assertIn("slot / other 1.50×", page.text)

    def test_aggregates_beside_repetitions_do_not_count(self):
        mean = {**row(SLOT, items_per_second=9e9), "run_type": "aggregate"}
        end = row(SLOT.replace("slot", "end"), items_per_second=1)
        slot = row(SLOT, items_per_second=1e6)
        page = self.page_of(document(slot, mean, end))
        self.assertEqual(self.cells(page, "slot"), ["1 M", "1 M … 1 M", "1"])

    def test_odd_rows_do_no_harm(self):
        odd = [
            row("ring/spsc/slot/pairwise/item:0B/batch:0/at:x",
                items_per_second=1),
            row("ring/spsc/slot/pairwise/1p1c", items_per_second=2),
            row("ring/other/slot/new_load/item:8B/a/b:c", what=3),
            row(NAME.format(8), items_per_second=0),
            row(NAME.format(32), items_per_second=-5),
            row(NAME.format(64), items_per_second=float("nan")),
            row(NAME.format(128), items_per_second=10**400),
            row("ring/spsc/slot/paced/item:8B/1p1c/load:x%", latency_p50_ns=4),
            row("ceiling/line_stream", lines_per_second=0),
            row(SLOT.replace("1p1c", "2p1c"), bytes_per_second=3),
            row(SLOT.replace("same_l3", "kernel"), bytes_per_second=3),
            row(SLOT.replace("pairwise", "ping_pong"), rtt_p50_ns=0),
            row(SLOT.replace("pairwise", "burst"), items_per_second=0),
        ]
        self.page_of(document(*odd, caches=[{"level": 1}], placement=3))

    def test_only_rivals(self):
        page = self.page_of(document(
            *(row(NAME.format(b).replace("ring/spsc/slot", "rival/spsc/x"),
                  items_per_second=b * 1e6) for b in (1, 8))
        ))
        self.assertIn("Throughput over batch, items of 8 B", page.texts("b"))

    def test_other_programs_have_tables_only(self):
        name = "throughput/weir/pair/8B/batch:1/at:same_l3"
        self.put("other.json", document(row(name, msgs_per_second=2e6)))
        run = call(self.folder, "other.json", "--out", "page")
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertIn("no rows of rings", run.stderr)
        page = Page((self.folder / "page/index.html").read_text())
        self.assertIn(name, page.texts("th"))
        self.assertIn("2 M", page.texts("td"))
        self.assertIn("No rows of rings", page.texts("h2"))


class Escaping(InFolder):
    EVIL = "<script>alert('1')</script>&\"$x^$"

    def test_nothing_from_a_file_becomes_markup(self):
        evil = self.EVIL.replace("/", "\\")
        names = [NAME.replace("slot", evil).format(b) for b in (1, 8)]
        rows = [row(name, items_per_second=1e6) for name in names]
        rows.append(row(f"ring/spsc/{evil}/ping_pong/item:8B/1p1c/at:{evil}",
                        rtt_p50_ns=5, rtt_p99_ns=6))
        rows.append(row(f"ring/spsc/b/{evil}/1p1c/{evil}", items_per_second=2))
        rows.append(row(f"other/{evil}", **{f"{evil}_ns": 4}))
        page = self.page_of(
            document(*rows, machine=self.EVIL, date=self.EVIL,
                     placement=self.EVIL, **{f"ring/spsc/{evil}": self.EVIL,
                                             f"{evil} key": self.EVIL})
        )
        self.assertFalse(page.all("script"))
        self.assertNotIn("<script", page.text)
        self.assertIn(self.EVIL, page.texts("dd"))
        self.assertIn(evil, page.texts("b"))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
