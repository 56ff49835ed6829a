"""Instances, their statistics, and the lint's findings in them, as text and as rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bench.instances.files import file_format
from bench.instances.labels import family
from bench.model.instances.finding import LintFinding, Severity
from bench.model.instances.instance import Instance
from bench.model.instances.reference import Reference
from bench.model.results.solver_output import SolverOutput
from bench.report.terminal.table import render, render_fitting, shortened

MISSING = "-"
COUNTS = ("n_vars", "n_bins", "n_ints", "n_conts", "n_conss", "n_nonzeros", "n_equalities")
WIDTH = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceEntry:
    """An instance with its known facts; None for unknown ones."""

    instance: Instance
    reference: Reference | None
    n_rows: int | None
    n_columns: int | None
    expected_s: float | None


def instances_table(entries: Sequence[InstanceEntry]) -> str:
    """Return one row per instance: family, size, expected seconds, and the known value."""
    rows = []
    for one in entries:
        known = one.reference
        value = MISSING if known is None or known.value is None else f"{known.value:.12g}"
        rows.append(
            [
                one.instance.label,
                family(one.instance.name) if one.instance.defect is None else "unusable",
                _count(one.n_rows),
                _count(one.n_columns),
                MISSING if one.expected_s is None else f"{one.expected_s:.3g}",
                known.known.value if known else MISSING,
                value,
            ]
        )
    return render_fitting(
        ("instance", "family", "rows", "columns", "expected (s)", "known", "value"),
        rows,
        left=2,
        dispensable=("known", "family", "value"),
    )


def instance_object(one: InstanceEntry) -> dict[str, Any]:
    """Return an instance ready for JSON."""
    instance, reference = one.instance, one.reference
    return {
        "instance": instance.name,
        "path": str(instance.path),
        "format": file_format(instance.path),
        "family": family(instance.name),
        "sha256": instance.digest or None,
        "n_conss": one.n_rows,
        "n_vars": one.n_columns,
        "expected_s": one.expected_s,
        "known": None if reference is None else reference.known.value,
        "value": None if reference is None else reference.value,
        "error": instance.defect,
    }


def _count(number: int | None) -> str:
    return MISSING if number is None else str(number)


def statistics_table(rows: Sequence[tuple[Instance, SolverOutput]]) -> str:
    """Return one row per instance: counts before presolve and its largest constraint classes."""
    return render(
        ("instance", *(name.removeprefix("n_") for name in COUNTS), "classes"),
        [_cells(instance, answer) for instance, answer in rows],
    )


def statistics_row(instance: Instance, answer: SolverOutput) -> dict[str, Any]:
    """Return all problem statistics of one instance, ready for JSON."""
    row: dict[str, Any] = {
        "instance": instance.name,
        "path": str(instance.path),
        "sha256": instance.digest or None,
        "error": answer.error,
        "reader_warnings": list(answer.reader_warnings),
    }
    problem = answer.problem
    if problem is not None:
        shares = {f"share_{name}": share for name, share in problem.shares.items()}
        row |= asdict(problem) | shares | {"density": problem.density}
    return row


def _cells(instance: Instance, answer: SolverOutput) -> list[str]:
    problem = answer.problem
    counts = [getattr(problem, name, None) for name in COUNTS]
    classes = sorted(problem.classes.items(), key=lambda item: -item[1]) if problem else []
    top = " ".join(f"{name}:{n}" for name, n in classes[:2] if n)
    return [
        shortened(instance.label, WIDTH),
        *(MISSING if count is None else str(count) for count in counts),
        top or ("unreadable" if problem is None else MISSING),
    ]


Linted = tuple[Path, Sequence[LintFinding]]
"""A file and its findings."""


def lint_text(linted: Sequence[Linted]) -> str:
    """Return one line per finding, file by file, and last the counts of files and findings."""
    lines = [_finding_line(path, finding) for path, findings in linted for finding in findings]
    counts = Counter(finding.severity for _, findings in linted for finding in findings)
    numbers = (
        _number(len(linted), "file"),
        _number(counts[Severity.ERROR], "error"),
        _number(counts[Severity.WARNING], "warning"),
    )
    return "\n".join([*lines, ", ".join(numbers)])


def lint_rows(linted: Sequence[Linted]) -> list[dict[str, Any]]:
    """Return one object per file, ready for JSON."""
    return [
        {
            "path": str(path),
            "errors": sum(one.severity is Severity.ERROR for one in findings),
            "warnings": sum(one.severity is Severity.WARNING for one in findings),
            "findings": [asdict(one) for one in findings],
        }
        for path, findings in linted
    ]


def _finding_line(path: Path, finding: LintFinding) -> str:
    place = path if finding.line is None else f"{path}:{finding.line}"
    rule = f" [{finding.rule}]" if finding.rule else ""
    solver = f" for {finding.misread_by}" if finding.misread_by else ""
    return f"{place}: {finding.severity.value}{solver}: {finding.message}{rule}"


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
