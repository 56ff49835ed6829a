"""Bodies of requests: strict JSON becomes requests to solve; anything else is a UsageError."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from bench.app.solve import SolveRequest
from bench.errors import UsageError
from bench.serving.invocations import (
    checked_gap,
    checked_start,
    checked_time_limit,
    refuse_unknown,
    solve_requests,
)
from bench.serving.problem_text import write_problem

FIELDS = ("model", "path", "time_limit", "gap", "start")
TABLES = ("dataframe_split", "dataframe_records", "inputs", "instances")
"""The formats of rows in MLflow's protocol."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyLimits:
    """The limits of a body: the timeout in seconds, the size in MiB, paths below ``root``."""

    timeout: float
    max_mib: float
    root: Path | None = None


def parse(body: bytes) -> dict[str, Any]:
    """Return the strict JSON object in a body: no NaN, no repeated name."""
    try:
        found = json.loads(body, parse_constant=_no_constant, object_pairs_hook=_unique)
    except RecursionError:
        raise UsageError("the body is nested too deeply") from None
    except ValueError as error:
        raise UsageError(f"the body is not JSON: {error}") from None
    if not isinstance(found, dict):
        raise UsageError(f"the body must be a JSON object with the fields {', '.join(FIELDS)}")
    return found


def solve_request(found: Mapping[str, Any], limits: BodyLimits, folder: Path) -> SolveRequest:
    """Return the request in a body of ``/solve``; a problem in it is written to the folder."""
    refuse_unknown(found, FIELDS, "field")
    text, path = found.get("model"), found.get("path")
    if (text is None) == (path is None):
        raise UsageError("expected either model (a problem as text) or path (a file)")
    for name, value in (("model", text), ("path", path)):
        if not isinstance(value, str | None):
            raise UsageError(f"{name}: expected a text")
    time_limit = checked_time_limit(found.get("time_limit"), limits.timeout)
    gap, start = checked_gap(found.get("gap")), checked_start(found.get("start"))
    file = (
        write_problem(text, folder, limits.max_mib)
        if text is not None
        else _below(limits.root, str(path))
    )
    return SolveRequest(path=file, time_limit=time_limit, gap=gap, start=start)


def invocation_requests(
    found: Mapping[str, Any], limits: BodyLimits, folder: Path
) -> list[SolveRequest]:
    """Return the requests in a body of MLflow's ``/invocations``, one for each row."""
    refuse_unknown(found, (*TABLES, "params"), "field")
    given = [name for name in TABLES if name in found]
    if len(given) != 1:
        raise UsageError(f"expected one of {', '.join(TABLES)}")
    params = found.get("params") or {}
    if not isinstance(params, dict):
        raise UsageError('params: expected an object, e.g. {"time_limit": 10}')
    return solve_requests(
        _rows(given[0], found[given[0]]),
        params,
        timeout=limits.timeout,
        folder=folder,
        max_mib=limits.max_mib,
    )


def _rows(form: str, table: Any) -> Sequence[Mapping[str, Any]]:
    """Return the rows of a table in one of MLflow's formats."""
    if form == "dataframe_split":
        return _split(table)
    if form == "inputs" and isinstance(table, dict):
        columns = {name: each if isinstance(each, list) else [each] for name, each in table.items()}
        if len({len(each) for each in columns.values()}) > 1:
            raise UsageError("inputs: all columns must have the same length")
        return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    if not isinstance(table, list) or not all(isinstance(row, dict) for row in table):
        raise UsageError(f'{form}: expected a list of rows, e.g. [{{"model": "..."}}]')
    return table


def _split(table: Any) -> Sequence[Mapping[str, Any]]:
    refusal = 'dataframe_split: expected {"columns": ["model"], "data": [["..."]]}'
    if not isinstance(table, dict):
        raise UsageError(refusal)
    refuse_unknown(table, ("columns", "data", "index"), "field of dataframe_split")
    columns, data = table.get("columns"), table.get("data")
    if not isinstance(columns, list) or not all(isinstance(name, str) for name in columns):
        raise UsageError(refusal)
    if len(set(columns)) < len(columns) or not isinstance(data, list):
        raise UsageError(refusal)
    if not all(isinstance(row, list) and len(row) == len(columns) for row in data):
        raise UsageError(refusal)
    return [dict(zip(columns, row, strict=True)) for row in data]


def _below(root: Path | None, path: str) -> Path:
    """Return the file of a path; UsageError unless it is below the folder."""
    if root is None:
        raise UsageError(
            "path: this server may not read files; send the text of the problem as model"
        )
    outside = UsageError("path: the file is outside the folder that this server may read")
    if "\0" in path:
        raise outside
    folder = root.resolve()
    try:
        file = (folder / path).resolve()
    except (OSError, RuntimeError):
        raise outside from None
    if not file.is_relative_to(folder):
        raise outside
    try:
        found = file.is_file()
    except OSError:
        found = False
    if not found:
        raise UsageError(f"path: there is no file {path[:200]!r}")
    return file


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the name {twice[:60]!r} is given twice")
    return found
