"""What the machine lacks is no solver's fault: a task is repeated, or has no outcome."""

from __future__ import annotations

import errno
import mmap
import os
import resource
import signal
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing import Pipe, forkserver, get_context
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from threading import Thread
from typing import Any

import psutil
import pytest

from bench.errors import MachineError
from bench.execution import in_process
from bench.execution.in_process import InProcessExecutor
from bench.execution.linter import Linter
from bench.execution.local import LocalExecutor
from bench.execution.process import launch, machine, messages, task_files
from bench.execution.process.fork_servers import fork_server, workers
from bench.execution.process.supervision import supervisor, verifier_process
from bench.execution.process.supervision.solver_process import EXIT_FAILED, EXIT_MACHINE, attempt
from bench.execution.protocol import ANYWHERE, Executor, ExecutorConfig, execute_tasks
from bench.execution.request import ExecutionRequest
from bench.model.instances.instance import Instance
from bench.model.limits import Limits
from bench.model.results.process_stats import Termination
from bench.model.results.result import Outcome
from bench.model.setting import Setting
from bench.model.task import Task
from bench.solvers import registry
from bench.solvers.fake import Fake
from tests.commands import PRELOADED
from tests.waiting import PATIENCE_S

pytestmark = pytest.mark.usefixtures("fork_server")

LACKING = [errno.ENOSPC, errno.EDQUOT, errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EAGAIN]
Lost = list[tuple[Task, str]]


