"""The behaviours of the fake solver before, or instead of, its answer."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bench.errors import InstanceError, UnsupportedError

MIB = 2**20


@dataclass(frozen=True, slots=True)
class BehaviourOptions:
    """Duration, size and exit code of a behaviour."""

    seconds: float
    mib: float
    code: int


def take_cpu(seconds: float) -> None:
    """Compute for this many CPU seconds."""
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


def _answer(_: BehaviourOptions) -> None:
    """Do nothing."""


def _sleep(options: BehaviourOptions) -> None:
    time.sleep(options.seconds)


def _spin(options: BehaviourOptions) -> None:
    end = time.perf_counter() + options.seconds
    while time.perf_counter() < end:
        pass


def _hog(options: BehaviourOptions) -> None:
    """Allocate memory at once and keep it."""
    block = _touched(options.mib)
    time.sleep(options.seconds)
    del block


def _spike(options: BehaviourOptions) -> None:
    """Allocate memory for only 50 ms."""
    block = _touched(options.mib)
    time.sleep(0.05)
    del block
    time.sleep(options.seconds)


def _hog_grandchild(options: BehaviourOptions) -> None:
    """Start four processes that allocate a quarter of the memory each."""
    part = BehaviourOptions(options.seconds, options.mib / 4, options.code)
    for _ in range(4):
        if os.fork() == 0:
            try:
                _hog(part)
            finally:
                os._exit(0)
    for _ in range(4):
        os.wait()


def _exit(options: BehaviourOptions) -> None:
    os._exit(options.code)


def _abort(_: BehaviourOptions) -> None:
    os.abort()


def _segfault(_: BehaviourOptions) -> None:
    ctypes.string_at(0)


def _killed(_: BehaviourOptions) -> None:
    """Die by SIGKILL from outside, as by the kernel's out-of-memory killer."""
    os.kill(os.getpid(), signal.SIGKILL)


def _kill_parent(_: BehaviourOptions) -> None:
    os.kill(os.getppid(), signal.SIGKILL)
    time.sleep(60)


def _hang(_: BehaviourOptions) -> None:
    """Ignore all signals that can be ignored."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True:
        time.sleep(3600)


def _escape(options: BehaviourOptions) -> None:
    """Leave a grandchild process with a session of its own."""
    script = f"import time; time.sleep({options.seconds + 600})"
    subprocess.Popen([sys.executable, "-S", "-c", script], start_new_session=True)
    time.sleep(options.seconds)


def _flood(options: BehaviourOptions) -> None:
    """Print this many MiB."""
    line = b"x" * 1023 + b"\n"
    os.write(1, b"first line\n")
    for _ in range(int(options.mib * 1024)):
        os.write(1, line)
    os.write(1, b"last line\n")


def _raise(_: BehaviourOptions) -> None:
    raise RuntimeError("told to raise")


def _refuse(_: BehaviourOptions) -> None:
    raise InstanceError("told to refuse this file")


def _unsupported(_: BehaviourOptions) -> None:
    raise UnsupportedError("told not to support this file")


def _memory_error(_: BehaviourOptions) -> None:
    raise MemoryError


def _touched(mib: float) -> bytearray:
    """Return memory with every page written to."""
    block = bytearray(int(mib * MIB))
    for i in range(0, len(block), 4096):
        block[i] = 1
    return block


def _environment(_: BehaviourOptions) -> None:
    """Start a program that prints the environment variables that it inherits."""
    subprocess.run(["/usr/bin/env"], check=True)


BEHAVIOURS: Mapping[str, Callable[[BehaviourOptions], None]] = {
    "answer": _answer,
    "nan": _answer,
    "sleep": _sleep,
    "spin": _spin,
    "hog": _hog,
    "spike": _spike,
    "hog_grandchild": _hog_grandchild,
    "exit": _exit,
    "abort": _abort,
    "segfault": _segfault,
    "killed": _killed,
    "kill_parent": _kill_parent,
    "hang": _hang,
    "escape": _escape,
    "flood": _flood,
    "raise": _raise,
    "refuse": _refuse,
    "unsupported": _unsupported,
    "memory_error": _memory_error,
    "environment": _environment,
}
"""The behaviours of the fake solver before it answers."""
