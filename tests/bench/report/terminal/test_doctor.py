"""What the doctor's report says, for a person and for a program."""

from __future__ import annotations

import json

from bench.report.machine_findings import MachineFinding, MachineSection, Mark
from bench.report.terminal.doctor import missing, render, summary, to_json

FINE = MachineSection(
    "Disk", [MachineFinding("free", "10 MiB", Mark.OK, value=10.0), MachineFinding("kind", "ssd")]
)
BAD = MachineSection(
    "Tracking",
    [
        MachineFinding("store", "gone", Mark.MISSING, "start it"),
        MachineFinding("speed", "slow " * 30, Mark.WARN, "wait " * 30, 0.5),
    ],
)


def test_each_finding_is_a_line_with_its_mark() -> None:
    """Names are aligned; what is not judged has no mark."""
    assert render([FINE]).splitlines() == [
        "Disk",
        "  ok       free  10 MiB",
        "           kind  ssd",
        "",
        "Nothing here disturbs measurements.",
    ]


def test_what_to_do_stands_beneath() -> None:
    """Behind an arrow."""
    lines = render([BAD]).splitlines()
    assert lines[1:3] == ["  missing  store  gone", "                  -> start it"]


def test_no_line_is_longer_than_100_characters() -> None:
    """Long texts and long advice are broken."""
    assert max(map(len, render([BAD]).splitlines())) <= 100


def test_the_summary_counts() -> None:
    """Warnings and what is missing."""
    assert summary([FINE, BAD]) == "1 warning and 1 missing."
    assert summary([MachineSection("", [MachineFinding("a", "", Mark.WARN)] * 2)]) == "2 warnings."


def test_what_is_missing_is_named() -> None:
    """For the error at the end."""
    assert missing([FINE, BAD]) == ["store: gone"]


def test_json_has_all_of_it() -> None:
    """The bare value beside the text, and null for no advice."""
    found = json.loads(to_json([FINE, BAD]))
    assert (found["ok"], found["missing"]) == (False, ["store: gone"])
    assert found["sections"]["Disk"]["free"] == {
        "mark": "ok",
        "text": "10 MiB",
        "value": 10.0,
        "advice": None,
    }
    assert found["sections"]["Tracking"]["store"]["advice"] == "start it"
