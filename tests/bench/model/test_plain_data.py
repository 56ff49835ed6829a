"""Dataclasses go through JSON with the standard library alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench.execution.request import ExecutionRequest
from bench.model.instances.instance import Instance
from bench.model.limits import Clock, Limits
from bench.model.parameters import Parameter, ParameterKind
from bench.model.plain_data import from_plain, to_plain
from bench.model.results.solver_output import SolverOutput
from bench.model.setting import Setting
from bench.model.task import Task
from tests.full_result import full_result


def test_an_order_arrives_as_it_was_sent() -> None:
    """With paths, enumerations, sets, nested dataclasses and whole numbers."""
    task = Task(
        instance=Instance(name="a", path=Path("/x/a.mps"), misread_by=(("scip", "why"),)),
        setting=Setting(name="s", solver="scip", params={"a/b": True, "c": 2**62, "d": 0.1}),
        solver_version="9.2.4",
        limits=Limits(clock=Clock.CPU, time_s=1.5, memory_mib=None),
    )
    order = ExecutionRequest(task=task, folder=Path("/y"), cores=frozenset({3, 1}))
    arrived = from_plain(ExecutionRequest, json.loads(json.dumps(to_plain(order))))
    assert arrived == order
    assert arrived.task.key == task.key


def test_an_answer_with_every_attribute_arrives() -> None:
    """Whatever a solver may tell."""
    answer = full_result().answer
    assert from_plain(SolverOutput, json.loads(json.dumps(to_plain(answer)))) == answer


def test_whole_bounds_of_a_parameter_stay_whole() -> None:
    """A float cannot hold them."""
    known = Parameter(
        name="n", kind=ParameterKind.INT, default=0, description="", low=0, high=2**63 - 1
    )
    assert from_plain(Parameter, to_plain(known)).high == 2**63 - 1


def test_data_of_another_kind_are_refused() -> None:
    """As a TypeError, which callers turn into a message."""
    with pytest.raises(TypeError):
        from_plain(Parameter, ["no", "object"])
    with pytest.raises(TypeError):
        from_plain(Instance, {"name": "a"})
