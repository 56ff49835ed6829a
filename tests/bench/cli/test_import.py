"""``bench import``: what it prints, keeps and delivers."""

from __future__ import annotations

import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from bench.app.campaign import delivery
from bench.app.campaign.execute import judge_again
from bench.app.import_results import WORDS_IN_CELLS, verdict
from bench.cli.main import command
from bench.errors import TrackingError
from bench.instances.references import references_of
from bench.interop.reported import ImportHints, ReportedResult
from bench.interop.res_files import read
from bench.journal import manifest
from bench.journal.journal import Journal
from bench.model.instances.reference import Known, Reference
from bench.model.results.verdict import Category

LOG = Path("tests/bench/interop/data/check.mine.scip-10.0.2.linux.fast.out")
COLUMNS = "instance=problem,time=seconds,status=how,setting=config"
CSV = """\
problem,seconds,how,config
../../p1,3.5,ok,../up
../../p1,4.5,TO,/slow
p2,1,weird,fast
../../p1,2.5,ok,../up
"""


Import = Callable[..., tuple[int, list[str], list[str]]]


@pytest.fixture
def imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Import:
    """Return a function that executes ``bench import`` in an empty folder.

    It returns the exit code, and the lines on stdout and stderr.
    """
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> tuple[int, list[str], list[str]]:
        code = command.main(["import", *arguments])
        done = capsys.readouterr()
        return code, done.out.splitlines(), done.err.splitlines()

    return run


