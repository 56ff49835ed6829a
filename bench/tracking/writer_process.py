"""The process that writes a run, so that runs of dead processes can be recognised."""

from __future__ import annotations

import os
import platform
from contextlib import suppress
from functools import cache
from pathlib import Path

import psutil

from bench.store.run_keys import HIDDEN

WRITER = f"{HIDDEN}bench.writer"

_TOLERANCE_S = 2.0


@cache
def this_process() -> str:
    """Return host, process id and start of this process: ``node7#4026531836 4711 1763212345.1``.

    The number of the process id namespace follows the host's name, if there are any: two containers
    may have the same name, and both have a process 1.
    """
    created = psutil.Process().create_time()
    return f"{host()} {os.getpid()} {created:.1f}"


def is_dead(writer: str) -> bool:
    """Return whether a process, as named by `this_process`, ran on this host and has ended.

    An unknown process counts as alive; a process id that was reassigned does not.
    """
    where, pid, created = (*writer.split(" "), "", "")[:3]
    if where != host() or not pid.isdigit():
        return False
    try:
        return abs(psutil.Process(int(pid)).create_time() - float(created)) > _TOLERANCE_S
    except psutil.NoSuchProcess:
        return True
    except (psutil.Error, ValueError):
        return False


@cache
def host() -> str:
    """Return this host's name, with the process id namespace."""
    namespace = ""
    with suppress(OSError):
        namespace = (
            str(Path("/proc/self/ns/pid").readlink()).removeprefix("pid:[").removesuffix("]")
        )
    name = platform.node().replace(" ", "-")
    return f"{name}#{namespace}" if namespace else name
