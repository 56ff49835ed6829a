"""The solver's process: puts itself under its limits, solves one task, and leaves at once."""

from __future__ import annotations

import os
import sys
import traceback
from typing import NoReturn

from bench.errors import BenchError, InstanceError
from bench.execution.process import child_setup, meter
from bench.execution.process.messages import Testimony, hand_over
from bench.execution.process.request import Order, hard_limits
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
        child_setup.settle(order, log, parent)
        limits = hard_limits(order.task.limits)
        child_setup.limit(limits.memory_mib, limits.cpu_of_both_s)
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
    except InstanceError as error:
        return Answer(error=str(error)), EXIT_REFUSED
    except BenchError as error:
        return Answer(error=str(error)), EXIT_FAILED
    except MemoryError as error:
        return Answer(error=f"out of memory: {str(error) or 'MemoryError'}"), EXIT_MEMORY
    except Exception as error:  # noqa: BLE001  a solver may raise anything
        traceback.print_exc()
        return Answer(error=f"{type(error).__name__}: {error}"), EXIT_FAILED
