"""Sources of recorded results: journals, tables in files, and MLflow, all as the same table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bench.errors import UsageError
from bench.tracking.campaign import Campaign, newest
from bench.tracking.journal import Journal
from bench.tracking.table import COLUMNS, frame, read_parquet

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    import pandas as pd

REQUIRED = ("instance", "setting", "verdict")
SUFFIXES = (".parquet", ".csv")
NUMERIC = frozenset({"Int64", "float64"})


def of_folder(folder: Path) -> pd.DataFrame:
    """Return the newest result of each task of a campaign's folder."""
    campaign = Campaign.read(folder)
    return frame(newest(Journal(folder).results()), campaign.machine_of)


def of_file(path: Path) -> pd.DataFrame:
    """Return a table written by bench as Parquet or CSV; columns that it lacks are empty.

    UsageError where it is missing, empty, or no such table: the message names the column, and the
    line of a value that is no number.
    """
    if not path.is_file():
        raise UsageError(f"{path}: no such file")
    if path.suffix == ".parquet":
        table = read_parquet(path)
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
    return _typed(table, path)


def together(tables: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Return one table of all rows, in their order; columns that only some have stay."""
    import pandas as pd  # noqa: PLC0415 - takes 0.5 s

    found = [table for table in tables if len(table)]
    if not found:
        raise UsageError("there are no results yet; record some with bench run or bench sweep")
    return found[0] if len(found) == 1 else pd.concat(found, ignore_index=True)


def of_mlflow(uri: str | None, experiment: str | None, run_ids: Sequence[str] = ()) -> pd.DataFrame:
    """Return the results of runs of settings or sweeps, else of an experiment's settings."""
    from bench.tracking.mlflow_reading import result_tables  # noqa: PLC0415 - takes 1.5 s

    return together(result_tables(uri, experiment, run_ids).values())


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
        if str(column.name).endswith("_s"):
            _refuse(column, (values < 0).fillna(value=False), "is negative", path)
        column = values
    return column.astype(kind)  # type: ignore[call-overload,no-any-return]


def _refuse(column: pd.Series[Any], bad: pd.Series[bool], why: str, path: Path) -> None:
    """Raise UsageError for the first bad value; a table's first row stands on line 2."""
    if bad.any():
        row = int(bad.to_numpy().argmax())
        raise UsageError(f"{path}:{row + 2}: {column.name} {column.iloc[row]!r} {why}")
