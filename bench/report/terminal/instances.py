"""Instances and their statistics as tables and rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from bench.model.answer import Answer
from bench.model.instance import Instance
from bench.model.reference import Reference
from bench.report.terminal.table import render, shortened

MISSING = "-"
COUNTS = ("n_vars", "n_bins", "n_ints", "n_conts", "n_conss", "n_nonzeros", "n_equalities")
WIDTH = 30


def instances_table(found: Sequence[Instance], references: Mapping[str, Reference]) -> str:
    """Return one row an instance: name, digest, and what is known of it."""
    rows = []
    for instance in found:
        known = references.get(instance.name)
        value = MISSING if known is None or known.value is None else f"{known.value:.12g}"
        word = known.known.value if known else MISSING
        digest = instance.digest[:12] or "unusable"
        rows.append([shortened(instance.name, WIDTH), digest, word, value])
    return render(("instance", "sha256", "known", "value"), rows, left=3)


def statistics_table(rows: Sequence[tuple[Instance, Answer]]) -> str:
    """Return one row an instance: counts before presolve and its largest constraint classes."""
    return render(
        ("instance", *(name.removeprefix("n_") for name in COUNTS), "classes"),
        [_cells(instance, answer) for instance, answer in rows],
    )


def statistics_row(instance: Instance, answer: Answer) -> dict[str, Any]:
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


def _cells(instance: Instance, answer: Answer) -> list[str]:
    problem = answer.problem
    counts = [getattr(problem, name, None) for name in COUNTS]
    classes = sorted(problem.classes.items(), key=lambda item: -item[1]) if problem else []
    top = " ".join(f"{name}:{n}" for name, n in classes[:2] if n)
    return [
        shortened(instance.name, WIDTH),
        *(MISSING if count is None else str(count) for count in counts),
        top or ("unreadable" if problem is None else MISSING),
    ]
