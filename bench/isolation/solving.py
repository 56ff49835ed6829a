"""The solver's process: puts itself under its limits, solves one task, and leaves at once."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import sys
import tempfile
import traceback
from typing import NoReturn

from bench.errors import BenchError
from bench.isolation import linux, meter
from bench.isolation.delivery import Testimony, hand_over
from bench.isolation.order import HardLimits, Order, hard_limits
from bench.model.answer import Answer
from bench.model.workspace import Workspace
from bench.solvers import registry

EXIT_ANSWERED = 0
EXIT_REFUSED = 10
EXIT_MEMORY = 11
EXIT_FAILED = 12


def solve_and_leave(order: Order, log: int, parent: int) -> NoReturn:
    """Solve the order's task in this (forked) process and end it without any teardown.

    A solver that has run out of memory may crash while its objects are destroyed; by then the
    answer is written, and ``os._exit`` skips the rest.
    """
    code = EXIT_FAILED
    try:
        _settle(order, log, parent)
        answer, code = attempt(order)
        hand_over(order.folder, Testimony(answer=answer, peak_mib=meter.own_peak_mib()))
    except BaseException:  # noqa: BLE001  whatever it is, it belongs into the log
        traceback.print_exc()
        sys.stderr.flush()
    finally:
        os._exit(code)


def attempt(order: Order) -> tuple[Answer, int]:
    """Solve; an error becomes an answer that says why there is none."""
    try:
        solver = registry.load(order.task.setting.solver)
        if order.read_only:
            return solver.inspect(order.task.instance.path), EXIT_ANSWERED
        return solver.solve(order.task, Workspace(order.folder)), EXIT_ANSWERED
    except BenchError as error:
        return Answer(error=str(error)), EXIT_REFUSED
    except MemoryError as error:
        return Answer(error=f"out of memory: {str(error) or 'MemoryError'}"), EXIT_MEMORY
    except Exception as error:  # noqa: BLE001  a solver may raise anything
        traceback.print_exc()
        return Answer(error=f"{type(error).__name__}: {error}"), EXIT_FAILED


def _settle(order: Order, log: int, parent: int) -> None:
    os.setsid()
    linux.die_with_parent(signal.SIGKILL, parent)
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.dup2(log, 1)
    os.dup2(log, 2)
    linux.pin(order.cores)
    _limit_resources(hard_limits(order.task.limits))
    os.environ["TMPDIR"] = tempfile.tempdir = str(order.scratch)
    linux.reset_peak_memory()


def _limit_resources(limits: HardLimits) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if limits.memory_mib is not None:
        _lower(resource.RLIMIT_DATA, int(limits.memory_mib * 2**20))
    if limits.cpu_s is not None:
        _lower(resource.RLIMIT_CPU, int(limits.cpu_s) + 1)


def _lower(kind: int, value: int) -> None:
    _, hard = resource.getrlimit(kind)
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(kind, (value, hard))
