"""The abilities of this machine, for people and for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from textwrap import wrap

from bench.report.machine_findings import MachineFinding, MachineSection, Mark
from bench.report.terminal.table import text_width

_INDENT = "  "


def render(sections: Sequence[MachineSection]) -> str:
    """Return a line per finding, with the next step below each problem, and a summary."""
    width = max((len(f.name) for section in sections for f in section.findings), default=0)
    lines: list[str] = []
    for section in sections:
        lines += [section.title, *(line for f in section.findings for line in _lines(f, width)), ""]
    return "\n".join([*lines, summary(sections)])


def summary(sections: Iterable[MachineSection]) -> str:
    """Return the last line: the number of problems, and of missing parts."""
    marks = [finding.mark for section in sections for finding in section.findings]
    n_warnings, n_missing = marks.count(Mark.WARN), marks.count(Mark.MISSING)
    if not n_warnings and not n_missing:
        return "Nothing here disturbs measurements."
    parts = [f"{n_warnings} warning{'' if n_warnings == 1 else 's'}"] if n_warnings else []
    parts += [f"{n_missing} missing"] if n_missing else []
    return " and ".join(parts) + "."


def missing(sections: Iterable[MachineSection]) -> list[str]:
    """Return name and text of each finding without which bench cannot work."""
    found = (finding for section in sections for finding in section.findings)
    return [f"{one.name}: {one.text}" for one in found if one.mark is Mark.MISSING]


def to_json(sections: Sequence[MachineSection]) -> str:
    """Return one JSON object: whether everything needed is there, and each section's findings.

    ``value`` is the bare number or word in the text, null if there is none.
    """
    return json.dumps(
        {
            "ok": not missing(sections),
            "missing": missing(sections),
            "sections": {
                section.title: {
                    finding.name: {
                        "mark": finding.mark,
                        "text": finding.text,
                        "value": finding.value,
                        "advice": finding.advice or None,
                    }
                    for finding in section.findings
                }
                for section in sections
            },
        },
        indent=2,
    )


def _lines(finding: MachineFinding, width: int) -> list[str]:
    sign = "" if finding.mark is Mark.NOTE else finding.mark.value
    head = f"{_INDENT}{sign:<7}  {finding.name:<{width}}  "
    lines = wrap(head + finding.text, text_width(), subsequent_indent=" " * len(head)) or [head]
    if finding.advice:
        margin = " " * len(head)
        lines += wrap(
            finding.advice,
            text_width(),
            initial_indent=margin + "-> ",
            subsequent_indent=margin + "   ",
        )
    return lines
