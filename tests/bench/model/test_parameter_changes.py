"""What changed from one catalogue to another."""

from __future__ import annotations

from typing import Any

from bench.model.parameter_changes import Change, parameter_changes
from bench.model.parameters import Catalogue, Parameter, ParameterKind


def one(name: str, **changes: Any) -> Parameter:
    """Return a parameter that is a number from 0 to 9."""
    usual: dict[str, Any] = {"kind": ParameterKind.INT, "default": 0, "low": 0, "high": 9}
    return Parameter(**{"name": name, "description": name, **usual, **changes})


def test_new_ones_come_first_then_those_that_went_then_what_changed() -> None:
    """What is the same is not told, whatever its description says now."""
    before = Catalogue([one("same"), one("gone"), one("d"), one("r"), one("k"), one("both")])
    after = Catalogue(
        [
            one("same", description="in other words"),
            one("new"),
            one("d", default=1),
            one("r", high=99),
            one("k", kind=ParameterKind.REAL, default=0.0),
            one("both", default=5, low=1),
        ]
    )
    found = {change.name: change.changes for change in parameter_changes(before, after)}
    assert found == {
        "new": (Change.NEW,),
        "gone": (Change.GONE,),
        "both": (Change.DEFAULT, Change.RANGE),
        "d": (Change.DEFAULT,),
        "k": (Change.KIND,),
        "r": (Change.RANGE,),
    }
