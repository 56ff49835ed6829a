"""What a solver declares of itself, for the check of solutions and of instance files."""

from __future__ import annotations

import signal
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """A solver's code base, and what it can read; without it, it is a code base of its own.

    ``code_base`` is what the solver has in common with other versions of it, and with programs
    that are built on it, e.g. ``scip``: nothing confirms another result of its own code base.
    ``formats`` are the file formats (``mps``, ``lp``, ...) that its method ``read`` reads by
    itself, so that it can check others; none where it reads nothing or leaves it to another
    solver. ``title`` is its name in messages, ``package`` the distribution that holds its library.
    ``takes_start`` says that it starts from the solution in ``Workspace.start``, if there is one,
    ``takes_plug_ins`` that functions of Python can add plug-ins to it.
    ``read_by`` is the solver whose reading of an instance it is given, empty where it reads
    instances itself. ``stop_signal`` asks it to end with the bounds known so far.
    """

    code_base: str
    title: str
    formats: frozenset[str] = frozenset()
    package: str = ""
    takes_start: bool = False
    takes_plug_ins: bool = False
    read_by: str = ""
    stop_signal: signal.Signals = signal.SIGINT
