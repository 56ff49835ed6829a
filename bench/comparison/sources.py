"""Sources of recorded results: journals, tables in files, and MLflow, all as the same table."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from bench.errors import TrackingError, UsageError
from bench.journal.campaign import Campaign, newest
from bench.journal.journal import Journal
from bench.journal.table import COLUMNS, frame, read_parquet
from bench.model.verdict import Category

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    import pandas as pd

    from bench.model.result import Result

REQUIRED = ("instance", "setting", "verdict")
SUFFIXES = (".parquet", ".csv")
NUMERIC = frozenset({"Int64", "float64"})
VERDICTS = frozenset({*Category, "failed"})
"""Those of today, and what earlier versions wrote for a crash."""
TRUTHS = {"true": True, "false": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedResults:
    """Results from somewhere: the table, and what only journals have.

    ``names`` say where they come from; ``baseline`` is the setting that a sweep declared as its
    baseline. ``results`` (with traces, logs and solutions)
    are those of journals, in the order of their rows; ``commands`` made them.
    """

    table: pd.DataFrame
    names: tuple[str, ...]
    baseline: str | None = None
    results: tuple[Result, ...] = ()
    commands: tuple[str, ...] = ()


def of_folder(folder: Path) -> RecordedResults:
    """Return the newest result of each task of a campaign's folder."""
    return of_results(folder, newest(Journal(folder).results()))


def of_results(folder: Path, results: Iterable[Result]) -> RecordedResults:
    """Return these results of a campaign, with what its folder says of them."""
    campaign = Campaign.read(folder)
    plan = campaign.manifest
    results = tuple(results)
    return RecordedResults(
        table=frame(results, lambda result: {"machine": campaign.machine_of(result)}),
        names=(campaign.name,),
        baseline=plan.baseline if plan else None,
        results=results,
        commands=(campaign.command,) if campaign.command else (),
    )


def of_file(path: Path) -> RecordedResults:
    """Return a table written by bench as Parquet or CSV; columns that it lacks are empty.

    UsageError where it is missing, empty, or no such table: the message names the column, and the
    line of a value that is no number or no verdict.
    """
    if not path.is_file():
        raise UsageError(f"{path}: no such file")
    if path.suffix == ".parquet":
        table = _read_parquet(path)
    elif path.suffix == ".csv":
        table = _read_csv(path)
    else:
        raise UsageError(f"{path}: expected a table ({' or '.join(SUFFIXES)}); see bench import")
    missing = [name for name in REQUIRED if name not in table.columns]
    if missing:
        raise UsageError(
            f"{path}: no column {missing[0]!r}; it has {', '.join(map(str, table.columns))}; "
            "tables of others are read by bench import --map"
        )
    if table.empty:
        raise UsageError(f"{path}: has no rows")
    words = table["verdict"].astype("string").fillna("")
    _refuse(words, ~words.isin(VERDICTS), f"is none of {', '.join(Category)}", path)
    return RecordedResults(table=_typed(table, path), names=(path.name,))


def relabelled(recorded: RecordedResults, label: str) -> RecordedResults:
    """Return the results under other names: a single setting's is the label, else in front."""
    names = recorded.table["setting"].unique()
    names_to = {name: label if len(names) == 1 else f"{label}/{name}" for name in names}
    table = recorded.table.assign(setting=recorded.table["setting"].map(names_to).astype("string"))
    baseline = None if recorded.baseline is None else names_to.get(recorded.baseline)
    return replace(recorded, table=table, baseline=baseline)


def together(sources: Iterable[RecordedResults]) -> RecordedResults:
    """Return all results as one table, in their order; columns that only some have stay.

    The baseline is the first that is declared. UsageError where there are no results at all.
    """
    import pandas as pd  # noqa: PLC0415 - takes 0.5 s

    found = [source for source in sources if len(source.table)]
    if not found:
        raise UsageError("there are no results yet; record some with bench run or bench sweep")
    return RecordedResults(
        table=pd.concat([source.table for source in found], ignore_index=True),
        names=tuple(name for source in found for name in source.names),
        baseline=next((source.baseline for source in found if source.baseline), None),
        results=tuple(result for source in found for result in source.results),
        commands=tuple(command for source in found for command in source.commands),
    )


def of_mlflow(
    uri: str | None, experiment: str | None, run_ids: Sequence[str] = ()
) -> RecordedResults:
    """Return the results of runs of settings or sweeps, else of an experiment's settings."""
    from bench.tracking.mlflow_reading import result_tables  # noqa: PLC0415 - takes 1.5 s

    tables = result_tables(uri, experiment, run_ids)
    name = () if run_ids else (experiment or "Default",)
    return replace(
        together(RecordedResults(table=table, names=(run_id,)) for run_id, table in tables.items()),
        names=name or tuple(tables),
    )


def _read_parquet(path: Path) -> pd.DataFrame:
    try:
        return read_parquet(path)
    except TrackingError as error:
        raise UsageError(f"{path}: cannot be read as Parquet: {error.__cause__}") from error


def _read_csv(path: Path) -> pd.DataFrame:
    import pandas as pd  # noqa: PLC0415 - takes 0.5 s

    try:
        return pd.read_csv(path, dtype="string", keep_default_na=False, na_values=[""])
    except pd.errors.EmptyDataError as error:
        raise UsageError(f"{path}: empty") from error
    except (OSError, UnicodeDecodeError, pd.errors.ParserError) as error:
        reason = " ".join(str(error).split())
        raise UsageError(f"{path}: cannot be read as CSV: {reason}") from error


def _typed(table: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Give every known column its type, in the order of ours, and add those that are missing."""
    import pandas as pd  # noqa: PLC0415 - takes 0.5 s

    missing = pd.Series(pd.NA, index=table.index, dtype="object")
    typed = {name: _column(table.get(name, missing), kind, path) for name, kind in COLUMNS.items()}
    others = [name for name in table.columns if name not in COLUMNS]
    return pd.DataFrame(typed).join(table[others])


def _column(column: pd.Series[Any], kind: str, path: Path) -> pd.Series[Any]:
    import pandas as pd  # noqa: PLC0415 - takes 0.5 s

    if kind in NUMERIC:
        values = pd.to_numeric(column, errors="coerce")
        _refuse(column, values.isna() & column.notna(), "is not a number", path)
        if kind == "Int64":
            _refuse(column, (values % 1 > 0).fillna(value=False), "is not a whole number", path)
        if str(column.name).endswith("_s"):
            _refuse(column, (values < 0).fillna(value=False), "is negative", path)
        column = values
    elif kind == "boolean":
        values = column.astype("string").str.lower().map(TRUTHS)
        _refuse(column, values.isna() & column.notna(), "is neither true nor false", path)
        column = values
    return column.astype(kind)  # type: ignore[call-overload,no-any-return]


def _refuse(column: pd.Series[Any], bad: pd.Series[bool], why: str, path: Path) -> None:
    """Raise UsageError for the first bad value; a table's first row stands on line 2."""
    if bad.any():
        row = int(bad.to_numpy().argmax())
        raise UsageError(f"{path}:{row + 2}: {column.name} {column.iloc[row]!r} {why}")
