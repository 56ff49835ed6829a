"""The table of results: one row each, with the same columns everywhere (Parquet and ``--json``)."""

from __future__ import annotations

import json
import os
from types import MappingProxyType
from typing import TYPE_CHECKING

from bench.errors import TrackingError
from bench.journal import verification_fields
from bench.model.instance import lint_text
from bench.store.truncation import number

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    import pandas as pd

    from bench.model.answer import Answer
    from bench.model.execution import Execution
    from bench.model.problem import ProblemStatistics
    from bench.model.result import Result
    from bench.model.task import Task

Value = str | int | float | bool | None

if TYPE_CHECKING:
    Also = Callable[[Result], Mapping[str, Value]]

TABLE = "results.parquet"
"""The name of the table among a run's artifacts."""
KNOB = "knob/"
COLUMNS = {
    **dict.fromkeys(
        ("instance", "instance_sha256", "setting", "solver", "solver_version"), "string"
    ),
    **dict.fromkeys(("seed", "permutation"), "Int64"),
    **dict.fromkeys(("key", "status", "termination"), "string"),
    **dict.fromkeys(("verdict", "verdict_kind", "verdict_reason"), "string"),
    **dict.fromkeys(("scip_check_status", "ipet_status", "reference"), "string"),
    **dict.fromkeys(("reference_value", "reference_dual_value"), "float64"),
    **dict.fromkeys(("primal_bound", "dual_bound", "gap"), "float64"),
    **dict.fromkeys(("n_nodes", "n_lp_iterations", "n_solutions"), "Int64"),
    **dict.fromkeys(
        (
            *("read_time_s", "presolve_time_s", "solve_time_s", "solve_wall_s", "solve_cpu_s"),
            *("deterministic_time", "primal_dual_integral", "first_incumbent_time_s"),
            *("first_primal_bound", "started_at", "wall_s", "cpu_s", "peak_mib"),
        ),
        "float64",
    ),
    "n_involuntary_switches": "Int64",
    **dict.fromkeys(("signal", "evidence", "noise"), "string"),
    **verification_fields.COLUMNS,
    **dict.fromkeys(("n_vars", "n_bins", "n_ints", "n_conts", "n_conss", "n_nonzeros"), "Int64"),
    "sense": "string",
    "objective_offset": "float64",
    **dict.fromkeys(("time_limit_s", "memory_limit_mib"), "float64"),
    "node_limit": "Int64",
    "gap_limit": "float64",
    "clock": "string",
    **dict.fromkeys(("primal_integral", "dual_integral"), "float64"),
    **dict.fromkeys(("machine", "error", "lint", "params"), "string"),
}
"""The columns of every table with their types; ``knob/<name>`` columns (floats) follow them."""


def row(result: Result, also: Mapping[str, Value] = MappingProxyType({})) -> dict[str, Value]:
    """Return the row of a result; None where something is missing or not finite.

    ``also`` fills columns that the result itself does not know: ``machine`` (host and processor),
    ``primal_integral`` and ``dual_integral`` (in seconds).
    """
    columns: dict[str, Value] = {
        **_task_columns(result.task),
        "status": result.answer.status,
        "termination": result.execution.termination.value,
        **verdict_columns(result),
        **_answer_columns(result.answer),
        **_execution_columns(result.execution),
        **verification_fields.verification_columns(result.verification),
        **_problem_columns(result.answer.problem),
        **_limit_columns(result.task),
        **dict.fromkeys(("primal_integral", "dual_integral", "machine")),
        "error": result.error,
        "lint": lint_text(result.task.instance),
        "params": json.dumps(_without_infinite(result.task.setting.params), sort_keys=True),
        **{f"{KNOB}{name}": number(v) for name, v in sorted(result.task.setting.knobs.items())},
    }
    return columns | dict(also)


def frame(results: Iterable[Result], also: Also = lambda _: {}) -> pd.DataFrame:
    """Return the rows as a DataFrame with fixed types: text, nullable whole numbers, floats."""
    import pandas as pd  # noqa: PLC0415 - takes 0.5 s

    rows = [row(result, also(result)) for result in results]
    knobs = sorted({name for each in rows for name in each} - COLUMNS.keys())
    types = COLUMNS | dict.fromkeys(knobs, "float64")
    return pd.DataFrame(rows, columns=list(types), dtype="object").astype(types)


