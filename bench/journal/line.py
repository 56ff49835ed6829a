"""One line of the journal: a result as JSON, its key first so that keys can be read cheaply.

``{"key":"<64 hex digits>","result":{...}}``; a number that is not finite is written as null.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

from bench.journal.inside import inside
from bench.model.result import Result

if TYPE_CHECKING:
    from pathlib import Path

    from pydantic import TypeAdapter, ValidationError

_LINE = re.compile(
    rb'\s*\{\s*"key"\s*:\s*"([0-9a-f]{64})"\s*,\s*"result"\s*:\s*(\{.*\})\s*\}\s*', re.DOTALL
)


def to_line(result: Result, folder: Path) -> bytes:
    """Return the line of a result, its own folder relative to ``folder`` if it lies inside."""
    path = result.folder.absolute()
    if path.is_relative_to(folder):
        result = replace(result, folder=path.relative_to(folder))
    body = _adapter().dump_json(result)
    return b'{"key":"%b","result":%b}\n' % (result.task.key.encode(), body)


def split_line(line: bytes) -> tuple[str, bytes]:
    """Return key and JSON text of the result, unchecked; ValueError if it is no such line."""
    match = _LINE.fullmatch(line)
    if match is None:
        raise ValueError("it is not a result")
    return match[1].decode(), match[2]


def from_json(body: bytes, folder: Path) -> Result:
    """Return the result of a JSON text, its own folder joined to ``folder``.

    One that leads out of the work folder, in which ``folder`` lies, is refused: the files there are
    recorded and shown, and the text may come from somebody else.
    Null where a number is required was a number that was not finite; it is read as NaN.
    Raise ValueError with a reason in one line if the text is no result.
    """
    from pydantic import ValidationError  # noqa: PLC0415 - 0.1 s that reading keys does without

    try:
        try:
            result = _adapter().validate_json(body)
        except ValidationError as error:
            result = _adapter().validate_python(_with_nan(body, error))
    except ValidationError as error:
        raise ValueError(problem_text(error)) from error
    try:
        return replace(result, folder=inside(folder.parent, folder.absolute() / result.folder))
    except ValueError as error:
        raise ValueError(f"its folder {error}") from error


def problem_text(error: ValidationError) -> str:
    """Return in one line what is wrong first, and where."""
    first = error.errors(include_url=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    problem = "out of range" if first["type"] == "predicate_failed" else first["msg"]
    return f"{where}: {problem}" if where else str(problem)


def _with_nan(body: bytes, error: ValidationError) -> Any:
    import pydantic_core  # noqa: PLC0415 - see from_json

    tree = pydantic_core.from_json(body)
    for problem in error.errors(include_url=False):
        if problem["input"] is None:
            _put_nan(tree, problem["loc"])
    return tree


def _put_nan(node: Any, path: tuple[int | str, ...]) -> None:
    for part in path:
        try:
            child = node[part]
        except (KeyError, IndexError, TypeError):
            return
        if child is None:
            node[part] = float("nan")
            return
        node = child


@cache
def _adapter() -> TypeAdapter[Result]:
    from pydantic import TypeAdapter  # noqa: PLC0415 - see from_json

    return TypeAdapter(Result)
