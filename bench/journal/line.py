"""One line of the journal: a result as JSON, its key first so that keys can be read cheaply.

``{"key":"<64 hex digits>","crc32":"<8 hex digits>","result":{...}}``; a number that is not finite
is written as null. The checksum covers the key's digits and the bytes of the result. It detects
damage, which needs no cryptographic hash: zlib's CRC-32 takes a fifth of the time of a short
BLAKE2b. Lines of earlier versions have none.
"""

from __future__ import annotations

import math
import re
import zlib
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

from bench.journal.inside import inside
from bench.model.results.result import Result

if TYPE_CHECKING:
    from pathlib import Path

    from pydantic import TypeAdapter, ValidationError

_LINE = re.compile(
    rb'\s*\{\s*"key"\s*:\s*"([0-9a-f]{64})"\s*,\s*(?:"crc32"\s*:\s*"([0-9a-f]{8})"\s*,\s*)?'
    rb'"result"\s*:\s*(\{.*\})\s*\}\s*',
    re.DOTALL,
)


def to_line(result: Result, folder: Path) -> bytes:
    """Return the line of a result; a folder inside ``folder`` becomes relative."""
    path = result.folder.absolute()
    if path.is_relative_to(folder):
        result = replace(result, folder=path.relative_to(folder))
    key, body = result.task.key.encode(), adapter().dump_json(result)
    return b'{"key":"%b","crc32":"%08x","result":%b}\n' % (key, _checksum(key, body), body)


def split_line(line: bytes) -> tuple[str, bytes]:
    """Return key and JSON text of the result, compared with the checksum if there is one.

    Raise ValueError with a reason in one line if it is not such a line or was changed after
    writing.
    """
    match = _LINE.fullmatch(line)
    if match is None:
        raise ValueError("the line is not a result")
    key, checksum, body = match.groups()
    if checksum is not None and int(checksum, 16) != _checksum(key, body):
        raise ValueError("the checksum does not match: the line was changed after it was written")
    return key.decode(), body


def read_line(line: bytes, folder: Path) -> Result:
    """Return the result of a line, as `from_json` does, after checking the whole line.

    Raise ValueError with a reason in one line if it is damaged, also if the key is not that of the
    task. The key of a task with an infinite parameter is trusted, because the line has null there.
    """
    key, body = split_line(line)
    result = from_json(body, folder)
    if result.task.key != key and not _lost_infinity(result):
        raise ValueError("the key does not match the task")
    return result


def from_json(body: bytes, folder: Path) -> Result:
    """Return the result in a JSON text, with its folder relative to ``folder``.

    A folder outside the work folder is rejected: its files would be recorded and shown, and the
    text may come from someone else. A number that was not finite is stored as null and read as
    NaN. Raise ValueError with a reason in one line if the text is not a result.
    """
    from pydantic import ValidationError  # noqa: PLC0415 - 0.1 s that reading keys does without

    try:
        try:
            result = adapter().validate_json(body)
        except ValidationError as error:
            result = adapter().validate_python(_with_nan(body, error))
    except ValidationError as error:
        raise ValueError(problem_text(error)) from error
    try:
        return replace(result, folder=inside(folder.parent, folder.absolute() / result.folder))
    except ValueError as error:
        raise ValueError(f"its folder {error}") from error


def problem_text(error: ValidationError) -> str:
    """Return the first problem and its place in one line."""
    first = error.errors(include_url=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    return f"{where}: {first['msg']}" if where else str(first["msg"])


def _checksum(key: bytes, body: bytes) -> int:
    return zlib.crc32(body, zlib.crc32(key))


def _lost_infinity(result: Result) -> bool:
    """Return whether a parameter was not finite, so that the key cannot be recomputed."""
    values = result.task.setting.params.values()
    return any(isinstance(value, float) and math.isnan(value) for value in values)


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
def adapter() -> TypeAdapter[Result]:
    """Return the reader and writer of results; creating it takes 0.1 s."""
    from pydantic import TypeAdapter  # noqa: PLC0415 - see from_json

    return TypeAdapter(Result)
