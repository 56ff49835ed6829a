"""The page's rows of instances: problem statistics, reference, and how many solved them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from bench.model.problem import ProblemStatistics
from bench.model.result import Result
from bench.report.comparison_tables import Cells
from bench.report.page.cells import MISSING, count, known, number, percent

HEADER = (
    *("instance", "columns", "binary", "integer", "continuous", "rows", "non-zeros", "density"),
    *("constraint classes", "reference", "value", "solved"),
)
COUNTS = ("n_vars", "n_bins", "n_ints", "n_conts", "n_conss", "n_nonzeros")
SOLVED = ("solved", "solved_unverified")
N_CLASSES = 3


def instance_rows(table: pd.DataFrame, results: Sequence[Result]) -> tuple[Cells, ...]:
    """Return a row an instance, by name; classes of constraints are known from journals alone."""
    problems = {
        result.task.instance.name: result.answer.problem
        for result in results
        if result.answer.problem is not None
    }
    first = table.groupby("instance", sort=True, observed=True).first()
    solved = table["verdict"].isin(SOLVED).groupby(table["instance"]).agg(["sum", "size"])
    rows = []
    for name, values in zip(first.index, first.to_dict("records"), strict=True):
        done = f"{int(solved['sum'][name])} of {int(solved['size'][name])}"
        rows.append((*_cells(str(name), values, problems.get(str(name))), done))
    return tuple(rows)


def _cells(
    name: str, values: Mapping[Any, Any], problem: ProblemStatistics | None
) -> tuple[str, ...]:
    sizes = [values.get(each) for each in ("n_nonzeros", "n_vars", "n_conss")]
    n_nonzeros, n_vars, n_rows = (float(each) if known(each) else math.nan for each in sizes)  # type: ignore[arg-type]
    density = n_nonzeros / (n_vars * n_rows) if n_vars and n_rows else None
    return (
        name,
        *(count(values.get(each)) for each in COUNTS),
        percent(density),
        _classes(problem),
        values["reference"] if known(values.get("reference")) else MISSING,
        number(values.get("reference_value"), 8),
    )


def _classes(problem: ProblemStatistics | None) -> str:
    known_classes = sorted(problem.classes.items(), key=lambda each: -each[1]) if problem else []
    return ", ".join(f"{n} {name}" for name, n in known_classes[:N_CLASSES] if n) or MISSING
