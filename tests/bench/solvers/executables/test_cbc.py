"""The output of CBC."""

from __future__ import annotations

from pathlib import Path

from bench.model.limits import Limits
from bench.solvers.executables.adapter import Call, Ended, Line
from bench.solvers.executables.cbc import ADAPTER


def test_a_file_with_errors_is_refused_with_their_number(tmp_path: Path) -> None:
    """Later commands fail as a consequence, with lines that do not give the reason."""
    call = Call(problem="p.mps", folder=tmp_path, limits=Limits(time_s=1), seed=0, params={})
    said = (
        "There were 2 errors on input",
        "** Current model not valid",
        "No match for solution.txt - ? for list of commands",
    )
    ended = Ended(call=call, lines=[Line(0.1, each) for each in said], exit_code=0)
    assert ADAPTER.claims(ended).refusal == "There were 2 errors on input"
