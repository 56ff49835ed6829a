"""Cores that others have: ``bench run`` and ``bench sweep`` wait, take others, and say so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bench import api
from bench.app.campaign import lease_cores
from bench.errors import BenchError
from bench.execution.host import topology
from bench.execution.host.cores import by_preference
from bench.execution.host.leases import CoreLeases, Holder, held_cores, lease_folder
from bench.execution.host.topology import Core
from bench.report.listener import Listener

Bench = Callable[..., Any]
FAKE = ("--solver", "fake", "--no-lint")
ALICE = Holder(user="alice", pid=47, purpose="sweep cuts", since=1_700_000_000.0)

pytestmark = [
    pytest.mark.skipif(
        not topology.read().cores[0].cpus, reason="no task can be pinned to a core here"
    ),
    pytest.mark.usefixtures("without_mlflow"),
]


@pytest.fixture
def cores() -> list[Core]:
    """Return all cores, in the order in which they are given to tasks."""
    return by_preference(topology.read())


@pytest.fixture
def alice(monkeypatch: pytest.MonkeyPatch) -> Iterator[CoreLeases]:
    """Return the leases of somebody else, who has none yet."""
    monkeypatch.setattr(lease_cores, "POLL_S", 0.05)
    leases = CoreLeases(lease_folder(), ALICE)
    yield leases
    leases.release()


@pytest.fixture
def folder(knapsack: Path) -> Path:
    """Return a folder with an instance."""
    models = knapsack.parent / "models"
    models.mkdir()
    return knapsack.rename(models / "a.mps").parent


@pytest.mark.parametrize("command", ["run", "sweep"])
def test_it_waits_until_the_cores_are_free_and_says_who_has_them(
    command: str,
    bench: Bench,
    folder: Path,
    alice: CoreLeases,
    cores: list[Core],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As soon as they are it goes on by itself."""
    alice.lease(cores, len(cores))
    pause = lease_cores._pause

    def pause_and_leave(listener: Listener) -> bool:
        alice.release()
        return pause(listener)

    monkeypatch.setattr(lease_cores, "_pause", pause_and_leave)
    ended = bench(command, folder, *FAKE)
    assert "Waiting for free cores: alice has core" in ended.err
    assert "(process 47, sweep cuts, since 2023-11-1" in ended.err
    assert "Cores are free now: tasks are executed on core" in ended.err
    assert held_cores(lease_folder()) == []


@pytest.mark.parametrize("command", ["run", "sweep"])
def test_it_fails_at_once_where_it_is_told_not_to_wait(
    command: str, bench: Bench, folder: Path, alice: CoreLeases, cores: list[Core]
) -> None:
    """One line, and nothing is executed; afterwards the same command executes it."""
    alice.lease(cores, len(cores))
    options = (command, folder, *FAKE, "-j", "1", "--if-cores-taken", "fail")
    error = bench(*options, code=1).err
    assert "Error: too few cores are free: alice has core" in error
    assert not list(folder.parent.glob("bench-work/*/tasks/*"))
    alice.release()
    bench(*options)


def test_shared_cores_are_used_and_it_is_a_warning(
    bench: Bench, folder: Path, alice: CoreLeases, cores: list[Core]
) -> None:
    """As it was before there were leases."""
    alice.lease(cores, len(cores))
    ended = bench("run", folder, *FAKE, "-j", "1", "--if-cores-taken", "share")
    assert "Warning: alice has core" in ended.err
    assert "; tasks share these cores" in ended.err


def test_other_cores_are_taken_where_there_are_some(
    bench: Bench, folder: Path, alice: CoreLeases, cores: list[Core]
) -> None:
    """The results say on which core a task was."""
    if len(cores) < 2:
        pytest.skip("there is one core")
    alice.lease(cores, 1)
    ended = bench("run", folder, *FAKE, "-j", "1")
    assert "alice has core" in ended.err
    assert f"; tasks are executed on core {cores[1].number}." in ended.err
    (line,) = (journal.read_text() for journal in folder.parent.glob("bench-work/*/journal.jsonl"))
    assert f'"cores":{sorted(cores[1].cpus)}'.replace(" ", "") in line


