"""The findings of a check: changed verdicts as a table, as JSON, and on a run in MLflow."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bench.journal import provenance
from bench.model.results.result import Result
from bench.model.results.verdict import Verdict
from bench.report.terminal.table import render, shortened, text_width
from bench.tracking.records.record import Record, outcome_record
from bench.verification.withhold import withhold_texts

HEADER = ("instance", "setting", "seed", "was", "is")
NAME_WIDTH = 26
INDENT = "    "
SHOWN = 20
"""The number of contradictions that are printed one by one."""
KIND = "check"
CHANGES = "changes.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictChange:
    """A result whose verdict has changed; ``result`` has the present verdict."""

    campaign: str
    result: Result
    before: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradiction:
    """A result of a campaign that contradicts another result of its instance."""

    campaign: str
    result: Result


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """All results with their present verdicts, the changes, and contradictions."""

    results: Sequence[Result]
    changes: Sequence[VerdictChange]
    contradictions: Sequence[Contradiction] = ()

    @property
    def verdicts(self) -> dict[str, int]:
        """The number of results with each verdict, sorted by name."""
        return dict(sorted(Counter(one.verdict.category.value for one in self.results).items()))

    @property
    def sentence(self) -> str:
        """How many results were judged, how, and how many of the verdicts are new."""
        counts = ", ".join(f"{n} {name}" for name, n in self.verdicts.items())
        how = f" ({counts})" if counts else ""
        judged = f"{len(self.results)} result{'' if len(self.results) == 1 else 's'} judged"
        changed = f"{len(self.changes)} verdict{'' if len(self.changes) == 1 else 's'} changed"
        return f"{judged}{how}, {changed}"


def merge_checks(parts: Sequence[CheckResult]) -> CheckResult:
    """Return the findings of several checks as one."""
    return CheckResult(
        results=[result for part in parts for result in part.results],
        changes=[change for part in parts for change in part.changes],
        contradictions=[one for part in parts for one in part.contradictions],
    )


def checked_object(checked: CheckResult) -> dict[str, Any]:
    """Return the findings of a check, ready for JSON."""
    return {
        "checked": len(checked.results),
        "verdicts": checked.verdicts,
        "changed": [change_object(change) for change in checked.changes],
        "contradictions": [
            _place(one.campaign, one.result) | {"reason": one.result.verdict.reason}
            for one in checked.contradictions
        ],
    }


def without_texts(checked: CheckResult) -> CheckResult:
    """Return the findings of a check without texts that may quote names of rows and columns."""
    return replace(
        checked,
        changes=[replace(one, result=withhold_texts(one.result)) for one in checked.changes],
        contradictions=[
            replace(one, result=withhold_texts(one.result)) for one in checked.contradictions
        ],
    )


def check_record(
    checked: CheckResult, names: Sequence[str], files: tuple[Path, ...], now_ms: int
) -> Record:
    """Return the record of a check's run; ``names`` are the sweeps, ``files`` has all changes."""
    numbers = {"n_checked": len(checked.results), "n_changed": len(checked.changes)}
    return outcome_record(
        KIND,
        "check",
        metrics=numbers | {f"verdict/{name}": n for name, n in checked.verdicts.items()},
        tags={"bench.source": ", ".join(names)},
        description=checked.sentence,
        artifacts=files,
        now_ms=now_ms,
        provenance=provenance.collect(),
    )


def changes_table(changes: Sequence[VerdictChange]) -> str:
    """Return one row per change, with the reason below it."""
    rows = [
        (
            shortened(change.result.task.instance.label, NAME_WIDTH),
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


def change_object(change: VerdictChange) -> dict[str, Any]:
    """Return a change ready for JSON."""
    now = change.result.verdict
    return _place(change.campaign, change.result) | {
        "was": {"verdict": change.before.category, "kind": change.before.kind},
        "is": {"verdict": now.category, "kind": now.kind},
        "reason": now.reason,
    }


def contradictions_text(found: Sequence[Contradiction]) -> str:
    """Return the contradictory results, one per line with the reason below it."""
    lines = [f"{len(found)} results are contradicted by others of the same instance:"]
    for one in found[:SHOWN]:
        task = one.result.task
        who = f"{task.setting.name} ({task.setting.solver}, seed {task.seed})"
        lines += [
            f"{task.instance.name}: {who} in {one.campaign}",
            _indented(one.result.verdict.reason),
        ]
    if len(found) > SHOWN:
        lines.append(f"... and {len(found) - SHOWN} more; --json lists all")
    return "\n".join(lines)


def _place(campaign: str, result: Result) -> dict[str, Any]:
    task = result.task
    return {
        "campaign": campaign,
        "instance": task.instance.label,
        "setting": task.setting.name,
        "solver": task.setting.solver,
        "seed": task.seed,
        "permutation": task.permutation,
        "key": task.key,
    }


def _indented(reason: str) -> str:
    return textwrap.fill(reason, text_width(), initial_indent=INDENT, subsequent_indent=INDENT)


def _word(verdict: Verdict) -> str:
    return f"{verdict.category} ({verdict.kind})" if verdict.kind else verdict.category.value
