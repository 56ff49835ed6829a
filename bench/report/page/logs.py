"""The ends of the logs, as far as the page has room for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.model.result import Result
from bench.model.workspace import Workspace

LINES = 20
WIDTH = 160
ROOM = 1_000_000
"""Characters for all tails together."""
_BYTES = 2 * LINES * WIDTH


@dataclass(frozen=True, slots=True)
class Logs:
    """The last lines by the position of the result; ``n_left_out`` had no room."""

    tails: Mapping[int, str]
    n_left_out: int = 0


def logs(results: Sequence[Result | None], room: int = ROOM) -> Logs:
    """Return the ends of the logs; of what is wrong, failed or not solved first.

    The positions are those of ``results``, which has None where nothing but a row is known.
    """
    order = sorted(
        (at for at, result in enumerate(results) if result is not None),
        key=lambda at: (_urgency(results[at]), at),
    )
    tails: dict[int, str] = {}
    n_left_out = 0
    for at in order:
        result = results[at]
        found = tail(Workspace(result.folder)) if result and room > 0 else None
        if found:
            tails[at] = found
            room -= len(found)
        elif room <= 0:
            n_left_out += 1
    return Logs(dict(sorted(tails.items())), n_left_out)


def tail(workspace: Workspace) -> str:
    """Return the last 20 lines of a log, each cut at 160 characters; nothing where none is."""
    log = workspace.log
    if log not in workspace.kept:
        return ""
    try:
        with log.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - _BYTES))
            text = file.read().decode("utf-8", "replace")
    except OSError:
        return ""
    lines = text.rstrip().splitlines()[-LINES:]
    return "\n".join(_printable(line)[:WIDTH] for line in lines)


def _printable(line: str) -> str:
    if line.isprintable():
        return line
    return "".join(c if c.isprintable() or c == "\t" else " " for c in line)


def _urgency(result: Result | None) -> int:
    if result is None or result.verdict.solved:
        return 2
    return 0 if result.verdict.bad else 1
