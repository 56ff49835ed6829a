"""All solvers over all instances that are here: what they say, and who contradicts whom."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from tests.commands import Run
from tests.executables import FOUND

EXPLAINED = {"gas11": "cbc", "arbitrage-4": "copt"}
"""Who is wrong where solvers contradict each other.

Both problems are unbounded: CBC calls the linear one infeasible, COPT the integer one optimal.
"""


@pytest.mark.soak
@pytest.mark.timeout(5400)
def test_every_contradiction_is_explained(
    bench: Run,
    executables: Mapping[str, str],
    commercial: Sequence[str],
    root: Path,
    shared: Path,
    pytestconfig: pytest.Config,
) -> None:
    """Two seeds of each, three seconds for each solve; the table is printed."""
    here = (name for name in FOUND if name not in executables)
    solvers = ["scip", "highs", *here, *commercial]
    done = bench(
        *("sweep", shared / "instances" / "visible", root / "instances" / "all.test"),
        *("--solver", ",".join(solvers), "--seeds", "2", "--time-limit", "3"),
        *("--no-mlflow", "--if-cores-taken", "share", "--name", "verdicts", "--json"),
        code=None,
    ).json
    results = done["results"]
    counts = Counter((one["solver"], one["verdict"]) for one in results)
    for (solver, verdict), number in sorted(counts.items()):
        pytestconfig.get_terminal_writer().line(f"{solver:8} {verdict:20} {number}")
    wrong = {one["instance"] for one in results if one["verdict"] == "wrong"}
    assert wrong <= set(EXPLAINED)
    for instance, solver in EXPLAINED.items():
        found = [one for one in results if (one["instance"], one["solver"]) == (instance, solver)]
        assert {one["verdict"] for one in found} <= {"wrong"}
    assert not [one for one in results if one["verdict"] in {"crashed", "killed"}]
