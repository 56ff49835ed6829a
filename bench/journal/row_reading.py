"""Read rows back: results from a table, with the fields that it has."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.errors import TrackingError
from bench.journal.line import problem_text
from bench.journal.table import COLUMNS, KNOB, verdict_columns
from bench.model.results.fields import FIELDS, Field, Kind
from bench.model.results.result import Result
from bench.model.results.verification import NOT_ASKED, Level
from bench.model.task import Task

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pandas as pd
    from pydantic import TypeAdapter

    Row = Mapping[str, Any]
    Tree = dict[str, Any]

NEEDED = tuple(field.column for field in FIELDS if field.needed)
"""The columns without which a result would be judged wrongly."""
_READ = tuple(field for field in FIELDS if field.column and field.path and not field.derived)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedTask(Task):
    """A task in a table, with the key that it had when it was executed."""

    recorded_key: str

    @property
    def key(self) -> str:
        """The content hash, which was computed from more than a row contains."""
        return self.recorded_key


def results_of(table: pd.DataFrame) -> list[Result]:
    """Return the results of a table written by `bench.journal.table`, in its order.

    Fields that a table leaves out (`bench.model.results.fields.NOT_IN_THE_TABLE`) are missing, and
    columns that an earlier version did not write are null. Raise TrackingError for any other table,
    and for one without a column that a verdict needs: without the direction of the objective, a
    right answer may look wrong.
    """
    missing = [name for name in NEEDED if name not in table]
    if missing:
        raise TrackingError(
            f"the table of results has no column {missing[0]!r}, perhaps because an earlier "
            "version of bench wrote it; execute bench check where the journal is"
        )
    from pydantic import ValidationError  # noqa: PLC0415 - 0.1 s

    rows = table.astype("object").where(table.notna(), None).to_dict("records")
    try:
        return [_result({str(name): value for name, value in row.items()}) for row in rows]
    except ValidationError as error:
        reason = problem_text(error)
        raise TrackingError(f"the table of results in MLflow cannot be read: {reason}") from error
    except (ValueError, TypeError) as error:
        raise TrackingError(f"the table of results in MLflow cannot be read: {error}") from error


def with_verdicts(table: pd.DataFrame, results: Iterable[Result]) -> pd.DataFrame:
    """Return the table with the verdicts and references of results, which have the same order."""
    import pandas as pd  # noqa: PLC0415 - takes 0.5 s

    rows = [verdict_columns(result) for result in results]
    names = [name for name in COLUMNS if name in rows[0]] if rows else []
    types = {name: COLUMNS[name] for name in names}
    judged = pd.DataFrame(rows, columns=names, dtype="object", index=table.index).astype(types)
    return table.assign(**{name: judged[name] for name in names})


def _result(row: Row) -> Result:
    tree = _tree(row)
    task, answer = tree["task"], tree["answer"]
    task["instance"] |= {"name": row["instance"], "path": Path(row["instance"])}
    answer["problem"] = _problem(answer["problem"])
    return _adapters()[0].validate_python(
        {
            **tree,
            "task": _adapters()[1].validate_python({**task, "recorded_key": row["key"]}),
            "folder": Path(),
            "reference": tree["reference"] if row["reference"] is not None else None,
            "verification": _verification(tree["verification"], row),
        }
    )


def _tree(row: Row) -> Tree:
    """Return the values of a row by the attributes of a result, a level per part of a path."""
    tree: Tree = {}
    for field in _READ:
        *parts, name = field.path.split(".")
        node = tree
        for part in parts:
            node = node.setdefault(part, {})
        node[name] = _value(field, row)
    return tree


def _value(field: Field, row: Row) -> Any:
    if field.column.startswith(KNOB):
        knobs = {name.removeprefix(KNOB): row[name] for name in row if name.startswith(KNOB)}
        return {name: value for name, value in knobs.items() if value is not None}
    value = row.get(field.column)
    match field.kind:
        case Kind.TEXTS:
            return (value,) if value else ()
        case Kind.OBJECT:
            return json.loads(value or "{}")
        case _:
            return field.null if value is None else value


def _problem(found: Tree) -> Tree | None:
    """Return the statistics of a problem; the solver's own counts are not in a table."""
    if found["sense"] is None:
        return None
    declared = {f"{name}_declared": found[name] for name in ("n_bins", "n_ints")}
    classes = found.pop("classes_present")
    return {**found, **declared, "classes": classes}


def _verification(found: Tree, row: Row) -> Tree | None:
    """Return the check of a solution; a place, even without a name, indicates a violation."""
    if found["level"] is None:
        skipped = row["verification_skipped"]
        told = skipped not in {None, NOT_ASKED}
        checked = {"level": Level.NONE, "skipped": skipped, "one_reader": found["one_reader"]}
        return checked if told else None
    worst: Tree = found.pop("worst")
    ends = ("abs", "rel", "where")
    there = [one for one in worst if any(row[f"violation_{one}_{end}"] is not None for end in ends)]
    return {**found, "violations": [{"quantity": one, **worst[one]} for one in there]}


@cache
def _adapters() -> tuple[TypeAdapter[Result], TypeAdapter[RecordedTask]]:
    from pydantic import TypeAdapter  # noqa: PLC0415 - see results_of

    return TypeAdapter(Result), TypeAdapter(RecordedTask)
