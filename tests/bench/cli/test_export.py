"""``bench export``: what was imported or executed, for other tools."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bench.app.campaign import delivery
from bench.cli.main import command
from bench.comparison import sources
from bench.errors import TrackingError
from bench.instances import references
from bench.instances.files import find
from bench.interop.any_format import read
from bench.interop.reported import ImportHints
from bench.model.instances.reference import Known, Reference

CSV = """\
instance,setting,solver,version,seed,time,status,primal,dual,nodes
a,fast,scip,9.2,0,1.25,ok,7,7,12
a,fast,scip,9.2,1,1.5,ok,7,7,14
a,slow,scip,9.2,0,60,timeout,9,5,900
b,fast,scip,9.2,0,60,timeout,3,4,800
c,fast,scip,9.2,0,,abort,,,
d,fast,scip,9.2,0,0.5,infeasible,,,0
"""


@pytest.fixture
def imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with results of two settings, imported without MLflow."""

    def connection(*_: object) -> Callable[[], None]:
        raise TrackingError("nobody answers")

    monkeypatch.setattr(delivery, "mlflow_connection", connection)
    monkeypatch.chdir(tmp_path)
    Path("mine.csv").write_text(CSV)
    assert command.main(["import", "mine.csv", "--time-limit", "60"]) == 1
    return tmp_path


def told(path: str) -> set[tuple[object, ...]]:
    """Return what a file reports, as far as all formats tell it."""
    return {
        (
            one.task.instance.name,
            one.task.setting.name.removesuffix("@scip-9.2"),
            one.task.solver_version,
            one.task.seed,
            one.task.limits.time_s,
            one.answer.status,
            one.answer.primal_bound,
            one.answer.dual_bound,
            one.answer.n_nodes,
            one.answer.solve_time_s,
            one.category,
        )
        for one in read(Path(path), None, ImportHints(time_limit_s=60)).reported
    }


@pytest.mark.parametrize("file", ["out.res", "out.csv"])
def test_an_exported_table_is_imported_to_the_same_results(imported: Path, file: str) -> None:
    """Settings, seeds, limits, bounds, counts, times and verdicts."""
    assert command.main(["export", "mine", "-o", file]) == 0
    assert told(file) == told("mine.csv")
    assert sorted(path.name for path in imported.iterdir()) == ["bench-work", "mine.csv", file]


def test_a_parquet_table_is_what_bench_reads(imported: Path) -> None:
    """With all columns."""
    assert command.main(["export", "-o", "out.parquet"]) == 0
    table = sources.of_file(imported / "out.parquet").table
    assert list(table["instance"]) == ["a", "a", "a", "b", "c", "d"]


@pytest.mark.usefixtures("imported")
def test_best_known_values_are_references() -> None:
    """An instance is maximised where its dual bound is the larger one."""
    assert command.main(["export", "mine", "-o", "best.solu"]) == 0
    assert references.read([Path("best.solu")]) == {
        "a": Reference(Known.OPTIMAL, 7),
        "b": Reference(Known.BEST, 3, 4),
        "c": Reference(Known.UNKNOWN),
        "d": Reference(Known.INFEASIBLE),
    }


@pytest.mark.usefixtures("imported")
def test_a_list_names_the_problem_files(knapsack: Path) -> None:
    """They are found again from the list's folder."""
    Path("own.csv").write_text(f"instance,time\n{knapsack.name},1\n")
    command.main(["import", "own.csv"])
    Path("lists").mkdir()
    assert command.main(["export", "own", "-o", "lists/own.test"]) == 0
    (found,) = find(["lists/own.test"])
    assert (found.name, found.defect) == ("knapsack", None)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["mine", "-o", "x.xls"], "x.xls: unknown suffix; choose a format with --format"),
        (["mine", "--format", "parquet"], "write it to a file with -o FILE"),
        (["other"], "no sweep 'other' in bench-work; there are: mine"),
        (["--format", "test", "mine.csv"], "mine.csv: no column 'verdict'"),
    ],
)
@pytest.mark.usefixtures("imported")
def test_bad_input_is_one_line(
    capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    """Exit code 2, nothing written."""
    capsys.readouterr()
    assert command.main(["export", *arguments]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert message in line
