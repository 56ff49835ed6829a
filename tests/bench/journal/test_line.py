"""The lines of the journal."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench.journal.line import from_json, read_line, split_line, to_line
from bench.model.instances.instance import Instance
from bench.model.limits import Limits
from bench.model.results.process_stats import ProcessStats, Termination
from bench.model.results.result import Result
from bench.model.results.solver_output import SolverOutput
from bench.model.results.verdict import Category, Verdict, VerdictKind
from bench.model.setting import ParameterValue, Setting
from bench.model.task import Task
from tests.journal_lines import without_checksum

MakeResult = Callable[..., Result]

_FOLDER = Path("/folder")
_TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
_VALUES = st.one_of(st.booleans(), st.integers(-(2**53), 2**53), st.floats(allow_nan=False), _TEXTS)
_NUMBERS = st.none() | st.floats(allow_nan=False, allow_infinity=False)


@st.composite
def _results(draw: st.DrawFn) -> Result:
    finite: dict[str, ParameterValue] = {
        name: value
        for name, value in draw(st.dictionaries(_TEXTS, _VALUES, max_size=3)).items()
        if not isinstance(value, float) or math.isfinite(value)
    }
    return Result(
        task=Task(
            instance=Instance(name=draw(_TEXTS), path=Path("/x")),
            setting=Setting(name=draw(_TEXTS), solver="scip", params=finite),
            solver_version="1",
            seed=draw(st.integers(0, 2**31)),
            limits=Limits(time_s=draw(_NUMBERS), gap=draw(_NUMBERS)),
        ),
        answer=SolverOutput(
            error=draw(_TEXTS), primal_bound=draw(_NUMBERS), n_nodes=draw(st.none())
        ),
        execution=ProcessStats(
            termination=draw(st.sampled_from(Termination)),
            evidence=draw(_TEXTS),
            started_at=1.5e9,
            wall_s=0.1,
        ),
        verdict=Verdict(
            draw(st.sampled_from(Category)),
            draw(_TEXTS),
            draw(st.none() | st.sampled_from(VerdictKind)),
            scip_check=draw(_TEXTS),
            ipet=draw(_TEXTS),
        ),
        folder=Path("/folder/tasks/1"),
    )


@given(_results())
def test_a_result_survives_its_line(result: Result) -> None:
    """Texts of any kind and values of any type come back as they were, in one line."""
    line = to_line(result, _FOLDER)
    key, body = split_line(line)
    assert line.count(b"\n") == 1
    assert key == result.task.key
    assert from_json(body, _FOLDER) == result


def test_a_line_is_plain_json_without_infinite_numbers(result: Result) -> None:
    """Any JSON reader can be used on a journal."""
    answer = replace(result.answer, primal_bound=math.inf, gap=math.nan)
    line = to_line(replace(result, answer=answer), _FOLDER)
    content = json.loads(line, parse_constant=pytest.fail)
    assert content["result"]["answer"]["primal_bound"] is None
    assert content["result"]["answer"]["gap"] is None


def test_an_infinite_number_where_one_is_required_does_not_lose_the_result(
    make_result: MakeResult,
) -> None:
    """It comes back as NaN, in parameters too."""
    result = make_result(setting=Setting(name="x", solver="highs", params={"cutoff": math.inf}))
    assert result.answer.problem is not None
    problem = replace(result.answer.problem, objective_offset=-math.inf)
    result = replace(result, answer=replace(result.answer, problem=problem))
    read = from_json(split_line(to_line(result, _FOLDER))[1], _FOLDER)
    assert read.answer.problem is not None
    assert math.isnan(read.answer.problem.objective_offset)
    assert math.isnan(float(read.task.setting.params["cutoff"]))


def test_a_field_added_later_is_not_needed(result: Result) -> None:
    """Journals of an earlier version stay readable."""
    body = json.loads(split_line(to_line(result, _FOLDER))[1])
    del body["reference"], body["answer"]["versions"]
    read = from_json(json.dumps(body).encode(), _FOLDER)
    assert read.reference is None
    assert read.answer.versions == {}


def test_a_verdict_of_earlier_versions_is_read(make_result: MakeResult) -> None:
    """They called all failures ``failed``; that loses no result."""
    line = to_line(make_result(category=Category.CRASHED), _FOLDER)
    _, body = split_line(without_checksum(line).replace(b'"crashed"', b'"failed"'))
    assert from_json(body, _FOLDER).verdict.category is Category.CRASHED


def test_a_folder_beside_the_journal_keeps_its_own_path(result: Result) -> None:
    """Only what lies in the folder of the journal moves with it."""
    journal = result.folder.parent / "mine"
    assert from_json(split_line(to_line(result, journal))[1], journal).folder == result.folder


@pytest.mark.parametrize("elsewhere", ["tasks/../../other", "/etc"])
def test_a_folder_out_of_the_work_folder_is_refused(result: Result, elsewhere: str) -> None:
    """Files of somebody else would be recorded as the result's."""
    journal = result.folder.parent / "mine"
    _, body = split_line(to_line(result, journal))
    text = json.loads(body) | {"folder": elsewhere}
    with pytest.raises(ValueError, match="is outside the work folder"):
        from_json(json.dumps(text).encode(), journal)


@pytest.mark.parametrize("line", [b"", b"{}", b'{"key":"%b"}' % (b"a" * 64), b"\0" * 100])
def test_what_is_no_line_is_refused(line: bytes) -> None:
    """A reason is given for the message to the user."""
    with pytest.raises(ValueError, match="the line is not a result"):
        split_line(line)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_no_changed_bit_goes_unnoticed(place: float, bit: int, result: Result) -> None:
    """A line is read as it was written, or refused."""
    line = bytearray(to_line(result, _FOLDER).removesuffix(b"\n"))
    line[int(place * len(line))] ^= 1 << bit
    with pytest.raises(ValueError, match=r"checksum does not match|is not a result"):
        split_line(bytes(line))


def test_a_parameter_that_was_infinite_is_no_other_task(make_result: MakeResult) -> None:
    """The line has null in its place, so that the key cannot be worked out again."""
    result = make_result(setting=Setting(name="x", solver="highs", params={"cutoff": math.inf}))
    params = read_line(to_line(result, _FOLDER), _FOLDER).task.setting.params
    assert math.isnan(float(params["cutoff"]))
