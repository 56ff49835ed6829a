"""Sources of recorded results: journals, tables in files, and MLflow, all as the same table."""

from __future__ import annotations

import csv
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from bench.errors import TrackingError, UsageError
from bench.instances.labels import path_labels
from bench.interop.csv_cells import check_width, unguarded
from bench.journal.campaign import Campaign
from bench.journal.counted_results import counted_results
from bench.journal.table import COLUMNS, frame, read_parquet, with_new_words
from bench.model.looks import identity
from bench.model.record_level import RecordLevel, strictest
from bench.model.results.fields import FIELDS
from bench.model.results.verdict import Category
from bench.store.experiment import NOTHING_ASKED, ExperimentRequest
from bench.verification.withhold import WITHHELD, withhold_texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    import pandas as pd

    from bench.journal.manifest import Manifest
    from bench.model.results.result import Result

REQUIRED = ("instance", "setting", "verdict")
SUFFIXES = (".parquet", ".csv")
NUMERIC = frozenset({"Int64", "float64"})
VERDICTS = frozenset({*Category, "failed"})
"""The present verdicts, and the former name of a crash."""
DIGITS = 8
"""The number of digits of a digest that distinguish instances of the same name."""
_TEXTS = {field.column for field in FIELDS if field.column and field.quotes}
TRUTHS = {"true": True, "false": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedResults:
    """Results from any source: the table, and data that only journals have.

    ``names`` are the sources; ``baseline`` is the setting that a sweep declared as its baseline.
    ``record`` is the level of what may be uploaded to MLflow, the strictest of all; ``shows_logs``
    is whether a report may quote logs. ``results`` (with traces, logs and solutions) are those of
    journals, in the order of their rows; ``commands`` produced them. ``left_out`` has a line per
    source about results that do not count, and why. ``planned`` are the identities of the instances
    in a campaign's plan, in its order; none for several sources.
    """

    table: pd.DataFrame
    names: tuple[str, ...]
    baseline: str | None = None
    results: tuple[Result, ...] = ()
    commands: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    record: RecordLevel = RecordLevel.ALL
    shows_logs: bool = True
    planned: tuple[str, ...] = ()


def of_folder(folder: Path) -> RecordedResults:
    """Return the result that counts for each task in the present plan of a campaign's folder."""
    found = counted_results(folder)
    return replace(of_results(folder, found.results), left_out=found.lines)


def for_store(recorded: RecordedResults) -> RecordedResults:
    """Return the results as they may be uploaded: without messages if a campaign says so."""
    if recorded.record.has_texts:
        return recorded
    return replace(
        recorded,
        table=recorded.table.assign(**dict.fromkeys(_TEXTS & set(recorded.table), WITHHELD)),
        results=tuple(map(withhold_texts, recorded.results)),
        shows_logs=False,
    )


def of_results(folder: Path, results: Iterable[Result]) -> RecordedResults:
    """Return these results of a campaign, with the data in its folder."""
    campaign = Campaign.read(folder)
    plan = campaign.manifest
    results = tuple(results)
    return RecordedResults(
        table=frame(results, campaign.columns_of),
        names=(campaign.name,),
        baseline=plan.baseline if plan else None,
        results=results,
        commands=(campaign.command,) if campaign.command else (),
        record=campaign.record,
        planned=_planned(plan),
    )


def _planned(plan: Manifest | None) -> tuple[str, ...]:
    tasks = plan.tasks if plan else ()
    return tuple(dict.fromkeys(identity(task.instance, task.digest) for task in tasks))


def of_file(path: Path) -> RecordedResults:
    """Return a table written by bench as Parquet or CSV; missing columns are empty.

    Raise UsageError if it is missing, empty, or another table: the message names the column, and
    the line of an invalid number or verdict.
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
            "import tables of other tools with bench import --map"
        )
    if table.empty:
        raise UsageError(f"{path}: has no rows")
    words = table["verdict"].astype("string").fillna("")
    _refuse(words, ~words.isin(VERDICTS), f"is none of {', '.join(Category)}", path)
    return RecordedResults(table=_typed(table, path), names=(path.name,))


def relabelled(recorded: RecordedResults, label: str) -> RecordedResults:
    """Return the renamed results: a single setting gets the label, others get it as a prefix."""
    names = recorded.table["setting"].unique()
    names_to = {name: label if len(names) == 1 else f"{label}/{name}" for name in names}
    table = recorded.table.assign(setting=recorded.table["setting"].map(names_to).astype("string"))
    baseline = None if recorded.baseline is None else names_to.get(recorded.baseline)
    return replace(recorded, table=table, baseline=baseline)


def together(sources: Iterable[RecordedResults]) -> RecordedResults:
    """Return all results as one table, in their order; columns that only some have are kept.

    The baseline is the first declared one. Raise UsageError if there are no results at all.
    """
    import pandas as pd  # noqa: PLC0415 - takes 0.5 s

    sources = list(sources)
    found = [source for source in sources if len(source.table)]
    left_out = tuple(line for source in sources for line in source.left_out)
    if not found and left_out:
        raise UsageError(f"{'; '.join(left_out)}; the current plan has no results yet")
    if not found:
        raise UsageError("there are no results yet; record some with bench run or bench sweep")
    return RecordedResults(
        table=pd.concat([source.table for source in found], ignore_index=True),
        names=tuple(name for source in found for name in source.names),
        baseline=next((source.baseline for source in found if source.baseline), None),
        results=tuple(result for source in found for result in source.results),
        commands=tuple(command for source in found for command in source.commands),
        left_out=left_out,
        record=strictest(*(source.record for source in found)),
        planned=sources[0].planned if len(sources) == 1 else (),
    )


def of_mlflow(
    uri: str | None, experiment: ExperimentRequest | None, run_ids: Sequence[str] = ()
) -> RecordedResults:
    """Return the results of runs of settings or sweeps, else of an experiment's settings."""
    from bench.tracking.mlflow_reading import stored_tables  # noqa: PLC0415 - takes 1.5 s

    asked = experiment or NOTHING_ASKED
    stored = stored_tables(uri, asked, run_ids)
    name = () if run_ids else (asked.label,)
    found = together(
        RecordedResults(table=table, names=(run_id,)) for run_id, table in stored.tables.items()
    )
    is_there = (found.table["setting"] == stored.baseline).any()
    return replace(
        found,
        names=name or tuple(stored.tables),
        baseline=stored.baseline if is_there else None,
        left_out=stored.left_out,
    )


def with_distinct_names(recorded: RecordedResults) -> RecordedResults:
    """Return the results with distinct names for instances of different content.

    They are distinguished by the folder if journals know it, else by the first digits of the
    SHA-256.
    """
    table = recorded.table
    if not {"instance", "instance_sha256"} <= set(table.columns):
        return recorded
    pairs = table[["instance", "instance_sha256"]].dropna().drop_duplicates().astype(str)
    pairs = pairs[pairs["instance_sha256"] != ""]
    clashing = pairs[pairs["instance"].duplicated(keep=False)]
    if clashing.empty:
        return recorded
    paths = {one.task.instance.digest: one.task.instance.path for one in recorded.results}
    names: dict[tuple[str, str], str] = {}
    for name, same in clashing.groupby("instance")["instance_sha256"]:
        by_digest = {digest: paths[digest] for digest in same if digest in paths}
        labels = path_labels(str(name), list(by_digest.values())) if by_digest else {}
        is_told = len(set(labels.values())) == len(by_digest)
        names |= {
            (str(name), digest): labels[by_digest[digest]]
            if is_told and digest in by_digest
            else f"{name}~{digest[:DIGITS]}"
            for digest in same
        }
    keys = zip(table["instance"], table["instance_sha256"], strict=True)
    renamed = [names.get((name, digest), name) for name, digest in keys]
    return replace(
        recorded,
        table=table.assign(instance=renamed).astype({"instance": "string"}),
        results=tuple(_relabelled(result, names) for result in recorded.results),
    )


def _relabelled(result: Result, names: Mapping[tuple[str, str], str]) -> Result:
    instance = result.task.instance
    label = names.get((instance.label, instance.digest), instance.label)
    return replace(result, task=replace(result.task, instance=replace(instance, label=label)))


def _read_parquet(path: Path) -> pd.DataFrame:
    try:
        return read_parquet(path)
    except TrackingError as error:
        raise UsageError(f"{path}: cannot be read as Parquet: {error.__cause__}") from error


def _read_csv(path: Path) -> pd.DataFrame:
    import pandas as pd  # noqa: PLC0415 - takes 0.5 s

    try:
        with path.open(encoding="utf-8", newline="") as file:
            check_width(next(csv.reader(file), []), str(path))
        table = pd.read_csv(path, dtype="string", keep_default_na=False, na_values=[""])
    except pd.errors.EmptyDataError as error:
        raise UsageError(f"{path}: empty") from error
    except (OSError, UnicodeDecodeError, csv.Error, pd.errors.ParserError) as error:
        reason = " ".join(str(error).split())
        raise UsageError(f"{path}: cannot be read as CSV: {reason}") from error
    quoted = [name for name in table.columns if table[name].str.startswith("'").any()]
    texts = {name: table[name].map(unguarded, na_action="ignore") for name in quoted}
    return with_new_words(table.assign(**texts))


def _typed(table: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Set the type of every known column, in the order of bench, and add missing ones."""
    import pandas as pd  # noqa: PLC0415 - takes 0.5 s

    missing = pd.Series(pd.NA, index=table.index, dtype="object")
    empty = {kind: _column(missing, kind, path) for kind in set(COLUMNS.values())}
    typed = {
        name: _column(table[name], kind, path) if name in table.columns else empty[kind]
        for name, kind in COLUMNS.items()
    }
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
    """Raise UsageError for the first bad value; a table's first row is on line 2."""
    if bad.any():
        row = int(bad.to_numpy().argmax())
        raise UsageError(f"{path}:{row + 2}: {column.name} {column.iloc[row]!r} {why}")