def task(path: Path, seed: int = 0, memory_mib: float | None = None, **params: Any) -> Task:
    """Return a task of the fake solver."""
    return Task(
        instance=Instance(name=path.stem, path=path, digest="0" * 64),
        setting=Setting(name="fake", solver="fake", params=params),
        solver_version="1.0",
        seed=seed,
        limits=Limits(time_s=60, memory_mib=memory_mib, grace_s=1),
    )


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Repeat without long pauses."""
    monkeypatch.setattr(machine, "PAUSES_S", (0.05, 0.1, 0.2))


@pytest.fixture
def lost() -> Lost:
    """Return the tasks that have no outcome, with the reasons."""
    return []


@pytest.fixture
def config(tmp_path: Path, lost: Lost) -> ExecutorConfig:
    """Return what executors are made with: two slots."""
    return ExecutorConfig(
        folder=tmp_path / "tasks",
        cpu_slots=(ANYWHERE, ANYWHERE),
        on_lost=lambda task, reason: lost.append((task, reason)),
    )


def failing(
    number: int, n_times: float, really: Callable[..., Any] | None = None
) -> Callable[..., Any]:
    """Return a function that fails so many times with an error of the system, and then does it."""
    calls = iter(range(10**9))

    def call(*arguments: Any, **options: Any) -> Any:
        if next(calls) < n_times:
            raise OSError(number, os.strerror(number))
        return really(*arguments, **options) if really else None

    return call


def execute(executor: Executor, tasks: Iterable[Task]) -> list[Outcome]:
    """Return the outcomes of tasks."""
    return list(execute_tasks(executor, tasks))


PLACES: dict[str, tuple[Any, str]] = {
    "a folder": (Path, "mkdir"),
    "a pipe": (os, "pipe"),
    "a process": (forkserver, "connect_to_new_process"),
    "reading the answer": (task_files, "_open"),
}


@pytest.mark.parametrize("number", LACKING)
@pytest.mark.parametrize("place", PLACES)
def test_what_is_lacking_for_a_moment_costs_a_repetition(
    config: ExecutorConfig,
    lost: Lost,
    knapsack: Path,
    monkeypatch: pytest.MonkeyPatch,
    place: str,
    number: int,
) -> None:
    """Wherever the harness itself meets it."""
    owner, name = PLACES[place]
    monkeypatch.setattr(owner, name, failing(number, 1, getattr(owner, name)))
    (outcome,) = execute(LocalExecutor(config), [task(knapsack)])
    assert outcome.execution.termination is Termination.NORMAL
    assert outcome.answer.primal_bound == 42
    assert not lost


@pytest.mark.parametrize("error", [ConnectionRefusedError, BrokenPipeError, EOFError, MemoryError])
def test_a_fork_server_that_has_just_ended_is_replaced(
    config: ExecutorConfig,
    lost: Lost,
    knapsack: Path,
    monkeypatch: pytest.MonkeyPatch,
    error: type[Exception],
) -> None:
    """Whatever the standard library says of it."""
    really, errors = forkserver.connect_to_new_process, iter([error(), error()])

    def connect(fds: Any) -> Any:
        for each in errors:
            raise each
        return really(fds)

    monkeypatch.setattr(forkserver, "connect_to_new_process", connect)
    assert len(execute(LocalExecutor(config), [task(knapsack)])) == 1
    assert not lost


@pytest.mark.parametrize("number", LACKING)
def test_what_stays_lacking_leaves_every_task_without_outcome(
    config: ExecutorConfig,
    lost: Lost,
    knapsack: Path,
    monkeypatch: pytest.MonkeyPatch,
    number: int,
) -> None:
    """Each is named once, none is waited for after the first, and nothing is raised."""
    monkeypatch.setattr(forkserver, "connect_to_new_process", failing(number, 10**9))
    tasks = [task(knapsack, seed) for seed in range(50)]
    begun = time.monotonic()
    assert execute(LocalExecutor(config), tasks) == []
    assert time.monotonic() - begun < PATIENCE_S
    assert sorted(one.seed for one, _ in lost) == list(range(50))
    assert {reason for _, reason in lost} == {f"no process could be started: {os.strerror(number)}"}


SUPERVISORS: dict[str, tuple[Any, str]] = {
    "its log": (supervisor, "BoundedLog"),
    "the solver's process": (os, "fork"),
    "a descriptor of the solver's process": (os, "pidfd_open"),
    "its report": (supervisor, "write_json"),
}


@pytest.mark.parametrize("number", LACKING)
@pytest.mark.parametrize("place", SUPERVISORS)
def test_a_supervisor_hands_over_what_it_lacked_without_any_file(
    tmp_path: Path, knapsack: Path, place: str, number: int
) -> None:
    """By its exit code, and it leaves no process behind."""
    owner, name = SUPERVISORS[place]
    request = ExecutionRequest(task=task(knapsack, behaviour="sleep"), folder=tmp_path / "task")
    request.folder.mkdir()
    pid = os.fork()
    if pid == 0:  # the patches are those of this process alone
        code = 250
        try:
            setattr(owner, name, failing(number, 10**9))
            supervisor.forked_from = os.getppid
            supervisor.supervise(request, Pipe(duplex=False)[0])
        except SystemExit as end:
            code = int(end.code or 0)
        finally:
            os._exit(code)
    _, status = os.waitpid(pid, 0)
    code = os.waitstatus_to_exitcode(status)
    assert code == number
    assert machine.exit_text(code) == os.strerror(number)
    assert not _in_folder(request.folder)


def _in_folder(folder: Path) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.environ().get("TMPDIR", "").startswith(str(folder)):
                found.append(process)
    return found


@pytest.mark.parametrize("number", sorted(machine.FAULTS))
@pytest.mark.parametrize("wrapped", [False, True])
def test_a_solver_that_the_machine_denies_something_says_so(
    tmp_path: Path,
    knapsack: Path,
    monkeypatch: pytest.MonkeyPatch,
    number: int,
    *,
    wrapped: bool,
) -> None:
    """Also where it makes an error of its own of it; a memory limit is the task's own.

    What the machine says of it then is another matter.
    """

    def solve(*_: object) -> None:
        error = OSError(number, os.strerror(number))
        if wrapped:
            raise ValueError("cannot write the solution") from error
        raise error

    monkeypatch.setattr(Fake, "solve", solve)
    answer, code = attempt(ExecutionRequest(task=task(knapsack), folder=tmp_path))
    assert (answer.error, code) == (os.strerror(number), EXIT_MACHINE)
    limited = ExecutionRequest(task=task(knapsack, memory_mib=100), folder=tmp_path)
    assert (attempt(limited)[1] == EXIT_MACHINE) == (number != errno.ENOMEM)


@pytest.mark.parametrize(
    "error",
    [
        FileNotFoundError(errno.ENOENT, "x"),
        PermissionError(errno.EACCES, "x"),
        OSError(errno.EMFILE, "a solver that leaks descriptors"),
        ValueError("No space left on device"),
    ],
)
def test_an_error_of_the_solver_is_its_own(
    tmp_path: Path, knapsack: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """As are files that are not there, and too many that are open in its process alone."""

    def solve(*_: object) -> None:
        raise error

    monkeypatch.setattr(Fake, "solve", solve)
    answer, code = attempt(ExecutionRequest(task=task(knapsack), folder=tmp_path))
    assert code == EXIT_FAILED
    assert str(error) in (answer.error or "")


@pytest.mark.parametrize("number", LACKING)
@pytest.mark.parametrize("behaviour", ["exit", "abort"])
def test_a_log_that_names_what_is_lacking_proves_nothing(
    config: ExecutorConfig,
    lost: Lost,
    knapsack: Path,
    monkeypatch: pytest.MonkeyPatch,
    number: int,
    behaviour: str,
) -> None:
    """A solver may print anything and end; the machine lacks nothing, and the task has failed."""
    monkeypatch.setattr(launch, "_tail", lambda _: f"ERROR: {os.strerror(number)}\n")
    (outcome,) = execute(LocalExecutor(config), [task(knapsack, behaviour=behaviour)])
    assert outcome.answer.status is None
    assert outcome.execution.termination not in {Termination.NORMAL, Termination.INTERRUPT}
    assert not lost


def test_a_solver_that_says_so_again_and_again_has_failed(
    config: ExecutorConfig, lost: Lost, knapsack: Path
) -> None:
    """It is repeated: the machine may have lacked something for a moment. Then it is a failure."""
    n_starts: list[Task] = []
    counting = replace(config, on_start=n_starts.append)
    claiming = task(knapsack, behaviour="exit", code=EXIT_MACHINE)
    begun = time.monotonic()
    (outcome,) = execute(LocalExecutor(counting), [claiming])
    assert time.monotonic() - begun > sum(machine.PAUSES_S)
    assert outcome.execution.termination is Termination.ERROR
    assert outcome.execution.exit_code == EXIT_MACHINE
    assert not lost


@pytest.mark.parametrize("n_times", [1, 10**9])
def test_in_this_process_it_is_repeated_as_well(
    config: ExecutorConfig,
    lost: Lost,
    knapsack: Path,
    monkeypatch: pytest.MonkeyPatch,
    n_times: int,
) -> None:
    """Once is forgotten; what lasts, on a machine that lacks nothing, is the solver's failure."""
    monkeypatch.setattr(Fake, "solve", failing(errno.ENOSPC, n_times, Fake.solve))
    (outcome,) = execute(InProcessExecutor(config), [task(knapsack)])
    assert outcome.answer.error == (os.strerror(errno.ENOSPC) if n_times > 1 else None)
    assert not lost


