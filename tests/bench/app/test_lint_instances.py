"""The lint before ``bench run`` and ``bench sweep``, executed as a user does."""

from __future__ import annotations

import gzip
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bench.app.campaign import lint_instances as linting
from bench.app.campaign.execute import execute_and_judge
from bench.app.campaign.execution_config import ExecutionConfig
from bench.app.campaign.lint_instances import SHOWN, LintAhead, lint_instances, warnings
from bench.app.run import RunOptions, run
from bench.errors import MachineError
from bench.execution.linter import Linter
from bench.execution.local import LocalExecutor
from bench.execution.protocol import ANYWHERE, ExecutorConfig
from bench.instances.files import find, load
from bench.instances.references import NO_REFERENCES
from bench.journal.journal import Journal
from bench.model.instances.finding import LintFinding, Severity
from bench.model.instances.instance import Instance
from bench.model.limits import Limits
from bench.model.results.result import Result
from bench.model.setting import Setting
from bench.model.task import Task
from bench.planning.tasks import tasks
from bench.report.listener import Listener
from tests.waiting import PATIENCE_S

pytestmark = pytest.mark.usefixtures("without_mlflow")

Bench = Callable[..., Any]


@pytest.fixture
def models(tmp_path: Path, knapsack: Path) -> Path:
    """Return a folder with a good file, one to be warned of, and one that readers get wrong."""
    folder = tmp_path / "models"
    folder.mkdir()
    text = knapsack.read_text()
    (folder / "good.mps").write_text(text)
    (folder / "free.mps").write_text(text.replace(" UP BND c 1\n", ""))
    (folder / "rational.mps").write_text(text.replace("room 2", "room 9/10"))
    return folder


def params(database: Path, key: str) -> list[str]:
    """Return the values of a param, sorted."""
    query = "select value from params where key = ?"
    with closing(sqlite3.connect(database)) as connection:
        return sorted(value for (value,) in connection.execute(query, (key,)))


@pytest.mark.slow
@pytest.mark.recorded
def test_a_sweep_tells_of_warnings_and_keeps_solvers_from_errors(
    bench: Bench, models: Path
) -> None:
    """In table, tags and once an instance on the terminal; what was refused is not finished."""
    (models / "s.yaml").write_text("instances: [.]\nsolver: fake\nseeds: 2\nlint: false\n")
    sweep = ("sweep", models / "s.yaml", "-j", "1", "--json")
    done = bench(*sweep, "--lint")
    rows = {row["instance"]: row for row in done.json["results"]}
    assert rows["good"]["lint"] == ""
    assert rows["free"]["lint"].startswith("integer columns without bounds: 1; ")
    assert rows["rational"]["verdict"] == "unreadable"
    assert "rational.mps:9: '9/10' is not a number" in rows["rational"]["error"]
    assert rows["rational"]["wall_s"] == 0
    assert done.err.count("integer columns without bounds") == 1
    kinds = [text[:15] for text in params(models.parent / "mlflow.db", "lint")]
    assert kinds == ["integer columns"] * 2 + ["none"] * 4
    rows = {row["instance"]: row for row in bench(*sweep).json["results"]}
    assert rows["rational"]["status"] == "optimal"
    assert rows["rational"]["lint"] == "not linted"
    assert rows["good"]["lint"] == ""


