"""Tables of other tools: any CSV, with a map from the fields of bench to its columns."""

from __future__ import annotations

import csv
import difflib
import math
import shlex
from collections.abc import Iterator, Mapping

from bench.errors import UsageError
from bench.interop import status_words
from bench.interop.csv_cells import check_width, unguarded
from bench.interop.reported import (
    NO_NUMBER,
    UNKNOWN,
    ImportHints,
    ParsedFile,
    ReportedResult,
    finite,
    task,
)
from bench.model.limits import Clock, Limits
from bench.model.printable import shown
from bench.model.results.solver_output import SolverOutput
from bench.model.results.verdict import Category

FIELDS = {
    **{name: name for name in ("instance", "setting", "solver", "status", "verdict")},
    "version": "solver_version",
    "seed": "seed",
    "permutation": "permutation",
    "time": "solve_time_s",
    "time_limit": "time_limit_s",
    "memory": "peak_mib",
    "primal": "primal_bound",
    "dual": "dual_bound",
    "gap": "gap",
    "nodes": "n_nodes",
    "iterations": "n_lp_iterations",
}
"""The fields of a table, with bench's own column names. ``gap`` is relative."""

_REQUIRED = ("instance", "time")
_OF_A_SETTING = frozenset({"setting", "time", "status", "verdict", "primal", "dual", "gap"}) | {
    *("nodes", "iterations", "memory")
}
"""Fields that a wide table has no column for."""
_NOT_NEGATIVE = frozenset({"time", "time_limit", "memory", "nodes", "iterations"})
_MISSING = frozenset({"", "-", "--", "na", "n/a", "nan", "none", "null"})
ALL = "all"
"""In place of the columns of a wide table: all that `--map` does not name."""
_DELIMITERS = ",;\t"

Cells = Mapping[str, str]


def read(text: str, source: str, setting: str, hints: ImportHints) -> ParsedFile:
    """Return the results in a table; ``setting`` is the name if there is no column for it.

    A column is found by the name in ``hints.columns``, else by the field's own name or that of
    bench. With ``hints.wide``, a row has the times of several settings, one result each. Raise
    UsageError for a table without the mapped or required columns.
    """
    lines = csv.reader(text.splitlines(), delimiter=_delimiter(text))
    header = [name.strip() for name in next(_rows(lines, source), (0, []))[1]]
    check_width(header, source)
    columns = _columns(header, hints, source)
    wide = _setting_columns(header, columns, hints.wide, source)
    reported: list[ReportedResult] = []
    problems: list[str] = []
    for number, cells in _rows(lines, source):
        where = f"{source}:{number}"
        try:
            row = _cells(cells, header, columns)
        except UsageError as error:
            problems.append(f"{where}: {error}")
            continue
        for column in wide or (None,):
            try:
                one = row if column is None else _of_setting(row, column, cells, header, hints)
                names = columns if column is None else columns | {"time": column}
                reported.append(_reported(one, names, where, setting, hints))
            except UsageError as error:
                problems.append(f"{where}: {error}")
    if not reported and not problems:
        raise UsageError(f"{source}: has a header but no rows")
    return ParsedFile(reported=tuple(reported), problems=tuple(problems))


def _delimiter(text: str) -> str:
    head = text.lstrip().split("\n", 1)[0]
    return max(_DELIMITERS, key=head.count)


def _rows(lines: Iterator[list[str]], source: str) -> Iterator[tuple[int, list[str]]]:
    try:
        for cells in lines:
            if any(cell.strip() for cell in cells):
                yield lines.line_num, cells  # type: ignore[attr-defined]
    except csv.Error as error:
        raise UsageError(f"{source}: not a CSV file: {error}") from error


def _columns(header: list[str], hints: ImportHints, source: str) -> dict[str, str]:
    mapped = hints.columns
    for field, column in mapped.items():
        if field not in FIELDS:
            raise UsageError(f"--map {field}={column}: unknown field{_near(field, FIELDS)}")
        if hints.wide and field in _OF_A_SETTING:
            raise UsageError(
                f"--map {field}={column}: with --wide this field comes from the columns of the "
                "settings; remove it from --map"
            )
        if column not in header:
            raise UsageError(f"{source}: no column {column!r}{_near(column, header)}")
    found = {
        field: name
        for field, own in FIELDS.items()
        for name in [next((each for each in (field, own) if each in header), None)]
        if name is not None
    } | dict(mapped)
    if hints.wide:
        first = {"instance": header[0]} if header[0] else {}
        return first | {key: name for key, name in found.items() if key not in _OF_A_SETTING}
    for field in _REQUIRED:
        if field not in found:
            raise UsageError(
                f"{source}: no column {field!r}; name it with --map "
                f"{field}=COLUMN{_near(field, header)}"
            )
    return found


