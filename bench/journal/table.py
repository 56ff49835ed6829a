"""The table of results: one row per result, with the same columns in every format."""

from __future__ import annotations

import json
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, cast

from bench.errors import TrackingError
from bench.model.numbers import number
from bench.model.results.fields import FIELDS, PROBLEM, VERDICT, Field, Kind, values
from bench.model.results.verdict import RENAMED
from bench.model.whole_files import written_whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    import pandas as pd

    from bench.model.instances.problem import ProblemStatistics
    from bench.model.results.result import Result

Value = str | int | float | bool | None

if TYPE_CHECKING:
    Also = Callable[[Result], Mapping[str, Value]]

TABLE = "results.parquet"
"""The file name of the table in a run's artifacts."""
KNOB = "knob/"
_FIXED = tuple(field for field in FIELDS if field.column and KNOB not in field.column)
_OF_A_RESULT = tuple(field for field in _FIXED if field.path)
_OF_A_PROBLEM = tuple(field for field in PROBLEM if field.column)
COLUMNS = {field.column: field.kind.dtype for field in _FIXED}
"""The columns of every table with their types; ``knob/<name>`` columns (floats) follow them."""


def row(result: Result, also: Mapping[str, Value] = MappingProxyType({})) -> dict[str, Value]:
    """Return the row of a result; None if a value is missing or not finite.

    ``also`` fills columns that the result itself does not have: ``machine`` (host and processor),
    ``primal_integral`` and ``dual_integral`` (in seconds).
    """
    columns: dict[str, Value] = dict.fromkeys(COLUMNS)
    knobs = {f"{KNOB}{name}": number(v) for name, v in sorted(result.task.setting.knobs.items())}
    return columns | _cells(_OF_A_RESULT, result) | knobs | dict(also)


def verdict_columns(result: Result) -> dict[str, Value]:
    """Return the columns of a row that change with the verdict or reference."""
    return _cells((field for field in VERDICT if field.column), result)


def problem_columns(problem: ProblemStatistics) -> dict[str, Value]:
    """Return the columns of a row that say what an instance consists of."""
    found = values(_OF_A_PROBLEM, problem, "answer.problem")
    return {field.column: _cell(field, value) for field, value in found}


def frame(results: Iterable[Result], also: Also = lambda _: {}) -> pd.DataFrame:
    """Return the rows as a DataFrame with fixed types: text, nullable whole numbers, floats."""
    import pandas as pd  # noqa: PLC0415 - takes 0.5 s

    rows = [row(result, also(result)) for result in results]
    knobs = sorted({name for each in rows for name in each} - COLUMNS.keys())
    types = COLUMNS | dict.fromkeys(knobs, "float64")
    return pd.DataFrame(
        {
            name: pd.array([each.get(name) for each in rows], dtype=kind)  # type: ignore[call-overload]
            for name, kind in types.items()
        }
    )


def write_parquet(results: Iterable[Result], path: Path, also: Also = lambda _: {}) -> None:
    """Write the table of results, all or nothing; TrackingError if it cannot be written."""
    write_frame(frame(results, also), path)


def write_frame(table: pd.DataFrame, path: Path) -> None:
    """Write a table unchanged, all or nothing; TrackingError if it cannot be written."""
    try:
        with written_whole(path) as partial:
            table.to_parquet(partial, index=False)
    except OSError as error:
        raise TrackingError(f"cannot write {path}: {error.strerror or error}") from error


def read_parquet(path: Path) -> pd.DataFrame:
    """Return a table written by `write_parquet`; TrackingError if it cannot be read.

    For a damaged file, the libraries raise various exceptions.
    """
    import pandas as pd  # noqa: PLC0415 - see frame

    try:
        return with_new_words(pd.read_parquet(path))
    except Exception as error:
        reason = next(iter(str(error).splitlines()), type(error).__name__)
        raise TrackingError(f"cannot read {path}: {reason}") from error


def with_new_words(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table with renamed verdicts of earlier versions under their present names."""
    if "verdict" not in table:
        return table
    return table.assign(verdict=table["verdict"].replace(RENAMED))


def _cells(fields: Iterable[Field], result: Result) -> dict[str, Value]:
    return {field.column: _cell(field, value) for field, value in values(fields, result)}


def _cell(field: Field, value: Any) -> Value:
    """Return the value in the table, None for an empty cell."""
    if value is None or (field.blank_is_null and value == ""):
        return None
    match field.kind:
        case Kind.NUMBER:
            return number(value)
        case Kind.TEXTS:
            return field.separator.join(value)
        case Kind.OBJECT:
            return json.dumps(_without_infinite(value), sort_keys=True)
        case _:
            return cast("Value", value)


def _without_infinite(params: Mapping[str, Value]) -> dict[str, Value]:
    return {
        name: str(value) if isinstance(value, float) and number(value) is None else value
        for name, value in params.items()
    }