def test_findings_are_made_once_for_a_content(
    tmp_path: Path, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sweep that is continued starts no reader."""
    instances = [load(models / "free.mps"), load(models / "rational.mps")]
    first = lint_instances(instances, tmp_path, Listener())
    monkeypatch.setattr(Linter, "lint", lambda *_: [])
    assert lint_instances(instances, tmp_path, Listener()) == first
    assert first[1].digest == instances[1].digest
    assert "9/10" in (first[1].defect or "")


def test_many_warnings_are_a_few_lines(tmp_path: Path) -> None:
    """One an instance, with its first warning, and a count of the rest."""
    odd = [Instance(name=str(i), path=tmp_path / f"{i}.mps", lint=("a", "b")) for i in range(99)]
    lines = warnings([*odd, Instance(name="good", path=tmp_path / "good.mps", lint=())])
    assert len(lines) == SHOWN + 1
    assert lines[0].endswith("0.mps: a (and 1 more: bench instances lint)")
    assert "89 more" in lines[-1]


TRAPS = {
    *("1448", "garbage", "nan0", "nan1", "nan2", "flugpl_rational", "dD2e"),
    *("warnings", "egout", "Side-coef", "Side-coeftest", "conic", "spec_sections", "cut"),
}
"""What no solver may be credited for, among the broken files of real test suites."""
REFUSED_BY_ONE = {
    "scip": {"1451", "qjh", "qjh_uncon"},
    "highs": {"1449a", "1449b", "1451", "comment", "silly-names", "3015", "3932", "test_locale"},
}
"""What a solver refuses, or misreads and is kept from."""


CUTS = """\
Maximize
 obj: 2 x + y
Subject To
 c: 3 x + 3 y <= 14
User Cuts
 u: x + y <= 4
Bounds
 x <= 7
Generals
 x y
End
"""
"""SCIP does not enforce the row c; HiGHS refuses the file."""
INT = "Maximize\n obj: 2 x + y\nSubject To\n c: 3 x + 3 y <= 14\nGenerals\n x\nInt\n y\nEnd\n"
"""HiGHS takes the word Int for a column; SCIP is right with 8."""


@pytest.fixture
def misread(tmp_path: Path) -> Path:
    """Return a folder with a file that SCIP misreads and one that HiGHS does."""
    (tmp_path / "cuts.lp").write_text(CUTS)
    (tmp_path / "int.lp").write_text(INT)
    return tmp_path


@pytest.mark.usefixtures("fork_server")
def test_a_solver_that_misreads_a_file_is_not_started_and_checks_nothing(misread: Path) -> None:
    """The other is; its solution is then checked by its own reader alone."""
    instances = lint_instances(find([str(misread)]), None, Listener())
    settings = [Setting(name=solver, solver=solver) for solver in REFUSED_BY_ONE]
    planned = tasks(instances, settings, [0], Limits(time_s=20), dict.fromkeys(REFUSED_BY_ONE, "1"))
    config = ExecutorConfig(folder=misread / "tasks", cpu_slots=(ANYWHERE,))
    with closing(Journal(misread)) as journal:
        done = list(execute_and_judge(planned, LocalExecutor(config), NO_REFERENCES, journal))
    results = {(one.task.instance.name, one.task.setting.solver): one for one in done}
    started = {key for key, one in results.items() if one.execution.wall_s > 0}
    assert started == {("cuts", "highs"), ("int", "scip")}
    errors = {key: one.error or "" for key, one in results.items()}
    assert "cuts.lp:5: section User Cuts; SCIP also reads the row" in errors["cuts", "scip"]
    assert "int.lp:7: section Int; HiGHS takes the word" in errors["int", "highs"]
    right = results["int", "scip"]
    assert right.answer.primal_bound == 8
    assert right.verification is not None
    assert (right.verification.reader, right.verification.independent) == ("scip", False)


def test_a_file_that_the_only_solver_misreads_ends_the_command(bench: Bench, misread: Path) -> None:
    """Before anything starts, with the cause; a solver that reads it right is not told of it."""
    refused = bench("run", misread / "cuts.lp", code=1)
    assert refused.err.count("section User Cuts; SCIP also reads the row before it as a cut") == 1
    assert "none of the instances can be executed" in refused.err
    done = bench("run", misread / "int.lp", "--json")
    assert done.json["results"][0]["status"] == "optimal"
    assert "Int" not in done.err


@pytest.mark.slow
@pytest.mark.usefixtures("fork_server")
def test_no_broken_file_counts_as_solved(tmp_path: Path, shared: Path, knapsack: Path) -> None:
    """Empty, nan, 9/10 read as 9, read as two problems, cut: caught, and why stands there."""
    cut = knapsack.with_name("cut.mps.gz")
    cut.write_bytes(gzip.compress(knapsack.read_bytes() * 99)[:-40])
    instances = lint_instances(
        find([str(shared / "instances" / "broken"), str(cut)]), tmp_path, Listener()
    )
    settings = [Setting(name=solver, solver=solver) for solver in REFUSED_BY_ONE]
    broken = tasks(instances, settings, [0], Limits(time_s=20), dict.fromkeys(REFUSED_BY_ONE, "1"))
    executor = LocalExecutor(
        ExecutorConfig(folder=tmp_path / "tasks", cpu_slots=(ANYWHERE, ANYWHERE))
    )
    with closing(Journal(tmp_path)) as journal:
        results = list(execute_and_judge(broken, executor, NO_REFERENCES, journal))
    for solver, refused in REFUSED_BY_ONE.items():
        of_solver = [one for one in results if one.task.setting.solver == solver]
        unsolved = [one for one in of_solver if not one.verdict.solved]
        assert {one.task.instance.name for one in unsolved} == TRAPS | refused
        assert all(one.error for one in unsolved)


class Gate:
    """Stands for the lint: waits with some files until it is opened."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, closed_for: str) -> None:
        """Take the place of the lint of a file."""
        self.closed_for = closed_for
        self.opened = threading.Event()
        self.asked: list[str] = []
        monkeypatch.setattr(linting, "_findings", self._findings)

    def _findings(self, instance: Instance, *_: object) -> list[LintFinding]:
        self.asked.append(instance.name)
        if instance.name == self.closed_for:
            assert self.opened.wait(PATIENCE_S)
        if instance.name == "bad":
            return [LintFinding(Severity.ERROR, 3, "bad file", "bad", "")]
        return []


class Opening(Listener):
    """Opens the gate once a result has arrived."""

    def __init__(self, gate: Gate) -> None:
        """Remember the gate."""
        self._gate = gate
        self.statuses: list[str | None] = []

    def task_finished(self, result: Result) -> None:
        """Open it."""
        self.statuses.append(result.answer.status or result.answer.error)
        self._gate.opened.set()


SPARE = frozenset({0})


@pytest.mark.usefixtures("fork_server")
@pytest.mark.parametrize("name", ["good", "bad"])
def test_the_next_instance_is_linted_while_the_first_is_solved(
    knapsack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Its task waits for what is found, and is not executed where that is an error."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(ExecutionConfig, "spare_cpus", SPARE)
    files = [knapsack.rename(tmp_path / "a.mps"), tmp_path / f"{name}.mps", tmp_path / "z.mps"]
    for file in files[1:]:
        file.write_text(f"* {file.name}\n{files[0].read_text()}")
    gate = Gate(monkeypatch, closed_for=name)
    listener = Opening(gate)
    options = RunOptions(
        list(map(str, files)), solver="fake", jobs=1, no_mlflow=True, progress=listener
    )
    done = run(options)
    assert gate.asked == ["a", name, "z"]
    assert [one.task.instance.lint for one in done.results] == [(), (), ()]
    refused = [one for one in done.results if one.answer.error]
    assert [one.task.instance.name for one in refused] == (["bad"] if name == "bad" else [])
    assert done.n_missing == 0


@pytest.mark.usefixtures("fork_server")
def test_without_a_core_for_it_all_is_linted_first(
    knapsack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lint would disturb what is measured."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(ExecutionConfig, "spare_cpus", frozenset())
    other = tmp_path / "z.mps"
    other.write_text(f"* z\n{knapsack.read_text()}")
    gate = Gate(monkeypatch, closed_for="")
    seen: list[list[str]] = []

    class Watching(Listener):
        """Notes what was linted when the first task starts."""

        def task_started(self, task: Task) -> None:
            """Note it."""
            del task
            seen.append(list(gate.asked))

    files = [str(knapsack), str(other)]
    run(RunOptions(files, solver="fake", jobs=1, no_mlflow=True, progress=Watching()))
    assert seen[0] == ["knapsack", "z"]


def test_what_keeps_files_from_being_linted_is_raised_where_it_is_needed(
    knapsack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And nothing is waited for any more."""

    def broken(*_: object) -> list[LintFinding]:
        raise MachineError("no process could be started")

    monkeypatch.setattr(linting, "_findings", broken)
    (instance,) = find([str(knapsack)])
    (task,) = tasks([instance], [Setting(name="s", solver="fake")], [0], Limits(), {"fake": "1"})
    with (
        LintAhead([instance], knapsack.parent, Listener(), frozenset()) as ahead,
        pytest.raises(MachineError, match="no process"),
    ):
        ahead.linted(task)