def _setting_columns(
    header: list[str], columns: Mapping[str, str], wide: tuple[str, ...], source: str
) -> tuple[str, ...]:
    """Return the columns of a wide table that are settings, in their order."""
    others = set(columns.values())
    if wide == (ALL,) and ALL not in header:
        wide = tuple(name for name in header if name and name not in others)
        if not wide:
            raise UsageError(f"{source}: --wide {ALL}: no column remains for a setting")
    for column in wide:
        if column not in header:
            raise UsageError(f"{source}: --wide: no column {column!r}{_near(column, header)}")
        if column in others:
            raise UsageError(
                f"{source}: --wide: column {column!r} is already used by --map and cannot hold "
                "the times of a setting"
            )
        if header.count(column) > 1:
            raise UsageError(f"{source}: --wide: there are two columns {column!r}; rename one")
    return tuple(name for name in header if name in wide)


def _of_setting(
    row: Cells, column: str, cells: list[str], header: list[str], hints: ImportHints
) -> Cells:
    """Return the row of one setting: its cell is a time, a status word, or missing."""
    cell = cells[header.index(column)].strip()
    explained = status_words.meaning(cell, hints.statuses) is not None
    told = {"status": cell} if explained and not _is_missing(cell, hints) else {"time": cell}
    return {**row, "setting": column, **told}


def _cells(cells: list[str], header: list[str], columns: Mapping[str, str]) -> Cells:
    if len(cells) != len(header):
        raise UsageError(f"{len(cells)} cells, but the header has {len(header)}")
    return {field: unguarded(cells[header.index(name)].strip()) for field, name in columns.items()}


def _near(word: str, known: Mapping[str, str] | list[str]) -> str:
    lower = {each.lower(): each for each in known}
    near = difflib.get_close_matches(word.lower(), lower, n=1)
    hint = f"; did you mean {lower[near[0]]!r}?" if near else ""
    return f"{hint}; there are: {', '.join(map(shown, known))}"


def _reported(
    row: Cells, columns: Mapping[str, str], where: str, setting: str, hints: ImportHints
) -> ReportedResult:
    def number(field: str) -> float | None:
        return _number(row, columns, field, hints)

    def whole(field: str) -> int | None:
        return _whole(number(field), columns.get(field, field))

    version = row.get("version") or UNKNOWN
    limit = hints.limit_or(number("time_limit"))
    time_s = hints.time_or_limit(number("time"), limit)
    status, category, said = _claim(row, time_s, limit, hints)
    primal = finite(number("primal"))
    return ReportedResult(
        task=task(
            row["instance"],
            hints.setting or row.get("setting") or setting,
            row.get("solver") or UNKNOWN,
            version,
            seed=whole("seed") or 0,
            permutation=whole("permutation") or 0,
            limits=Limits(
                time_s=limit, memory_mib=None, clock=hints.clock or Clock.WALL, threads=None
            ),
        ),
        answer=SolverOutput(
            status=status,
            error=None if status else f"{said}, says the table",
            primal_bound=primal,
            dual_bound=finite(number("dual")),
            gap=finite(number("gap")),
            n_nodes=whole("nodes"),
            n_lp_iterations=whole("iterations"),
            solve_time_s=time_s,
        ),
        category=category,
        said=said,
        where=where,
        peak_mib=number("memory"),
    )


def _claim(
    row: Cells, time_s: float | None, limit_s: float | None, hints: ImportHints
) -> tuple[str | None, Category, str]:
    """Return the status, the conclusion in the table, and its word for it.

    Without a status, a solve counts as solved unless it reached the time limit or has no time.
    """
    verdict = row.get("verdict", "")
    said = row.get("status") or verdict
    if not said and "status" not in row:
        in_time = time_s is not None and (limit_s is None or time_s < limit_s)
        said = "optimal" if in_time else "timelimit" if time_s is not None else "abort"
    found = status_words.meaning(said, hints.statuses)
    if found is None:
        raise UsageError(f"unknown status {said!r}; explain it with --status {said or 'WORD'}=...")
    status, category = found.status, found.category
    if status == "optimal" and "primal" in row and _is_missing(row["primal"], hints):
        status, category = "unknown", Category.CRASHED
    if verdict:
        category = _verdict(verdict, hints)
    return status, category, said


def _verdict(word: str, hints: ImportHints) -> Category:
    """Return the verdict of a table's word, or the one that its status word implies."""
    if word in list(Category):
        return Category(word)
    found = status_words.meaning(word, hints.statuses)
    if found is None:
        raise UsageError(
            f"unknown verdict {word!r}; explain it with --status {shlex.quote(word)}=..."
            f"{_near(word, list(Category))}"
        )
    return found.category


def _is_missing(text: str, hints: ImportHints) -> bool:
    return text.lower() in _MISSING | hints.missing


def _number(row: Cells, columns: Mapping[str, str], field: str, hints: ImportHints) -> float | None:
    text = row.get(field, "")
    if _is_missing(text, hints):
        return None
    try:
        value = float("x" if "_" in text else text)
    except ValueError:
        raise UsageError(f"{columns[field]} {text!r} {NO_NUMBER}") from None
    if field in _NOT_NEGATIVE and value < 0:
        raise UsageError(f"{columns[field]} {text} is negative")
    if field not in {"primal", "dual", "gap"} and not math.isfinite(value):
        raise UsageError(f"{columns[field]} {text} is not finite")
    return value


def _whole(value: float | None, column: str) -> int | None:
    if value is None:
        return None
    if value != round(value):
        raise UsageError(f"{column} {value:g} is not a whole number")
    return round(value)
