"""Everything known about one task, on terminals of different widths."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bench.model.results.verification import Level, Verification
from bench.report.terminal.screen import Screen, written_for
from bench.report.terminal.task import task_text
from tests.bench.report.conftest import result


@pytest.mark.parametrize(("width", "longest"), [(60, 60), (79, 79), (200, 80)])
def test_a_task_fits_every_terminal(tmp_path: Path, width: int, longest: int) -> None:
    """The plot of its bounds, too; a wide terminal does not make the plot wider."""
    reason = "the reader of the instance did not finish within its time limit and was stopped"
    found = replace(
        result(tmp_path, "a", "b", 0), verification=Verification(level=Level.NONE, skipped=reason)
    )
    with written_for(Screen(width)):
        lines = task_text(found).splitlines()
    plot = [line for line in lines if line[13:14] in {"|", "+"}]
    assert len(plot) > 10
    assert max(map(len, plot)) == longest
    assert max(map(len, lines)) <= min(width, 100)
