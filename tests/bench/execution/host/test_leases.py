"""Cores leased among the processes and users of a machine."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bench.execution.host import leases
from bench.execution.host.leases import CoreLeases, Holder, held_cores
from bench.execution.host.topology import Core

CORES = [Core(cpus=frozenset({n, n + 4}), number=n, n_threads=2) for n in range(4)]
ALICE = Holder(user="alice", pid=47, purpose="sweep cuts", since=1_700_000_000.0)
IS_ROOT = hasattr(os, "getuid") and os.getuid() == 0
HOLDING = """
import os, sys
from pathlib import Path
from bench.execution.host.leases import CoreLeases, this_process
from bench.execution.host.topology import Core
os.umask(0o077)
if len(sys.argv) > 2:
    os.setgroups([])
    os.setuid(int(sys.argv[2]))
own = CoreLeases(Path(sys.argv[1]), this_process("sweep theirs"))
found = own.lease([Core(cpus=frozenset({n, n + 4}), number=n) for n in range(4)], 1)
print(found.cores[0].number, found.problem or "leased", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return where the leases are; nobody has made it yet."""
    return tmp_path / "bench-cores"


@pytest.fixture
def start(folder: Path) -> Iterator[Callable[..., tuple[subprocess.Popen[str], str]]]:
    """Return a function that starts a process with one core, perhaps of another user."""
    started: list[subprocess.Popen[str]] = []

    def process(*user: int) -> tuple[subprocess.Popen[str], str]:
        command = [sys.executable, "-c", HOLDING, str(folder), *map(str, user)]
        one = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path.cwd()
        )
        started.append(one)
        assert one.stdout is not None
        return one, one.stdout.readline().strip()

    yield process
    for one in started:
        one.kill()
        one.communicate()


def _numbers(found: leases.LeaseAttempt) -> list[int | None]:
    return [core.number for core in found.cores]


def test_a_second_one_gets_other_cores_and_hears_who_has_the_first(folder: Path) -> None:
    """Until the first one gives them back."""
    first, second = CoreLeases(folder, ALICE), CoreLeases(folder, Holder(user="bob"))
    assert _numbers(first.lease(CORES, 2)) == [0, 1]
    found = second.lease(CORES, 4)
    assert _numbers(found) == [2, 3]
    assert [(each.number, sorted(each.cpus)) for each in found.held] == [(0, [0, 4]), (1, [1, 5])]
    assert {each.holder for each in found.held} == {ALICE}
    assert [each.holder.user for each in held_cores(folder)] == ["alice", "alice", "bob", "bob"]
    first.release(CORES[:1])
    assert _numbers(second.lease(CORES[:2], 2)) == [0]
    first.release()
    second.release()
    assert held_cores(folder) == []


def test_threads_of_one_core_are_one_lease(folder: Path) -> None:
    """Also for two processes that may use one thread of it each."""
    one = Core(cpus=frozenset({1}), number=1, n_threads=2)
    other = Core(cpus=frozenset({5}), number=1, n_threads=2)
    first, second = CoreLeases(folder, ALICE), CoreLeases(folder, ALICE)
    assert _numbers(first.lease([one], 1)) == [1]
    assert second.lease([other], 1).cores == []
    first.release()


def test_a_killed_process_frees_its_cores_at_once(
    folder: Path, start: Callable[..., tuple[subprocess.Popen[str], str]]
) -> None:
    """The kernel does that; what the file says of it no longer counts."""
    process, said = start()
    assert said == "0 leased"
    (held,) = held_cores(folder)
    assert (held.holder.pid, held.holder.purpose) == (process.pid, "sweep theirs")
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert held_cores(folder) == []
    own = CoreLeases(folder, ALICE)
    assert _numbers(own.lease(CORES, 1)) == [0]
    own.release()


@pytest.mark.skipif(not IS_ROOT, reason="takes root to be somebody else")
def test_two_users_share_the_folder_whoever_comes_first(
    tmp_path: Path, start: Callable[..., tuple[subprocess.Popen[str], str]]
) -> None:
    """The umask of neither keeps the other one out."""
    for parent in (tmp_path, *tmp_path.parents[:3]):
        parent.chmod(parent.stat().st_mode | 0o711)
    tmp_path.chmod(0o1777)
    assert start(65534)[1] == "0 leased"
    assert start(65533)[1] == "1 leased"
    assert start()[1] == "2 leased"


@pytest.mark.skipif(not IS_ROOT, reason="takes root to be somebody else")
def test_a_folder_that_only_somebody_else_may_write_to_is_done_without(
    tmp_path: Path, folder: Path, start: Callable[..., tuple[subprocess.Popen[str], str]]
) -> None:
    """The core may be used, and the reason is told."""
    for parent in (tmp_path, *tmp_path.parents[:3]):
        parent.chmod(parent.stat().st_mode | 0o711)
    folder.mkdir(mode=0o755)
    assert start(65534)[1] == f"0 {folder}: Permission denied"


@pytest.mark.parametrize("what", ["no parent", "a file", "a link", "a pipe in it"])
def test_where_there_can_be_no_lease_all_cores_count_as_free(
    what: str, folder: Path, tmp_path: Path
) -> None:
    """A reason is told, and nothing outside is touched."""
    if what == "no parent":
        folder = tmp_path / "not" / "here"
    elif what == "a file":
        folder.write_text("mine")
    elif what == "a link":
        folder.symlink_to(tmp_path)
    else:
        folder.mkdir()
        os.mkfifo(folder / "core-0.lock")
    found = CoreLeases(folder, ALICE).lease(CORES[:1], 1)
    assert _numbers(found) == [0]
    assert str(folder) in found.problem
    assert not list(tmp_path.glob("core-*"))


def test_a_full_disk_does_not_keep_a_lease_from_being_one(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only who has it is not known."""
    first = CoreLeases(folder, ALICE)

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "pwrite", full)
        assert first.lease(CORES[:1], 1).problem == ""
    (held,) = CoreLeases(folder, ALICE).lease(CORES[:1], 1).held
    assert (held.number, held.holder) == (0, Holder())
    first.release()


