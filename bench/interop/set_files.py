"""SCIP's ``.set`` files: one ``name = value`` per line, ``#`` starts a comment.

They are read here and not by SCIP, whose own reader ignores errors silently: it skips unknown
names, stops at the first line it cannot read, and reads ``1.5`` as the integer 1.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.errors import UsageError
from bench.model.parameters import Catalogue, ParameterKind
from bench.model.setting import ParameterValue

_LINE = re.compile(
    r'(?P<name>[^\s=:"]+)\s*=\s*'
    r'(?:"(?P<quoted>[^"]*)"\s*(?:#[^"]*)?|(?P<plain>[^\s#"]+)\s*(?:#.*)?)'
)
_PRINTED_MAXIMUM = "1.79769313486232e+308"
"""The largest double as SCIP prints it: rounded up, so it would be read as infinite."""

_NOT_TEXT = "not a text file in UTF-8; expected lines of the form name = value"
_LONGEST_LINE = 1022
_LONGEST_SHOWN = 60
_UNWRITABLE = re.compile(r'["\x00-\x1f\x7f]')


@dataclass(frozen=True, slots=True)
class SetEntry:
    """The text of a value in a file, without its quotes, and its line (from 1)."""

    value: str
    line: int


def read(path: Path, catalogue: Catalogue) -> dict[str, ParameterValue]:
    """Return the values in a file, each checked against the catalogue and in its own type.

    Raise UsageError, with file and line, for any error in the file or a value.
    """
    return {
        name: _checked(catalogue, name, entry, str(path))
        for name, entry in parse(_text(path), str(path)).items()
    }


def parse(text: str, source: str) -> dict[str, SetEntry]:
    """Return the entries of a ``.set`` text by name, in its order; ``source`` names it in errors.

    Quotes around a value are optional. A name may be repeated with an equal value. Raise UsageError
    for a line that is neither ``name = value``, a comment nor blank, and for two unequal values.
    """
    if "\0" in text:
        raise UsageError(f"{source}: {_NOT_TEXT}")
    entries: dict[str, SetEntry] = {}
    for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), start=1):
        content = line.strip()
        if not content or content.startswith("#"):
            continue
        match = _LINE.fullmatch(content)
        if match is None:
            raise UsageError(f"{source}:{number}: {_complaint(content)}")
        value = match["plain"] if match["quoted"] is None else match["quoted"]
        first = entries.setdefault(match["name"], SetEntry(value, number))
        if first.value != value:
            raise UsageError(
                f"{source}:{number}: {match['name']} = {_shown(value)}, but line {first.line} "
                f"sets {_shown(first.value)}; keep one of them"
            )
    return entries


def write(params: Mapping[str, ParameterValue], catalogue: Catalogue) -> str:
    """Return a ``.set`` text, sorted by name, from which SCIP reads exactly these values.

    Raise UsageError for values that the catalogue does not allow, and for texts that SCIP's reader
    cannot read: those with quotes or control characters, and those over a thousand bytes.
    """
    return "".join(_written(catalogue, name, value) for name, value in sorted(params.items()))


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: {_NOT_TEXT}") from error


def _checked(catalogue: Catalogue, name: str, entry: SetEntry, source: str) -> ParameterValue:
    value = entry.value.replace(_PRINTED_MAXIMUM, repr(sys.float_info.max))
    try:
        return catalogue.check(name, value)
    except UsageError as error:
        raise UsageError(f"{source}:{entry.line}: {error}") from error


def _complaint(line: str) -> str:
    name, _, rest = (part.strip() for part in line.partition("="))
    bare = line.partition("#")[0].rstrip()
    if re.match(r"emphasis\s*:", line):
        return "emphasis lines are not read; remove the line, and use --emphasis, e.g. hardlp"
    if "=" not in bare or re.search(r'[\s:"#]', name) or not name:
        return f'expected "name = value", got "{_shown(line)}"'
    if not rest or rest.startswith("#"):
        return f'{name} has no value; expected "name = value"'
    if '"' in rest:
        return f"expected one pair of quotes around the whole value, got {_shown(rest)}"
    if re.search(r"\sfix$", bare):
        return f'"fix" is not supported; remove it after the value of {name}'
    return f'expected one value for {name}, got "{_shown(rest)}"; a text with spaces needs quotes'


def _shown(text: str) -> str:
    printable = "".join(char if char.isprintable() else "?" for char in text)
    return printable if len(printable) <= _LONGEST_SHOWN else printable[:_LONGEST_SHOWN] + "..."


def _written(catalogue: Catalogue, name: str, value: ParameterValue) -> str:
    checked = catalogue.check(name, value)
    match catalogue[name].kind:
        case ParameterKind.BOOL:
            text = str(checked).upper()
        case ParameterKind.STRING:
            text = f'"{checked}"'
        case _:
            text = str(checked)
    line = f"{name} = {text}\n"
    is_unreadable = _UNWRITABLE.search(str(checked)) or text in {"#", " "}
    if is_unreadable or len(line.encode()) > _LONGEST_LINE:
        raise UsageError(
            f"parameter {name} = {_shown(repr(value))}: cannot be written to a .set file, which "
            f"allows no quotes, control characters or lines over {_LONGEST_LINE} bytes"
        )
    return line
