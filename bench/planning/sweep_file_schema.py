"""The keys of a sweep file, their types and ranges, and the messages about errors."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from functools import partial
from typing import Annotated, Any

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from bench.errors import UsageError
from bench.model.limits import Clock
from bench.model.looks import Until
from bench.model.record_level import RecordLevel
from bench.model.sweep import TaskOrder
from bench.planning.limits import LIMITS
from bench.planning.tasks import permutations, seeds
from bench.planning.values import expanded, values


def _listed(found: Any) -> Any:
    """Convert a single text or mapping to a list of one."""
    return [found] if isinstance(found, str | dict) else found


def _values(found: Any) -> tuple[str, ...]:
    if isinstance(found, str):
        return _shown_numbers(values, found)
    if found is None:
        raise ValueError(
            "the value is missing; a list in braces needs brackets, e.g. {alpha: [0.1, 0.2]}"
        )
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        raise ValueError("expected a value, a list of values or a range, e.g. [0, 5] or 0:10:2")
    return tuple(value for part in found for value in _shown_numbers(expanded, part))


def _numbers(read: Callable[[str], list[int]], found: Any) -> tuple[int, ...]:
    text = ",".join(map(str, found)) + "," if found and isinstance(found, list) else found
    if not isinstance(text, str):
        raise ValueError("expected a count (3) or a list ([0, 4, 7])")  # noqa: TRY004
    try:
        return tuple(read(text))
    except UsageError as error:
        raise ValueError(str(error).partition(" ")[2]) from None


def _shown_numbers(read: Callable[[str], tuple[str, ...]], text: str) -> tuple[str, ...]:
    """Read a text; an error in it becomes an error that pydantic collects."""
    try:
        return read(text)
    except UsageError as error:
        raise ValueError(error) from None


_Texts = Annotated[list[str], BeforeValidator(_listed)]
_Seeds = Annotated[tuple[int, ...], BeforeValidator(partial(_numbers, seeds))]
_Permutations = Annotated[tuple[int, ...], BeforeValidator(partial(_numbers, permutations))]
_Lists = dict[str, Annotated[tuple[str, ...], BeforeValidator(_values)]]


def _queue_options(value: Any) -> Any:
    if not value or not isinstance(value, str | dict):
        raise ValueError("give a file, or options by their names, e.g. {partition: long}")
    return value


class Document(BaseModel):
    """The keys of a sweep file; all values come as texts."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    name: str | None = Field(None, min_length=1)
    solver: str | None = None
    solvers: _Texts | None = None
    instances: _Texts | None = None
    solu: _Texts | None = None
    solu_columns: str | None = None
    lint: bool | None = None
    record: RecordLevel | None = None
    grid: _Lists = Field(default_factory=dict)
    include: Annotated[tuple[str, ...], BeforeValidator(_values)] | None = None
    start: Annotated[tuple[str, ...], BeforeValidator(_values)] | None = None
    emphasis: Annotated[tuple[str, ...], BeforeValidator(_values)] | None = None
    zip: Annotated[list[_Lists], BeforeValidator(_listed)] | None = None
    settings: Any = None
    setting_from: _Texts | None = Field(
        None, validation_alias=AliasChoices("setting_from", "setting-from")
    )
    knobs: dict[str, dict[str, str]] = Field(default_factory=dict)
    baseline: str | None = None
    seeds: _Seeds | None = None
    permutations: _Permutations | None = None
    time_limit: float | None = Field(None, ge=0)
    memory_limit: float | None = Field(None, ge=1)
    node_limit: int | None = Field(None, ge=0)
    gap: float | None = Field(None, ge=0)
    clock: Clock | None = None
    threads: int | None = Field(None, ge=1)
    grace: float | None = Field(None, ge=0.1)
    order: TaskOrder | None = None
    shuffle_seed: int | None = Field(None, ge=0)
    until: Until | None = None
    jobs: int | None = Field(None, ge=1)
    executor: str | None = Field(None, min_length=1)
    workers: int | None = Field(None, ge=1)
    scheduler: str | None = Field(None, min_length=1)
    queue: str | None = Field(None, min_length=1)
    queue_options: Annotated[str | dict[str, Any], BeforeValidator(_queue_options)] | None = None
    on_interrupt: str | None = None
    files: str | None = None
    experiment_name: str | None = None


KEYS = tuple(Document.model_fields)
"""All keys of a sweep file."""

_GRID = frozenset({"alpha", "l1_ratio", "params", "parameters", "param", "p"})


def read(data: Mapping[str, Any], place: Callable[[tuple[str, ...]], str]) -> Document:
    """Return the document in the data; a key without a value is ignored.

    ``place`` returns the place of a path of keys. Raise UsageError with place, key and next step
    for the first error, an unknown key before a wrong value.
    """
    said = {key: value for key, value in data.items() if value is not None}
    try:
        return Document.model_validate(said)
    except ValidationError as error:
        first = min(error.errors(), key=lambda each: each["type"] != "extra_forbidden")
        raise UsageError(_complaint(first, place)) from None


def _complaint(error: Any, place: Callable[[tuple[str, ...]], str]) -> str:
    path = tuple(map(str, error["loc"]))
    keys = [part for i, part in enumerate(path) if not (i and part.isdecimal())]
    if error["type"] == "extra_forbidden":
        return f"{place(path)}: unknown key {keys[-1]!r}{_hint(keys[-1])}"
    return f"{place(path)}: {': '.join(keys)}: {_reason(error)}"


def _hint(key: str) -> str:
    if key in _GRID or "/" in key:
        return "; knobs and parameters belong under grid, e.g. grid: {alpha: [0.1, 0.2]}"
    if key in {"limits", "limit"}:
        return f"; limits are top-level keys: {', '.join(LIMITS)}"
    near = difflib.get_close_matches(key, KEYS, n=1, cutoff=0.5)
    return f"; did you mean {near[0]!r}?" if near else f"; known are {', '.join(KEYS)}"


def _reason(error: Any) -> str:
    kind, context = error["type"], error.get("ctx", {})
    if kind == "value_error":
        return str(context["error"])
    expected = _EXPECTED.get(kind) or _EXPECTED.get(kind.partition("_")[0], error["msg"])
    expected = expected.format(**context)
    return f"{_shown(error['input'])}: expected {expected}"


def _shown(found: Any) -> str:
    if isinstance(found, str):
        return repr(found)
    return "a list" if isinstance(found, list) else "a mapping" if found else "nothing"


_EXPECTED = {
    "bool": "true or false",
    "int": "a whole number",
    "float": "a number",
    "finite": "a finite number",
    "greater": "a number from {ge:g} on",
    "enum": "{expected}",
    "string": "a text",
    "dict": "a mapping NAME: VALUE",
    "list": "a list",
    "string_too_short": "a text that is not empty",
}
"""The expected values in pydantic's errors, by their types or first word."""
