"""The ready sweep files in examples/, each executed in a small version."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.usefixtures("without_mlflow")

Bench = Callable[..., Any]
EXAMPLES = sorted((Path(__file__).parent.parent.parent / "examples").glob("*.yaml"))


def test_there_are_several() -> None:
    """A new user finds one that is near."""
    assert len(EXAMPLES) >= 4


@pytest.mark.slow
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_is_executed(bench: Bench, knapsack: Path, example: Path) -> None:
    """On one tiny instance instead of the bundled ones, everything is solved."""
    planned = bench("plan", example, "--json").json
    assert planned["to_do"] == planned["tasks"] > len(planned["by_setting"]) > 0
    found = bench("sweep", example, knapsack, "--json", "-j", "2").json
    assert found["missing"] == 0
    assert {result["verdict"] for result in found["results"]} == {"solved_unconfirmed"}