def write_parquet(results: Iterable[Result], path: Path, also: Also = lambda _: {}) -> None:
    """Write the table of results, all or nothing; TrackingError if it cannot be written."""
    write_frame(frame(results, also), path)


def write_frame(table: pd.DataFrame, path: Path) -> None:
    """Write a table as it is, all or nothing; TrackingError if it cannot be written."""
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        table.to_parquet(partial, index=False)
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise TrackingError(f"cannot write {path}: {error.strerror or error}") from error


def read_parquet(path: Path) -> pd.DataFrame:
    """Return a table written by `write_parquet`; TrackingError if it cannot be read."""
    import pandas as pd  # noqa: PLC0415 - see frame
    import pyarrow as pa  # noqa: PLC0415 - see frame

    try:
        return pd.read_parquet(path)
    except (OSError, pa.ArrowException) as error:
        reason = str(error).splitlines()[0]
        raise TrackingError(f"cannot read {path}: {reason}") from error


def _task_columns(task: Task) -> dict[str, Value]:
    return {
        "instance": task.instance.name,
        "instance_sha256": task.instance.digest,
        "setting": task.setting.name,
        "solver": task.setting.solver,
        "solver_version": task.solver_version,
        "seed": task.seed,
        "permutation": task.permutation,
        "key": task.key,
    }


def verdict_columns(result: Result) -> dict[str, Value]:
    """Return the columns of a row that another verdict or reference changes."""
    verdict, reference = result.verdict, result.reference
    return {
        "verdict": verdict.category.value,
        "verdict_kind": verdict.kind.value if verdict.kind else None,
        "verdict_reason": verdict.reason,
        "scip_check_status": verdict.scip_check or None,
        "ipet_status": verdict.ipet or None,
        "reference": reference.known.value if reference else None,
        "reference_value": number(reference.value) if reference else None,
        "reference_dual_value": number(reference.dual_value) if reference else None,
    }


def _answer_columns(answer: Answer) -> dict[str, Value]:
    return {
        "primal_bound": number(answer.primal_bound),
        "dual_bound": number(answer.dual_bound),
        "gap": number(answer.gap),
        "n_nodes": answer.n_nodes,
        "n_lp_iterations": answer.n_lp_iterations,
        "n_solutions": answer.n_solutions,
        "read_time_s": number(answer.read_time_s),
        "presolve_time_s": number(answer.presolve_time_s),
        "solve_time_s": number(answer.solve_time_s),
        "solve_wall_s": number(answer.solve_wall_s),
        "solve_cpu_s": number(answer.solve_cpu_s),
        "deterministic_time": number(answer.deterministic_time),
        "primal_dual_integral": number(answer.primal_dual_integral),
        "first_incumbent_time_s": number(answer.first_incumbent_time_s),
        "first_primal_bound": number(answer.first_primal_bound),
    }


def _execution_columns(execution: Execution) -> dict[str, Value]:
    return {
        "started_at": execution.started_at,
        "wall_s": number(execution.wall_s),
        "cpu_s": number(execution.cpu_s),
        "peak_mib": number(execution.peak_mib),
        "n_involuntary_switches": execution.n_involuntary_switches,
        "signal": execution.signal,
        "evidence": execution.evidence,
        "noise": "; ".join(execution.noise),
    }


def _problem_columns(problem: ProblemStatistics | None) -> dict[str, Value]:
    names = ("n_vars", "n_bins", "n_ints", "n_conts", "n_conss", "n_nonzeros")
    return {
        **{name: getattr(problem, name, None) for name in names},
        "sense": problem.sense.value if problem else None,
        "objective_offset": number(problem.objective_offset) if problem else None,
    }


def _limit_columns(task: Task) -> dict[str, Value]:
    limits = task.limits
    return {
        "time_limit_s": number(limits.time_s),
        "memory_limit_mib": number(limits.memory_mib),
        "node_limit": limits.nodes,
        "gap_limit": number(limits.gap),
        "clock": limits.clock.value,
    }


def _without_infinite(params: Mapping[str, Value]) -> dict[str, Value]:
    return {
        name: str(value) if isinstance(value, float) and number(value) is None else value
        for name, value in params.items()
    }
