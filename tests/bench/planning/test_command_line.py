"""The command line of a sweep, and that it says the same as a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bench.errors import UsageError
from bench.model.instances.instance import Instance
from bench.model.limits import Clock
from bench.model.sweep import Sweep
from bench.planning.command_line import declare
from bench.planning.declaration import Declaration
from bench.planning.sweep_file import from_yaml
from bench.planning.tasks import sweep_tasks

PAIRS: list[tuple[str, dict[str, Any]]] = [
    ("# nothing", {}),
    ("grid: {alpha: [0.15, 0.035, 0]}", {"lists": {"alpha": "0.15,0.035,0"}}),
    (
        "grid: {alpha: log:1e-4:1:5, separating/maxrounds: [0, 2:6:2]}",
        {"lists": {"alpha": "log:1e-4:1:5", "separating/maxrounds": "0,2:6:2"}},
    ),
    (
        "zip: {alpha: [0.1, 0.2], separating/maxrounds: [1, 2]}",
        {"zips": ["alpha=0.1,0.2 separating/maxrounds=1,2"]},
    ),
    (
        "zip: [{alpha: [0.1, 0.2], l1_ratio: [0, 1]}, {separating/maxrounds: 1:2:1}]",
        {"zips": ["alpha=0.1,0.2 l1_ratio=0,1", "separating/maxrounds=1,2"]},
    ),
    ("settings: [one.set, two.set]", {"files": ["one.set,two.set"]}),
    (
        "settings: [one.set, {cuts: {separating/maxrounds: 0, alpha: 0.1}, stock: }]",
        {
            "files": ["one.set"],
            "settings": ["cuts: separating/maxrounds=0 alpha=0.1", "stock:"],
        },
    ),
    (
        """
knobs: {w: {separating/maxrounds: value + 1, separating/maxcuts: 2 * value}}
grid: {w: [1, 2]}""",
        {
            "knobs": ["w: separating/maxrounds='value + 1' separating/maxcuts=2*value"],
            "lists": {"w": "1,2"},
        },
    ),
    (
        """
seeds: 3
permutations: [0, 4]
time_limit: 60
gap: 1e-2
clock: cpu
order: given
shuffle_seed: 3
baseline: default
jobs: 2
solu: x.solu""",
        {
            "seeds": "3",
            "permutations": "0,4",
            "limits": {"time_s": 60.0, "gap": 0.01, "nodes": None, "clock": Clock.CPU},
            "order": "given",
            "shuffle_seed": 3,
            "baseline": "default",
            "jobs": 2,
            "solu": [Path("x.solu")],
        },
    ),
]


@pytest.mark.parametrize(("text", "options"), PAIRS)
def test_file_and_command_line_that_say_the_same_are_the_same_sweep(
    make: Callable[[Declaration], Sweep], text: str, options: dict[str, Any]
) -> None:
    """To the keys of the tasks."""
    file = make(from_yaml(f"{text}\ninstances: [a.mps, b.mps]\nname: s", Path("s.yaml")))
    typed = make(declare(**options, instances=["a.mps", "b.mps"], name="s"))
    assert file == typed
    found = [Instance(name=name, path=Path(name), digest=name * 64) for name in "ab"]
    keys = [
        [task.key for task in sweep_tasks(sweep, found, {"scip": "10"})] for sweep in (file, typed)
    ]
    assert keys[0] == keys[1]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"lists": {"alpha": ""}}, "alpha: a value is empty"),
        ({"lists": {"alpha": "0:1"}}, "alpha: '0:1': expected a range"),
        ({"zips": ["alpha"]}, "--zip 'alpha': expected NAME=VALUE"),
        ({"zips": ["alpha=1 alpha=2"]}, "alpha is given twice"),
        ({"files": ["a.set,"]}, "a value is empty"),
        ({"settings": ["a/b=1"]}, "--setting 'a/b=1': expected NAME: KEY=VALUE"),
        ({"settings": ["default"]}, "; 'default:' changes no parameter"),
        (
            {"settings": ["cuts: a/b=1,2"]},
            "a/b accepts one value, not the list 1,2; use -p for lists",
        ),
        ({"knobs": ["a/b=1"]}, "--knob 'a/b=1': expected NAME: KEY=VALUE"),
        ({"seeds": "x"}, "seeds 'x': expected a count"),
        ({"permutations": "0"}, "permutations '0': at least one"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_form(options: dict[str, Any], words: str) -> None:
    """The message names the option or what it is about."""
    with pytest.raises(UsageError) as caught:
        declare(**options)
    assert words in str(caught.value)
