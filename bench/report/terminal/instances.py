"""Instances, their statistics, and what the lint found in them, as text and as rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench.instances.references import References
from bench.model.finding import LintFinding, Severity
from bench.model.instance import Instance
from bench.model.solver_output import SolverOutput
from bench.report.terminal.table import render, shortened

MISSING = "-"
COUNTS = ("n_vars", "n_bins", "n_ints", "n_conts", "n_conss", "n_nonzeros", "n_equalities")
WIDTH = 30


def instances_table(found: Sequence[Instance], references: References) -> str:
    """Return one row an instance: name, digest, and what is known of it."""
    rows = []
    for instance in found:
        known = references.of(instance)
        value = MISSING if known is None or known.value is None else f"{known.value:.12g}"
        word = known.known.value if known else MISSING
        digest = instance.digest[:12] or "unusable"
        rows.append([shortened(instance.label, WIDTH), digest, word, value])
    return render(("instance", "sha256", "known", "value"), rows, left=3)


def statistics_table(rows: Sequence[tuple[Instance, SolverOutput]]) -> str:
    """Return one row an instance: counts before presolve and its largest constraint classes."""
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
"""A file and what was found in it."""


def lint_text(linted: Sequence[Linted]) -> str:
    """Return one line a finding, file after file, and last how many files, errors and warnings."""
    lines = [_finding_line(path, finding) for path, findings in linted for finding in findings]
    counts = Counter(finding.severity for _, findings in linted for finding in findings)
    numbers = (
        _number(len(linted), "file"),
        _number(counts[Severity.ERROR], "error"),
        _number(counts[Severity.WARNING], "warning"),
    )
    return "\n".join([*lines, ", ".join(numbers)])


def lint_rows(linted: Sequence[Linted]) -> list[dict[str, Any]]:
    """Return one object a file, ready for JSON."""
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