def test_where_cores_cannot_be_leased_a_line_says_so(
    bench: Bench, folder: Path, tmp_path: Path
) -> None:
    """The sweep is executed all the same."""
    missing = tmp_path / "not" / "here"
    ended = bench("run", folder, *FAKE, "-j", "1", env={"BENCH_LEASE_FOLDER": str(missing)})
    assert f"Warning: cores cannot be leased ({missing}: No such file" in ended.err
    assert ended.err.count("cannot be leased") == 1


def test_tasks_in_this_process_need_no_core(
    bench: Bench, folder: Path, alice: CoreLeases, cores: list[Core]
) -> None:
    """A debugger does not wait."""
    alice.lease(cores, len(cores))
    assert "alice" not in bench("run", folder, *FAKE, "-j", "0").err


@pytest.mark.slow
def test_what_is_finished_needs_no_core(
    bench: Bench, folder: Path, alice: CoreLeases, cores: list[Core]
) -> None:
    """A sweep with nothing left to do ends at once."""
    bench("sweep", folder, *FAKE, "-j", "1", "--name", "done")
    alice.lease(cores, len(cores))
    assert "alice" not in bench("sweep", folder, *FAKE, "-j", "1", "--name", "done").err


@pytest.mark.recorded
def test_a_sweep_that_is_stopped_while_it_waits_can_be_continued(
    folder: Path, alice: CoreLeases, cores: list[Core], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing was executed, and nothing is recorded in MLflow."""
    monkeypatch.chdir(folder.parent)

    class Impatient(Listener):
        """Stops at the first message."""

        stopped = False

        def message(self, line: str) -> None:
            """Hear that it waits."""
            self.stopped = self.stopped or line.startswith("Waiting")

        def should_continue(self) -> bool:
            """Stop from then on."""
            return not self.stopped

    alice.lease(cores, len(cores))
    options: dict[str, Any] = {"solver": "fake", "lint": False, "name": "mine", "jobs": 1}
    stopped = api.sweep(str(folder), progress=Impatient(), **options)
    assert (stopped.n_missing, stopped.interrupted, stopped.run_ids) == (1, False, {})
    assert not Path("mlflow.db").exists()
    with pytest.raises(BenchError, match="too few cores are free"):
        api.sweep(str(folder), if_cores_taken="fail", **options)
    with pytest.raises(BenchError, match="known: wait, fail, share"):
        api.sweep(str(folder), if_cores_taken="perhaps", **options)
    alice.release()
    assert api.sweep(str(folder), **options).n_missing == 0


def test_status_shows_who_has_which_cores(
    bench: Bench, alice: CoreLeases, cores: list[Core]
) -> None:
    """Whether or not there is any sweep here."""
    alice.lease(cores, 1)
    held, *free = bench("status", "--host", "--json").json["cores"][::-1]
    by_number = {each["core"]: each for each in [held, *free]}
    assert by_number.keys() == {core.number for core in cores}
    taken = by_number.pop(cores[0].number)
    assert taken["cpus"] == sorted(cores[0].cpus)
    assert (taken["holder"]["user"], taken["holder"]["pid"]) == ("alice", 47)
    assert {each["holder"] for each in by_number.values()} <= {None}
    lines = bench("status", "--host").out.splitlines()
    assert lines[0].split() == ["core", "CPUs", "state", "user", "process", "executes", "since"]
    (line,) = (line for line in lines if "alice" in line)
    assert line.split()[2:7] == ["taken", "alice", "47", "sweep", "cuts"]
    assert sum(" free" in line for line in lines) == len(cores) - 1
    assert "--host shows the whole machine" in bench("status", "x", "--host", code=2).err