def lacking_now(folder: Path, instance: Path) -> str | None:
    """Return what the machine lacks, as a process with a single thread finds out."""
    return in_child(partial(machine.fault_now, folder, instance))


def test_a_machine_that_lacks_nothing_says_so(tmp_path: Path, knapsack: Path) -> None:
    """Also where neither folder nor instance is there: that is no fault of it."""
    assert lacking_now(tmp_path, knapsack) is None
    assert lacking_now(tmp_path / "not" / "there", tmp_path / "none.mps") is None


SHORT: dict[str, tuple[Any, str, Any, int]] = {
    "inodes": (os, "statvfs", lambda _: Volume(n_inodes=0), errno.ENOSPC),
    "space": (os, "statvfs", lambda _: Volume(n_blocks=0), errno.ENOSPC),
    "the size of files": (resource, "getrlimit", lambda _: (4, 4), errno.EFBIG),
    "quota": (tempfile, "TemporaryFile", errno.EDQUOT, errno.EDQUOT),
    "the disk of the instance": (machine, "read_start", errno.EIO, errno.EIO),
    "open files of the system": (machine, "OPEN_FILES", "99990 10 100000", errno.ENFILE),
    "memory": (machine, "MEMORY", "MemFree: 1 kB\nMemAvailable:   9 kB\n", errno.ENOMEM),
    "memory that may be promised": (mmap, "mmap", errno.ENOMEM, errno.ENOMEM),
    "processes": (os, "fork", errno.EAGAIN, errno.EAGAIN),
}


@dataclass(frozen=True)
class Volume:
    """What ``statvfs`` says of a volume."""

    n_blocks: int = 10**6
    n_inodes: int = 10**6
    f_frsize: int = 4096
    f_files: int = 10**6

    @property
    def f_bavail(self) -> int:
        """Free blocks."""
        return self.n_blocks

    @property
    def f_favail(self) -> int:
        """Free inodes."""
        return self.n_inodes


@pytest.mark.parametrize("what", SHORT)
def test_the_machine_itself_shows_what_it_lacks(tmp_path: Path, knapsack: Path, what: str) -> None:
    """The solver's process has just failed, and need not have said why."""
    owner, name, by, number = SHORT[what]
    (tmp_path / "half").write_text("text")
    if isinstance(by, int):
        by = failing(by, 10**9)
    elif isinstance(by, str):
        (tmp_path / "file").write_text(by)
        by = tmp_path / "file"

    def look() -> str | None:
        setattr(owner, name, by)
        return machine.fault_now(tmp_path, knapsack)

    assert (in_child(look) or "").startswith(os.strerror(number))


