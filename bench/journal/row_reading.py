"""Rows read back: results from a table, as far as judging and counting them needs."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.errors import TrackingError
from bench.journal.table import COLUMNS, KNOB, verdict_columns
from bench.journal.verification_fields import NOT_ASKED
from bench.model.answer import Answer
from bench.model.execution import Execution, Termination
from bench.model.instance import Instance
from bench.model.limits import Clock, Limits
from bench.model.problem import ProblemStatistics, Sense
from bench.model.reference import Known, Reference
from bench.model.result import Result
from bench.model.setting import Setting
from bench.model.task import Task
from bench.model.verdict import Category, Kind, Verdict
from bench.model.verification import Level, Quantity, Verification, Violation

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pandas as pd

    Row = Mapping[str, Any]

_ANSWERED = (
    *("status", "error", "primal_bound", "dual_bound", "gap"),
    *("n_nodes", "n_lp_iterations", "n_solutions"),
    *("read_time_s", "presolve_time_s", "solve_time_s", "solve_wall_s", "solve_cpu_s"),
    *("deterministic_time", "primal_dual_integral"),
    *("first_incumbent_time_s", "first_primal_bound"),
)
_SIZES = ("n_vars", "n_bins", "n_ints", "n_conts", "n_conss", "n_nonzeros")


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedTask(Task):
    """A task as a table has it, with the key that it had when it was executed."""

    recorded_key: str

    @property
    def key(self) -> str:
        """The content hash, which was worked out from more than a row tells."""
        return self.recorded_key


def results_of(table: pd.DataFrame) -> list[Result]:
    """Return the results of a table written by `bench.journal.table`, in its order.

    Traces, samples, files and the solver's own parameters are not in it. TrackingError where it is
    no such table, or one of an earlier version that would be misjudged: without the direction of
    the objective a right answer may look wrong.
    """
    missing = [name for name in COLUMNS if name not in table]
    if missing:
        raise TrackingError(
            f"its table of results has no column {missing[0]!r}, perhaps from an earlier version "
            "of bench; check it where its journal is"
        )
    rows = table.astype("object").where(table.notna(), None).to_dict("records")
    try:
        return [_result({str(name): value for name, value in row.items()}) for row in rows]
    except (ValueError, TypeError) as error:
        raise TrackingError(f"its table of results cannot be read back: {error}") from error


def with_verdicts(table: pd.DataFrame, results: Iterable[Result]) -> pd.DataFrame:
    """Return the table with the verdicts and references of results, which are in its order."""
    import pandas as pd  # noqa: PLC0415 - takes 0.5 s

    rows = [verdict_columns(result) for result in results]
    names = [name for name in COLUMNS if name in rows[0]] if rows else []
    types = {name: COLUMNS[name] for name in names}
    judged = pd.DataFrame(rows, columns=names, dtype="object", index=table.index).astype(types)
    return table.assign(**{name: judged[name] for name in names})


def _result(row: Row) -> Result:
    return Result(
        task=_task(row),
        answer=Answer(problem=_problem(row), **{name: row[name] for name in _ANSWERED}),
        execution=_execution(row),
        verdict=Verdict(
            Category(row["verdict"]),
            row["verdict_reason"] or "",
            Kind(row["verdict_kind"]) if row["verdict_kind"] else None,
            scip_check=row["scip_check_status"] or "",
            ipet=row["ipet_status"] or "",
        ),
        folder=Path(),
        reference=_reference(row),
        verification=_verification(row),
    )


def _task(row: Row) -> RecordedTask:
    name = row["instance"]
    knobs = {column.removeprefix(KNOB): row[column] for column in row if column.startswith(KNOB)}
    return RecordedTask(
        instance=Instance(name=name, path=Path(name), digest=row["instance_sha256"] or ""),
        setting=Setting(
            name=row["setting"] or "",
            solver=row["solver"] or "",
            params=json.loads(row["params"] or "{}"),
            knobs={name: value for name, value in knobs.items() if value is not None},
        ),
        solver_version=row["solver_version"] or "",
        seed=row["seed"] or 0,
        permutation=row["permutation"] or 0,
        limits=Limits(
            time_s=row["time_limit_s"],
            memory_mib=row["memory_limit_mib"],
            nodes=row["node_limit"],
            gap=row["gap_limit"],
            clock=Clock(row["clock"]),
        ),
        recorded_key=row["key"],
    )


def _execution(row: Row) -> Execution:
    return Execution(
        termination=Termination(row["termination"]),
        evidence=row["evidence"] or "",
        started_at=row["started_at"] or 0.0,
        wall_s=_or_nan(row["wall_s"]),
        cpu_s=row["cpu_s"],
        peak_mib=row["peak_mib"],
        signal=row["signal"],
        n_involuntary_switches=row["n_involuntary_switches"],
        noise=(row["noise"],) if row["noise"] else (),
    )


def _problem(row: Row) -> ProblemStatistics | None:
    if row["sense"] is None:
        return None
    return ProblemStatistics(
        **{name: row[name] for name in _SIZES},
        n_equalities=None,
        n_bins_declared=row["n_bins"],
        n_ints_declared=row["n_ints"],
        sense=Sense(row["sense"]),
        objective_offset=row["objective_offset"] or 0.0,
    )


def _reference(row: Row) -> Reference | None:
    if row["reference"] is None:
        return None
    return Reference(Known(row["reference"]), row["reference_value"], row["reference_dual_value"])


def _verification(row: Row) -> Verification | None:
    level, skipped = row["verification_level"], row["verification_skipped"]
    if level is None:
        told = skipped not in {None, NOT_ASKED}
        return Verification(level=Level.NONE, skipped=skipped) if told else None
    return Verification(
        level=Level(level),
        violations=tuple(one for each in Quantity if (one := _violation(row, each))),
        reader=row["verification_reader"] or "",
        independent=bool(row["verification_independent"]),
        exact=bool(row["verification_exact"]),
    )


def _violation(row: Row, quantity: Quantity) -> Violation | None:
    absolute, relative, where, where_absolute = (
        row[f"violation_{quantity}_{name}"] for name in ("abs", "rel", "where", "where_abs")
    )
    if absolute is None and relative is None and where is None:
        return None
    return Violation(
        quantity, _or_nan(absolute), _or_nan(relative), where or "", where_absolute or ""
    )


def _or_nan(value: float | None) -> float:
    return math.nan if value is None else value
