"""Repair journals with damaged lines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from bench.app.progress import tell
from bench.errors import TrackingError
from bench.journal.repair import SET_ASIDE, DamagedLine, damaged_lines, set_aside
from bench.report.listener import Listener


def repair(folders: Iterable[Path], listener: Listener, *, dry_run: bool) -> list[str]:
    """Move the damaged lines out of the journals of campaigns, and tell the listener which.

    Return the reasons for failures, one line each. With ``dry_run`` nothing is changed.
    """
    problems = []
    for folder in folders:
        try:
            found = damaged_lines(folder) if dry_run else set_aside(folder)
        except TrackingError as error:
            problems.append(str(error))
            continue
        if found:
            tell(listener, _lines(folder, found, dry_run=dry_run))
    return problems


def _lines(folder: Path, found: Sequence[DamagedLine], *, dry_run: bool) -> list[str]:
    n, was = len(found), "would be" if dry_run else "was" if len(found) == 1 else "were"
    each = [f"{folder.name}: line {line.number} is damaged ({line.reason})" for line in found]
    total = (
        f"{folder.name}: {n} damaged line{'s' * (n > 1)} {was} moved to "
        f"{folder / SET_ASIDE}; a task that has lost its result is executed again when the sweep "
        "is resumed"
    )
    return [*each, total]
