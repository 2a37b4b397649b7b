# SPDX-License-Identifier: MPL-2.0
"""What the tests of //tools:report share. Its path is their first argument."""

import json
import os
import subprocess
import sys
import tempfile
import unittest
from html.parser import HTMLParser
from pathlib import Path

REPORT = str(Path(sys.argv[1]).absolute())
VOID = {"meta", "link", "br", "img", "hr", "input"}


def call(folder, *arguments, **more):
    env = dict(os.environ, BUILD_WORKING_DIRECTORY=str(folder))
    # One cache of fonts for all runs.
    env["MPLCONFIGDIR"] = os.environ.get("TEST_TMPDIR", "/tmp")
    env.update(more)
    return subprocess.run(
        [REPORT, *arguments], env=env, capture_output=True, text=True,
        timeout=200, check=False,
    )


def row(name, index=0, **counters):
    return {"name": name, "run_type": "iteration", "repetition_index": index,
            **counters}


def document(*rows, **context):
    context = {"machine": "M", "num_cpus": 2, "caches": [], **context}
    return {"context": context, "benchmarks": list(rows)}


NAME = "ring/spsc/slot/pairwise/item:8B/batch:{}/1p1c/at:same_l3"
SLOT = NAME.format(1)


class Page(HTMLParser):
    """The elements of a page; raises where they do not nest."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.text = text
        self.open = []
        self.elements = []  # tag, attributes
        self.words = []  # tag around it, text
        self.feed(text)
        self.close()
        assert not self.open, self.open

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, tag

    def handle_data(self, data):
        if data.strip() and self.open:
            self.words.append((self.open[-1], data.strip()))

    def all(self, tag):
        return [a for found, a in self.elements if found == tag]

    def texts(self, *tags):
        return [text for tag, text in self.words if tag in tags]


class InFolder(unittest.TestCase):
    def setUp(self):
        made = tempfile.TemporaryDirectory()
        self.addCleanup(made.cleanup)
        self.folder = Path(made.name)

    def put(self, name, content):
        if not isinstance(content, str):
            content = json.dumps(content)
        (self.folder / name).write_text(content)
        return name

    def page_of(self, *contents):
        names = [self.put(f"{i}.json", c) for i, c in enumerate(contents)]
        run = call(self.folder, *names, "--out", "page")
        self.assertEqual(run.returncode, 0, run.stderr)
        return Page((self.folder / "page/index.html").read_text())

    def refused(self, *arguments, **more):
        """What is said to arguments that make no page."""
        run = call(self.folder, *arguments, "--out", "page", **more)
        self.assertNotEqual(run.returncode, 0)
        self.assertNotIn("Traceback", run.stderr)
        self.assertFalse((self.folder / "page").exists())
        return run.stderr
