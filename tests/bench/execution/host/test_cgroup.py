"""Cgroups of version 2: on imitated files, and for real where a group can be made."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bench.execution.host import cgroup
from bench.execution.host.cgroup import Delegation, TaskGroup
from bench.execution.host.quota import own_group
from tests.waiting import PATIENCE_S

Write = Callable[..., Path]
GROUP = "sys/fs/cgroup/user/bench.scope"
FILES: dict[str, str | int] = {
    "proc/self/mounts": "cgroup2 /sys/fs/cgroup cgroup2 rw 0 0",
    "proc/self/cgroup": "0::/user/bench.scope",
    f"{GROUP}/cgroup.type": "domain",
    f"{GROUP}/cgroup.controllers": "cpu io memory pids",
    f"{GROUP}/cgroup.procs": os.getpid(),
    f"{GROUP}/cgroup.subtree_control": "",
}


def test_a_group_of_our_own_with_controllers_is_found(write: Write) -> None:
    """As under ``systemd-run --user --scope -p Delegate=yes``."""
    root = write(FILES)
    assert cgroup.find(root) == (Delegation(root / GROUP), "")


def test_a_divided_group_is_found_again(write: Write) -> None:
    """Once bench has moved into its part, the whole is still its own."""
    root = write(
        FILES
        | {
            "proc/self/cgroup": "0::/user/bench.scope/bench-harness",
            f"{GROUP}/cgroup.procs": "",
            f"{GROUP}/bench-harness/cgroup.procs": os.getpid(),
        }
    )
    assert cgroup.find(root) == (Delegation(root / GROUP), "")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"proc/self/mounts": "proc /proc proc rw 0 0"}, "no cgroups of version 2"),
        (
            {f"{GROUP}/cgroup.controllers": "hugetlb"},
            "cgroups of version 2 without cpu and memory control",
        ),
        ({f"{GROUP}/cgroup.controllers": "cpu"}, "cgroups of version 2 without memory control"),
        ({f"{GROUP}/cgroup.procs": "1"}, "other processes are in the cgroup of this process"),
    ],
)
def test_what_cannot_be_used_says_why(write: Write, change: dict[str, str], reason: str) -> None:
    """One reason in words, no error."""
    assert cgroup.find(write(FILES | change)) == (None, reason)


def test_the_root_of_the_machine_is_left_alone(write: Write) -> None:
    """It has no type, and everybody's processes."""
    root = write({name: text for name, text in FILES.items() if not name.endswith(".type")})
    assert cgroup.find(root)[1] == "this process is in the machine's root cgroup"


def test_a_group_that_cannot_be_written_is_not_used(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The normal case of an ordinary session."""
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert cgroup.find(write(FILES))[1] == "this user may not divide the cgroup of this process"


def test_preparing_moves_bench_aside_and_hands_controllers_down(write: Write) -> None:
    """Only a group without processes may be divided."""
    root = write(FILES)
    assert Delegation(root / GROUP).prepare() == ""
    assert (root / GROUP / "bench-harness/cgroup.procs").read_text() == str(os.getpid())
    assert (root / GROUP / "cgroup.subtree_control").read_text() == "+memory"


def test_a_refused_preparation_says_why(tmp_path: Path) -> None:
    """The kernel's reason, no error."""
    reason = Delegation(tmp_path / "gone").prepare()
    assert reason.endswith("cannot be divided: No such file or directory")


def test_a_task_group_is_limited_without_swap(tmp_path: Path) -> None:
    """The limit is in bytes, and the kernel kills all or nothing."""
    group = TaskGroup(tmp_path)
    (tmp_path / "memory.swap.max").touch()
    group.limit_memory(100.0)
    written = {path.name: path.read_text() for path in group.path.iterdir()}
    assert written == {"memory.max": "104857600", "memory.oom.group": "1", "memory.swap.max": "0"}


def test_a_task_group_tells_peak_kills_and_cpu(write: Write) -> None:
    """In MiB, a count, and seconds."""
    root = write(
        {
            "task/memory.peak": 3 * 2**20,
            "task/memory.events": "low 0\nhigh 0\nmax 9\noom 2\noom_kill 2\noom_group_kill 1",
            "task/cpu.stat": "usage_usec 1500000\nuser_usec 1000000",
        }
    )
    group = TaskGroup(root / "task")
    assert (group.peak_mib, group.n_killed_for_memory, group.cpu_s) == (3.0, 2, 1.5)


def test_an_old_kernel_tells_nothing(tmp_path: Path) -> None:
    """Missing files are None."""
    group = TaskGroup(tmp_path)
    assert (group.peak_mib, group.n_killed_for_memory, group.cpu_s) == (None, None, None)


def test_where_no_group_can_be_made_there_is_none(tmp_path: Path) -> None:
    """The task is then executed without."""
    with Delegation(tmp_path / "gone").task_group("task") as group:
        assert group is None


def test_a_group_of_that_name_is_left_to_its_owner(tmp_path: Path) -> None:
    """Another sweep may use it; nothing is removed."""
    (tmp_path / "task").mkdir()
    with Delegation(tmp_path).task_group("task") as group:
        assert group is None
    assert (tmp_path / "task").is_dir()


def test_a_group_that_cannot_be_limited_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A group without its limit would be a false promise; it is removed again."""

    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(TaskGroup, "limit_memory", refuse)
    with Delegation(tmp_path).task_group("task", memory_mib=10.0) as group:
        assert group is None
    assert not (tmp_path / "task").exists()


@pytest.fixture
def real() -> Iterator[Delegation]:
    """Return a group of this machine below which groups can be made, without controllers."""
    found = own_group("", Path("/"))
    path = found[0] / f"bench-test-{os.getpid()}" if found else None
    try:
        assert path is not None
        path.mkdir()
    except (AssertionError, OSError):
        pytest.skip("no cgroup of version 2 can be made here")
    yield Delegation(path)
    TaskGroup(path).remove()


SPAWN = """
import subprocess, sys, time
subprocess.Popen([sys.executable, "-c", "import time; print(flush=True); time.sleep(60)"],
                 start_new_session=True)
while time.process_time() < 0.2: pass
time.sleep(60)
"""


def test_a_real_group_counts_and_kills_a_whole_tree(real: Delegation) -> None:
    """Also a grandchild in its own session; what came before joining is not counted."""
    with real.task_group("task") as group:
        assert group is not None
        waiting = "import sys; sys.stdin.readline(); exec(sys.argv[1])"
        child = subprocess.Popen(
            [sys.executable, "-c", waiting, SPAWN], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert group.add(child.pid)
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(b"\n")
        child.stdin.flush()
        child.stdout.readline()
        end = time.monotonic() + PATIENCE_S
        while (group.cpu_s or 0) < 0.1 and time.monotonic() < end:
            time.sleep(0.01)
        assert (group.cpu_s or 0) >= 0.1
        group.kill()
        child.communicate(timeout=PATIENCE_S)
        assert child.returncode == -9
    assert not group.path.exists()


def test_a_process_that_has_ended_joins_no_real_group(real: Delegation) -> None:
    """That is said, not raised."""
    child = subprocess.Popen(["true"])
    child.wait(timeout=PATIENCE_S)
    with real.task_group("task") as group:
        assert group is not None
        assert not group.add(child.pid)


def test_leaving_a_real_group_kills_what_is_left(real: Delegation) -> None:
    """The body need not clean up."""
    child = subprocess.Popen(["sleep", "60"])
    with real.task_group("task") as group:
        assert group is not None
        assert group.add(child.pid)
    assert child.wait(timeout=PATIENCE_S) == -9
    assert not group.path.exists()
