"""Sources of recorded results."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from bench.comparison.sources import RecordedResults, of_file, of_folder, of_mlflow, together
from bench.errors import UsageError
from bench.journal.journal import Journal
from bench.journal.table import COLUMNS, frame, write_parquet
from bench.model.results.result import Result
from bench.store.experiment import ExperimentRequest

MakeResult = Callable[..., Result]
HEADER = "instance,setting,verdict,solve_time_s\n"


@pytest.fixture
def results(make_result: MakeResult) -> list[Result]:
    """Return results of two instances."""
    return [make_result(), make_result(name="air05", seed=3)]


@pytest.mark.parametrize("suffix", [".parquet", ".csv"])
def test_a_table_that_was_written_is_read_as_it_was(
    tmp_path: Path, results: list[Result], suffix: str
) -> None:
    """Values and types are the same, by way of Parquet and of CSV."""
    path = tmp_path / f"results{suffix}"
    if suffix == ".parquet":
        write_parquet(results, path)
    else:
        frame(results).to_csv(path, index=False)
    found = of_file(path).table
    expected = frame(results)
    for name in COLUMNS:
        assert found[name].dtype == expected[name].dtype, name
        pd.testing.assert_series_equal(
            found[name].replace("", pd.NA), expected[name].replace("", pd.NA)
        )


def test_the_newest_result_of_each_task_counts(tmp_path: Path, results: list[Result]) -> None:
    """A task that was executed again stands once, with its last result."""
    folder = tmp_path / "sweep"
    folder.mkdir()
    with Journal(folder) as journal:
        for result in (*results, results[0]):
            journal.add(result)
    assert list(of_folder(folder).table["instance"]) == ["p0033", "air05"]


def test_tables_are_put_together(results: list[Result]) -> None:
    """Rows stand in the order of the tables, and a column that one lacks stays."""
    first = frame(results).assign(family="a")
    tables = (first, frame([]), frame(results))
    found = together(RecordedResults(table=table, names=()) for table in tables).table
    assert len(found) == 4
    assert list(found["family"].notna()) == [True, True, False, False]


def test_nothing_recorded_says_how_to_begin() -> None:
    """No rows at all is one clear line."""
    with pytest.raises(UsageError, match="bench run or bench sweep"):
        together([RecordedResults(table=frame([]), names=("mine",))])


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.csv", "", "empty"),
        ("a.csv", "problem,time\na,1\n", "no column 'instance'; it has problem, time; .*--map"),
        (
            "a.csv",
            HEADER + "a,s,solved,1\nb,s,solved,1.0s\n",
            "a.csv:3: solve_time_s '1.0s' is not",
        ),
        ("a.csv", HEADER + "a,s,solved,-1\n", "a.csv:2: solve_time_s '-1' is negative"),
        (
            "a.csv",
            "instance,setting,verdict,verification_exact\na,s,solved,perhaps\n",
            "a.csv:2: verification_exact 'perhaps' is neither true nor false",
        ),
        ("a.csv", HEADER + 'a,"s,solved,1\n', "cannot be read as CSV"),
        ("a.parquet", "no table", "cannot be read as Parquet"),
        ("a.txt", "", "expected a table"),
    ],
)
def test_a_file_that_is_no_table_is_one_line(
    tmp_path: Path, name: str, text: str, message: str
) -> None:
    """The message names the file, the line, and what to do."""
    (tmp_path / name).write_text(text)
    with pytest.raises(Exception, match=message):
        of_file(tmp_path / name)


def test_a_missing_file_is_one_line(tmp_path: Path) -> None:
    """It is named."""
    with pytest.raises(UsageError, match="no such file"):
        of_file(tmp_path / "none.csv")


def test_a_store_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    """Reading makes no database."""
    with pytest.raises(UsageError, match="the database does not exist"):
        of_mlflow(f"sqlite:///{tmp_path}/mlflow.db", ExperimentRequest(name="scip"))
    assert not list(tmp_path.iterdir())