def test_a_crash_while_the_machine_lacks_something_is_repeated(
    tmp_path: Path, knapsack: Path
) -> None:
    """The supervisor sees it; the report says so, and there is no outcome."""
    request = ExecutionRequest(task=task(knapsack, behaviour="exit"), folder=tmp_path / "task")
    request.folder.mkdir()

    def run() -> str:
        supervisor.forked_from = os.getppid
        machine.OPEN_FILES = tmp_path / "file-nr"
        machine.OPEN_FILES.write_text("100 0 100")
        supervisor.supervise(request, Pipe(duplex=False)[0])
        return ""

    in_child(run)
    report = messages.read_json(request.folder, messages.SupervisorReport)
    assert report is not None
    assert report.exit_code
    assert report.lacking == os.strerror(errno.ENFILE)


@pytest.mark.parametrize("n_times", [1, 2])
def test_a_check_beside_another_interpreter_is_started_twice_at_most(
    config: ExecutorConfig,
    lost: Lost,
    knapsack: Path,
    monkeypatch: pytest.MonkeyPatch,
    n_times: int,
) -> None:
    """The solve is not repeated for it, and its answer is there."""
    really = launch.start

    def solve(_: object, order: ExecutionRequest, theirs: Connection) -> object:
        process = get_context("forkserver").Process(
            target=supervisor.supervise, args=(replace(order, verify=False), theirs)
        )
        really(process)
        return process

    errors = iter([MachineError("no process could be started: x")] * n_times)

    def start(process: ForkServerProcess) -> None:
        for error in errors:
            raise error
        really(process)

    monkeypatch.setattr(registry, "environment", lambda _: object())
    monkeypatch.setattr(launch, "inside", lambda task, _: task)
    monkeypatch.setattr(workers, "start", solve)
    monkeypatch.setattr(launch, "start", start)
    monkeypatch.setattr(verifier_process, "PAUSE_S", 0.01)
    solved = task(knapsack, solution="a=1 c=1", primal_bound=8)
    (outcome,) = execute(LocalExecutor(config), [solved])
    assert outcome.execution.termination is Termination.NORMAL
    assert outcome.verification is not None
    assert ("could be started" in (outcome.verification.skipped or "")) == (n_times > 1)
    assert not lost


def in_child(act: Callable[[], str | None]) -> str | None:
    """Return what an action in a forked process returns: what it patches is gone with it."""
    ours, theirs = Pipe(duplex=False)
    pid = os.fork()
    if pid == 0:
        try:
            theirs.send(act())
        finally:
            os._exit(0)
    theirs.close()
    os.waitpid(pid, 0)
    found: str | None = ours.recv()
    return found


