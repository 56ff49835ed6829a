"""Lint of LP and CIP text: only what is certain without parsing the format."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bench.instances.lint.findings import Notes, shown
from bench.instances.lint.plain_text import Lines, fate

_APART = rb"\s+\-*^<>=:\[\]\\"
_START, _END = rb"(?<![^" + _APART + rb"])", rb"(?![^" + _APART + rb"])"
_NOT_A_NUMBER = re.compile(
    _START + rb"(?:nan|[0-9.]*[0-9][/,][0-9][0-9.]*)" + _END + rb"(?!\s*:)", re.IGNORECASE
)
_INFINITE_COEFFICIENT = re.compile(
    _START + rb"inf(?:inity)?\s+(?=[a-z_])"
    rb"(?!(?:bounds?|gen\w*|int\w*|bin\w*|semi\S*|sos\d?|end|s\.?t\.?|subject|such|free)\b)",
    re.IGNORECASE,
)
_OBJECTIVE = re.compile(rb"\s*(?:min|max)(?:imi[sz]e|imum)?" + _END, re.IGNORECASE)
_CONSTRAINTS = re.compile(rb"\s*(?:subject\s+to|such\s+that|s\.t\.?|st\.?)" + _END, re.IGNORECASE)
_AFTER = re.compile(
    rb"\s*(?:bounds?|general|generals|gen|integer|integers|int|binary|binaries|bin"
    rb"|semi\S*|semis|sos\d?|end)" + _END,
    re.IGNORECASE,
)
_LP_END = re.compile(rb"\s*end\s*", re.IGNORECASE)

_REFUSED = "readers refuse it or take a part of it for a new column, so write a decimal number"

_CIP_NAME = re.compile(rb"<[^<>]*>")
_CIP_NONLINEAR = re.compile(rb"\s*\[(?:nonlinear|quadratic|expr)", re.IGNORECASE)
_CIP_NOT_A_NUMBER = re.compile(rb"(?<![\w.#)])(?:nan\b|[0-9.]*[0-9]/[0-9]+)", re.IGNORECASE)


def lint_lp(chunks: Iterable[bytes], notes: Notes) -> None:
    """Note what is certainly wrong with LP text, given as bytes in pieces."""
    lines = Lines(chunks, notes)
    is_linear = has_start = has_objective = has_end = False
    for number, line in enumerate(lines, 1):
        text = line.partition(b"\\")[0]
        if _OBJECTIVE.match(text):
            is_linear = has_start = has_objective = True
        elif _CONSTRAINTS.match(text):
            is_linear = has_start = True
        elif _AFTER.match(text):
            is_linear = False
        has_end = has_end or _LP_END.fullmatch(text) is not None
        _check_numbers(number, text, notes)
        if is_linear and _INFINITE_COEFFICIENT.search(text):
            message = "an infinite coefficient; SCIP refuses the file"
            notes.error("infinite coefficient", number, message)
    if lines.has_mark:
        message = "starts with a byte order mark; SCIP and HiGHS then lose the objective silently"
        notes.error("byte order mark", 1, message)
    if not has_start:
        message = (
            "empty model: no Minimize, Maximize or Subject To at the start of a line; SCIP and "
            "HiGHS read such a file as an empty problem, solved with objective 0"
        )
        notes.error("empty model", None, message)
        return
    if not has_objective:
        message = "no Minimize or Maximize; the objective is 0"
        notes.warning("no objective", None, message)
    if not has_end:
        message = "no End; SCIP reads the file as if it were complete, so check that it was not cut"
        notes.warning("no End", None, message)


def lint_cip(chunks: Iterable[bytes], notes: Notes) -> None:
    """Note what is certainly wrong with CIP text, given as bytes in pieces."""
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
                _not_a_number(number, token, "SCIP refuses it unless it solves exactly", notes)
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


def _check_numbers(number: int, text: bytes, notes: Notes) -> None:
    for token in _NOT_A_NUMBER.findall(text):
        is_nan = token.lower() == b"nan"
        why = fate(token) if is_nan else _REFUSED
        _not_a_number(number, token, why, notes)


def _not_a_number(number: int, token: bytes, why: str, notes: Notes) -> None:
    notes.error("not a number", number, f"{shown(token)} is not a number; {why}")
