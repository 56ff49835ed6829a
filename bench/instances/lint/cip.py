"""Lint of CIP text: only what is certain without parsing the format."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bench.instances.lint.findings import Notes, shown
from bench.instances.lint.plain_text import Lines

_CIP_NAME = re.compile(rb"<[^<>]*>")
_CIP_NONLINEAR = re.compile(rb"\s*\[(?:nonlinear|quadratic|expr)", re.IGNORECASE)
_CIP_NOT_A_NUMBER = re.compile(rb"(?<![\w.#)])(?:nan\b|[0-9.]*[0-9]/[0-9]+)", re.IGNORECASE)


def lint_cip(chunks: Iterable[bytes], notes: Notes) -> None:
    """Report certain problems in CIP text, given as bytes in pieces."""
    lines = Lines(chunks, notes)
    words: set[bytes] = set()
    n_variables = 0
    for number, line in enumerate(lines, 1):
        if not line[:1].isspace():
            words.add(line.strip())
        elif b"VARIABLES" in words and b"CONSTRAINTS" not in words:
            n_variables += b"<" in line
        if not _CIP_NONLINEAR.match(line):
            for token in _CIP_NOT_A_NUMBER.findall(_CIP_NAME.sub(b"<>", line)):
                _not_a_number(number, token, "SCIP refuses it, except in its exact mode", notes)
    if lines.has_mark:
        message = "starts with a byte order mark; SCIP refuses the file, so save it without"
        notes.warning("byte order mark", 1, message)
    if b"VARIABLES" not in words:
        notes.error("no CIP", None, "no section VARIABLES; this is not a CIP file")
    elif n_variables == 0:
        message = "empty model: no variable; solvers call it solved, with objective 0"
        notes.error("empty model", None, message)
    if b"END" not in words:
        notes.error("no END", None, "no END; the file was cut, so fetch or write it again")


def _not_a_number(number: int, token: bytes, why: str, notes: Notes) -> None:
    notes.error("not a number", number, f"{shown(token)} is not a number; {why}")
