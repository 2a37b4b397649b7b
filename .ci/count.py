# SPDX-License-Identifier: MPL-2.0
"""count.py RESULT EVENTS: prints how many test cases passed and failed.

RESULT is bazel's exit code, EVENTS its build event file. A test over cmocka
counts as its cases, any other as one; what did not even build, as one failure.
"""

import json
import re
import sys
from urllib.parse import unquote, urlparse

CASES = re.compile(r"\[  (PASSED|FAILED)  \] (\d+) test\(s\)")


def cases(log):
    """The cases that passed and failed in the output of a cmocka program."""
    count = {"PASSED": 0, "FAILED": 0}
    for verdict, number in CASES.findall(log):
        count[verdict] += int(number)
    return count["PASSED"], count["FAILED"]


def log_of(result):
    for output in result.get("testActionOutput", []):
        if output["name"] == "test.log":
            path = unquote(urlparse(output["uri"]).path)
            with open(path, errors="replace") as log:
                return log.read()
    return ""


def tally(events):
    passed = failed = 0
    for event in events:
        if "testResult" not in event:
            continue
        result = event["testResult"]
        good, bad = cases(log_of(result))
        if result["status"] == "PASSED":
            good = max(good, 1)
        else:
            bad = max(bad, 1)
        passed += good
        failed += bad
    return passed, failed


def main():
    with open(sys.argv[2]) as events:
        passed, failed = tally(map(json.loads, events))
    # 0: all passed, 3: some failed; else a broken build, or no test at all.
    if sys.argv[1] not in ("0", "3"):
        failed += 1
    print(passed, failed)


main()