@pytest.fixture
def no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nobody answer at the tracking URI."""

    def connection(*_: object) -> Callable[[], None]:
        raise TrackingError("nobody answers")

    monkeypatch.setattr(delivery, "mlflow_connection", connection)


def kinds(database: Path) -> Counter[str]:
    """Return how many runs of each kind a store has."""
    query = "select value from tags where key = 'bench.kind'"
    with closing(sqlite3.connect(database)) as connection:
        return Counter(kind for (kind,) in connection.execute(query))


@pytest.mark.slow
def test_a_log_is_imported_once_and_stands_in_mlflow_like_a_sweep(
    imported: Import, root: Path, tmp_path: Path
) -> None:
    """One setting run with aggregates, a run a task; a second import adds nothing.

    With references that come later it is judged anew: the newer verdict counts.
    """
    shutil.copy(root / LOG, tmp_path / "check.out")
    code, out, err = imported("check.out", "--experiment-name", "old")
    assert code == 0
    assert out[0] == "check.out: 4 results of fast@scip-10.0.2"
    assert out[1].startswith("fast@scip-10.0.2: 2 of 4 solved, 1 at a limit, 1 failed; shifted")
    assert err[-3].endswith("check: 4 added, 0 already there")
    assert err[-2] == "See the results in mlflow.db: bench ui"
    assert err[-1] == "Compare it with other results: bench compare check OTHER"
    (tmp_path / "right.solu").write_text("=opt= auction-50x200 4782\n=opt= inf 3\n")
    for added in (2, 0):
        _, _, err = imported("check.out", "--experiment-name", "old", "--solu", "right.solu")
        assert err[-3].endswith(f"check: {added} added, {4 - added} already there")
    assert kinds(tmp_path / "mlflow.db") == {"sweep": 1, "setting": 1, "task": 6}
    results = Journal(tmp_path / "bench-work" / "check").results()
    found = {one.task.instance.name: one for one in results}
    assert found["auction-50x200"].verdict.category is Category.SOLVED
    assert found["inf"].verdict.category is Category.WRONG
    assert found["gap-5x20"].execution.evidence.startswith("imported from check.out:70: node ")
    assert "4.78200000000000e+03" in (found["auction-50x200"].folder / "solver.log").read_text()


@pytest.mark.usefixtures("no_server")
def test_names_in_a_table_lead_nowhere_and_unreadable_rows_are_left_out_on_request(
    imported: Import, tmp_path: Path
) -> None:
    """Slashes and dots in names of settings and instances stay names."""
    Path("a.csv").write_text(CSV)
    arguments = ("a.csv", "--map", COLUMNS, "--name", "../../up", "--time-limit", "60")
    code, _, err = imported(*arguments)
    assert code == 2
    assert err[0] == "a.csv:4: unknown status 'weird'; explain it with --status weird=..."
    assert err[1].endswith("nothing was imported; use --skip-unreadable to import the others")
    assert not Path("bench-work").exists()
    code, out, err = imported(*arguments, "--skip-unreadable")
    assert "a.csv: 3 results of ../up, /slow, 1 left out" in out
    assert "a.csv:5: repeats a.csv:2 (../../p1, ../up, seed 0); the last one counts" in err
    assert [path.name for path in Path("bench-work").glob("[!.]*")] == ["up"]
    assert {path.name for path in tmp_path.iterdir()} == {"a.csv", "bench-work"}


@pytest.mark.usefixtures("no_server")
def test_without_mlflow_nothing_is_lost(imported: Import) -> None:
    """The journal has it, and the last line says how to deliver it."""
    Path("a.csv").write_text("instance,time\nx,1\n")
    code, out, err = imported("a.csv")
    assert code == 1
    assert out[0] == "a.csv: 1 result of a"
    assert err[-1].startswith(
        "Error: not recorded in MLflow: nobody answers; the results are in the journal"
    )
    assert Journal(Path("bench-work/a")).count() == 1


def test_an_import_does_not_mix_with_a_sweep_that_was_executed(imported: Import) -> None:
    """The name of a sweep is taken."""
    Path("bench-work/mine").mkdir(parents=True)
    Path("a.csv").write_text("instance,time\nx,1\n")
    executed = manifest.Manifest(
        campaign_id="1",
        name="mine",
        kind="sweep",
        command=("bench", "sweep"),
        created_at=0,
        jobs=1,
        instance_set="x",
        baseline=None,
        settings=(),
        tasks=(),
    )
    manifest.write(Path("bench-work/mine"), executed)
    code, _, err = imported("a.csv", "--name", "mine")
    assert code == 2
    assert err == ["Error: 'mine' is a sweep, not an import; choose another --name"]


@pytest.mark.parametrize(
    ("name", "content", "options", "message"),
    [
        ("none.out", None, [], "none.out: no such file"),
        ("empty.res", b"\n", [], "empty.res: empty file"),
        (
            "odd.xlsx",
            b"x",
            [],
            "odd.xlsx: unknown format '.xlsx'; choose one with --format (out, res, csv, trc, xml)",
        ),
        ("latin.csv", b"name\n\xe9\n", [], "latin.csv: not a text in UTF-8 (byte 5)"),
        ("cut.out.gz", b"\x1f\x8b\x08cut", [], "cut.out.gz: damaged gzip file"),
        ("text.out", b"hello\n", [], "text.out: not a log of SCIP"),
        ("a.csv", b"name,time\nx,1\n", [], "a.csv: no column 'instance'; name it with --map"),
        ("a.csv", b"instance,time\n", [], "a.csv: has a header but no rows"),
        ("a.csv", b"instance,time\nx,1\n", ["--map", "time"], "--map 'time': expected NAME=VALUE"),
        ("a.csv", b"instance,time\nx,1\n", ["--status", "a=b"], "'b' is not a status"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(
    imported: Import, name: str, content: bytes | None, options: list[str], message: str
) -> None:
    """Nothing is written."""
    if content is not None:
        Path(name).write_bytes(content)
    code, out, err = imported(name, *options)
    assert (code, out, len(err)) == (2, [], 1)
    assert message in err[0]
    assert not Path("bench-work").exists()


def rows() -> dict[str, ReportedResult]:
    """Return the rows of a table, by instance: maximised, so that dual bounds are larger."""
    text = (
        "Name | Dual Bound | Primal Bound | Time |\n---\n"
        "max 500 400 60 timeout\nopt 12 12 1 ok\noff 13 13 1 ok\nbad 1 1 1 fail (abort)\n---\n"
        "@01 SCIP(9):default\n"
    )
    reported = read(text, "a.res", ImportHints()).reported
    return {one.task.instance.name: one for one in reported}


@pytest.mark.parametrize(
    ("name", "value", "category"),
    [
        ("max", 450, Category.LIMIT),
        ("max", 600, Category.WRONG),
        ("max", None, Category.LIMIT),
        ("opt", 12, Category.SOLVED),
        ("off", 12, Category.WRONG),
        ("bad", 1, Category.CRASHED),
    ],
)
def test_references_judge_and_else_the_file(
    name: str, value: float | None, category: Category
) -> None:
    """A table does not say the direction of the objective: the bounds do."""
    one = rows()[name]
    reference = None if value is None else Reference(Known.OPTIMAL, value)
    assert verdict(one, one.execution(0.0), reference).category is category


@pytest.mark.usefixtures("no_server")
def test_the_block_of_benchexec_on_its_host_is_kept_nowhere(imported: Import) -> None:
    """Neither in the journal nor in any other file of the import."""
    Path("q.xml").write_text(
        '<result tool="Q" version="1" benchmarkname="b" timelimit="9s"><systeminfo hostname="far">'
        '<environment><var name="TOKEN">s3cr3t</var></environment></systeminfo>'
        '<run name="p"><column title="status" value="done"/>'
        '<column title="cputime" value="1s"/></run></result>'
    )
    code, out, _ = imported("q.xml")
    assert code == 1
    assert out[0] == "q.xml: 1 result of b@q-1"
    kept = b"".join(path.read_bytes() for path in Path("bench-work").rglob("*") if path.is_file())
    assert b"s3cr3t" not in kept
    assert b"hostname" not in kept


@pytest.mark.usefixtures("no_server")
def test_a_wide_table_is_imported_with_its_missing_times(imported: Import) -> None:
    """The summary of each setting says how many were solved."""
    Path("w.csv").write_text("name,Quick,Slow\na,1.5,T\nb,?,3\n")
    arguments = ("w.csv", "--wide", "all", "--status", "T=timelimit", "--time-limit", "60")
    code, _, err = imported(*arguments)
    assert code == 2
    assert err[0] == "w.csv:3: Quick '?' is not a number"
    assert err[1].endswith(WORDS_IN_CELLS)
    _, out, _ = imported(*arguments, "--na", "?", "--missing-time", "limit")
    assert out[0] == "w.csv: 4 results of Quick, Slow"
    assert out[1].startswith("Quick: 1 of 2 solved, 1 at a limit; shifted")
    assert out[2].startswith("Slow: 1 of 2 solved, 1 at a limit; shifted")
    code, _, err = imported(*arguments, "--setting", "x")
    assert (code, err[-1][:17]) == (2, "Error: --setting ")


@pytest.mark.slow
def test_results_without_runs_of_their_own_are_read_back_from_mlflow(
    imported: Import, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Comparing, checking and delivering again; a later import keeps to what was said."""
    rows = "".join(f"i{at},{name},{at + 1},ok\n" for at in range(3) for name in "ab")
    Path("t.csv").write_text(f"instance,setting,time,status\n{rows}")
    store = ("--tracking-uri", f"sqlite:///{tmp_path}/m.db", "--experiment-name", "few")
    code, _, err = imported("t.csv", "--tasks-in-mlflow", "no", "--time-limit", "60", *store)
    assert (code, err[-3].partition(": ")[2]) == (0, "6 added, 0 already there")
    assert kinds(tmp_path / "m.db") == {"sweep": 1, "setting": 2}
    Path("more.csv").write_text("instance,setting,time,status\ni3,a,1,ok\ni3,b,2,TO\n")
    imported("more.csv", "--name", "t", "--time-limit", "60", *store)
    assert kinds(tmp_path / "m.db") == {"sweep": 1, "setting": 2}
    assert command.main(["sync", "t"]) == 0
    assert capsys.readouterr().out.startswith("t: 0 uploaded, 8 already there")
    compared = ["compare", *store, "--subset", "all", "--baseline", "a", "--format", "csv"]
    assert command.main(compared) == 0
    counts = [line.split(",")[1:7] for line in capsys.readouterr().out.splitlines()[1:]]
    assert counts == [["4", "4", "4", "a", "a", "4"], ["4", "4", "4", "a", "b", "3"]]
    assert command.main(["check", *store]) == 0
    assert "8 results judged" in capsys.readouterr().out


@pytest.mark.usefixtures("no_server")
@pytest.mark.parametrize(
    ("columns", "cells", "category"),
    [
        ("primal", "5", Category.SOLVED),
        ("primal", "6", Category.WRONG),
        ("nodes", "5", Category.UNCONFIRMED),
    ],
)
def test_a_reference_that_comes_later_is_held_against_what_the_file_claims(
    imported: Import, columns: str, cells: str, category: Category
) -> None:
    """Optimal implies the dual bound; without a value there is nothing to judge."""
    Path("t.csv").write_text(f"instance,time,status,{columns}\na,1,ok,{cells}\n")
    Path("late").mkdir()
    Path("late/x.solu").write_text("=opt= a 5\n")
    imported("t.csv", "--time-limit", "60")
    (recorded,) = Journal(Path("bench-work/t")).results()
    known = references_of([recorded.task.instance], [Path("late/x.solu")])
    found = judge_again(recorded, known)
    assert found.verdict.category is category