def test_a_lock_file_that_was_removed_meanwhile_is_no_lease(folder: Path) -> None:
    """Whoever makes it anew and who has the old one would both believe they had the core."""
    first = CoreLeases(folder, ALICE)
    first.lease(CORES[:1], 1)
    (folder / "core-0.lock").unlink()
    second = CoreLeases(folder, ALICE)
    assert _numbers(second.lease(CORES[:1], 1)) == [0]
    assert CoreLeases(folder, ALICE).lease(CORES[:1], 1).cores == []
    second.release()
    first.release()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"user": 5, "pid": "x", "since": 1e300, "cpus": "a"}',
        json.dumps({"user": "\x1b[31meve\n", "pid": -4, "purpose": "x" * 1000, "since": "now"}),
    ],
)
def test_what_a_file_says_of_its_holder_is_not_believed_blindly(folder: Path, text: str) -> None:
    """Anybody may write to it."""
    first = CoreLeases(folder, ALICE)
    first.lease(CORES[:1], 1)
    (folder / "core-0.lock").write_text(text)
    (held,) = held_cores(folder)
    assert held.number == 0
    assert held.holder.user.isprintable()
    assert len(held.holder.purpose) < 100
    assert (held.holder.pid, held.holder.since) == (None, None)
    first.release()


def test_a_core_that_cannot_be_pinned_to_needs_no_lease(folder: Path) -> None:
    """There is nothing to keep others from."""
    assert len(CoreLeases(folder, ALICE).lease([Core(cpus=frozenset())] * 2, 2).cores) == 2
    assert not folder.exists()


def test_the_folder_is_one_that_all_users_have(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not that of TMPDIR, which may be another one for each of them."""
    monkeypatch.delenv(leases.VARIABLE)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    closed, opened = tmp_path / "closed", tmp_path / "open"
    for place, mode in ((closed, 0o755), (opened, 0o1777)):
        place.mkdir()
        place.chmod(mode)
    monkeypatch.setattr(leases, "PLACES", (closed, opened))
    assert leases.lease_folder() == opened / "bench-cores"
    monkeypatch.setenv(leases.VARIABLE, "/elsewhere")
    assert leases.lease_folder() == Path("/elsewhere")