@pytest.mark.parametrize("what", ["n_blocks", "n_inodes"])
def test_neither_space_nor_inodes_are_left(
    config: ExecutorConfig, lost: Lost, knapsack: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    """No answer is trusted to have arrived whole, and no further task is started."""
    full = Volume(**{what: 0})
    monkeypatch.setattr(os, "statvfs", lambda _: full)
    assert execute(LocalExecutor(config), [task(knapsack, seed) for seed in range(9)]) == []
    assert len(lost) == 9
    assert all(reason.startswith("No space left on device") for _, reason in lost)


@pytest.mark.parametrize("number", LACKING)
def test_in_this_process_it_is_the_same(
    config: ExecutorConfig,
    lost: Lost,
    knapsack: Path,
    monkeypatch: pytest.MonkeyPatch,
    number: int,
) -> None:
    """A moment costs a repetition, and a lasting fault the outcome."""
    really = messages.write_json
    solved = task(knapsack, solution="a=1")
    monkeypatch.setattr(in_process, "write_json", failing(number, 1, really))
    assert len(execute(InProcessExecutor(config), [solved])) == 1
    assert not lost
    monkeypatch.setattr(in_process, "write_json", failing(number, 10**9))
    assert execute(InProcessExecutor(config), [solved]) == []
    assert lost == [(solved, os.strerror(number))]


def test_a_report_is_written_whatever_lies_in_its_way(tmp_path: Path) -> None:
    """Folders and pipes of a solver, and a folder that is gone."""
    folder = tmp_path / "task"
    report = messages.SupervisorReport(started_at=0.0, wall_s=1.0)

    def link() -> None:
        folder.rename(tmp_path / "further")
        folder.symlink_to(tmp_path / "further")

    in_the_way: list[Callable[[], object]] = [
        lambda: None,
        lambda: (folder / "supervisorreport.json" / "more").mkdir(parents=True),
        lambda: os.mkfifo(folder / "supervisorreport.half"),
        lambda: folder.rename(tmp_path / "elsewhere"),
        link,
    ]
    for leave in in_the_way:
        leave()
        messages.make_way(folder, messages.SupervisorReport)
        messages.write_json(folder, report)
        assert messages.read_json(folder, messages.SupervisorReport) == report


def servers() -> int:
    """Return the process id of the fork server."""
    fork_server.prepare(PRELOADED)
    pid = forkserver._forkserver._forkserver_pid  # type: ignore[attr-defined]
    assert isinstance(pid, int)
    return pid


def supervisors() -> Iterator[psutil.Process]:
    """Yield the supervisors: the children of the fork server that have children."""
    with suppress(psutil.Error):
        for each in psutil.Process(servers()).children():
            if each.children():
                yield each


def kill_server() -> None:
    """Kill the fork server while a task is solved."""
    while not list(supervisors()):
        time.sleep(0.01)
    os.kill(servers(), signal.SIGKILL)


def signal_supervisors(number: signal.Signals) -> None:
    """Send a signal to all supervisors of tasks that are solved."""
    while not (found := list(supervisors())):
        time.sleep(0.01)
    for each in found:
        with suppress(psutil.Error):
            each.send_signal(number)


KILLS: dict[str, Callable[[], None]] = {
    "fork server": kill_server,
    "supervisors": partial(signal_supervisors, signal.SIGKILL),
    "supervisors, politely": partial(signal_supervisors, signal.SIGTERM),
}


def killed(
    config: ExecutorConfig, path: Path, kill: Callable[[], None], n_kills: int
) -> list[Outcome]:
    """Return the outcomes of tasks during which something is killed again and again."""

    def loop() -> None:
        for _ in range(n_kills):
            kill()
            time.sleep(0.3)

    tasks = [task(path, seed, behaviour="sleep", seconds=0.4) for seed in range(4 * n_kills)]
    thread = Thread(target=loop)
    collecting = execute_tasks(LocalExecutor(config), tasks)
    thread.start()
    outcomes = list(collecting)
    thread.join()
    return outcomes


@pytest.mark.parametrize(
    ("who", "n_kills"),
    [
        *((who, 1) for who in KILLS),
        *(pytest.param(who, 20, marks=pytest.mark.soak) for who in KILLS),
    ],
)
def test_innocent_tasks_are_repeated(
    config: ExecutorConfig,
    lost: Lost,
    knapsack: Path,
    monkeypatch: pytest.MonkeyPatch,
    who: str,
    n_kills: int,
) -> None:
    """Each has its own answer, and nobody was interrupted."""
    monkeypatch.setattr(machine, "PAUSES_S", (0.05,) * 50)
    outcomes = killed(config, knapsack, KILLS[who], n_kills)
    assert sorted(one.task.seed for one in outcomes) == list(range(4 * n_kills))
    assert {one.execution.termination for one in outcomes} == {Termination.NORMAL}
    assert not lost
    assert not _in_folder(config.folder)


def test_a_task_that_kills_its_supervisor_again_and_again_has_no_outcome(
    config: ExecutorConfig, lost: Lost, knapsack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is the only one that is lost."""
    monkeypatch.setattr(machine, "PAUSES_S", (0.05,))
    guilty, innocent = task(knapsack, 0, behaviour="kill_parent"), task(knapsack, 1)
    outcomes = execute(LocalExecutor(config), [guilty, innocent, task(knapsack, 2)])
    assert sorted(one.task.seed for one in outcomes) == [1, 2]
    assert lost == [(guilty, "its supervisor was killed by SIGKILL")]


def test_a_linter_outlives_the_fork_server(knapsack: Path) -> None:
    """It starts another one."""
    with Linter() as linter:
        found = linter.lint(knapsack)
        os.kill(servers(), signal.SIGKILL)
        assert linter.lint(knapsack) == found


def test_a_linter_without_processes_says_so(
    knapsack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is kept as a finding of the file."""
    monkeypatch.setattr(forkserver, "connect_to_new_process", failing(errno.EAGAIN, 10**9))
    with Linter() as linter, pytest.raises(MachineError, match="cannot be linted: no process"):
        linter.lint(knapsack)
