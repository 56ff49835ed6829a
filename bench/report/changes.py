"""Changed verdicts as a table and as JSON."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bench.model.result import Result
from bench.model.verdict import Verdict
from bench.report.table import render, shortened

HEADER = ("instance", "setting", "seed", "was", "is")
NAME_WIDTH = 26
WIDTH = 100
INDENT = "    "


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A result that is judged differently now; ``result`` has the verdict that holds."""

    campaign: str
    result: Result
    before: Verdict


def changes_table(changes: Sequence[Change]) -> str:
    """Return one row a change, and beneath it the reason."""
    rows = [
        (
            shortened(change.result.task.instance.name, NAME_WIDTH),
            shortened(change.result.task.setting.name, NAME_WIDTH),
            str(change.result.task.seed),
            _word(change.before),
            _word(change.result.verdict),
        )
        for change in changes
    ]
    head, rule, *lines = render(HEADER, rows, left=len(HEADER)).splitlines()
    told = [
        part
        for line, change in zip(lines, changes, strict=True)
        for part in (line, _indented(change.result.verdict.reason))
    ]
    return "\n".join([head, rule, *told])


def change_object(change: Change) -> dict[str, Any]:
    """Return a change ready for JSON."""
    task, now = change.result.task, change.result.verdict
    return {
        "campaign": change.campaign,
        "instance": task.instance.name,
        "setting": task.setting.name,
        "solver": task.setting.solver,
        "seed": task.seed,
        "permutation": task.permutation,
        "key": task.key,
        "was": {"verdict": change.before.category, "kind": change.before.kind},
        "is": {"verdict": now.category, "kind": now.kind},
        "reason": now.reason,
    }


def _indented(reason: str) -> str:
    return textwrap.fill(reason, WIDTH, initial_indent=INDENT, subsequent_indent=INDENT)


def _word(verdict: Verdict) -> str:
    return f"{verdict.category} ({verdict.kind})" if verdict.kind else verdict.category.value
