"""The declaration of a solver: data for the check of solutions and of instance files."""

from __future__ import annotations

import signal
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """A solver's code base and formats; a solver without it is a code base of its own.

    ``code_base`` is shared with other versions of the solver, and with programs that are built on
    it, e.g. ``scip``: a result is never confirmed by its own code base. ``formats`` are the file
    formats (``mps``, ``lp``, ...) that its method ``read`` supports without help, so that it can
    check other solvers; none if it reads nothing or leaves it to another solver. ``title`` is its
    name in messages, ``package`` the distribution that holds its library. ``takes_start``: it
    starts from the solution in ``Workspace.start``, if there is one. ``takes_plug_ins``: Python
    functions can add plug-ins to it. ``read_by`` is the solver that reads instances for it, empty
    if it reads them itself. ``stop_signal`` makes it end with the bounds known so far.
    """

    code_base: str
    title: str
    formats: frozenset[str] = frozenset()
    package: str = ""
    takes_start: bool = False
    takes_plug_ins: bool = False
    read_by: str = ""
    stop_signal: signal.Signals = signal.SIGINT
