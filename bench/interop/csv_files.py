"""Tables of others: any CSV, its columns named by a map from our words to theirs."""

from __future__ import annotations

import csv
import difflib
import math
from collections.abc import Iterator, Mapping

from bench.errors import UsageError
from bench.interop import status_words
from bench.interop.csv_cells import check_width, unguarded
from bench.interop.reported import UNKNOWN, ImportHints, ParsedFile, ReportedResult, finite, task
from bench.model.limits import Clock, Limits
from bench.model.solver_output import SolverOutput
from bench.model.verdict import Category

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
"""What a table can tell, and the column that bench itself writes it to. ``gap`` is relative."""

_REQUIRED = ("instance", "time")
_NOT_NEGATIVE = frozenset({"time", "time_limit", "memory", "nodes", "iterations"})
_MISSING = frozenset({"", "-", "--", "na", "n/a", "nan", "none", "null"})
_DELIMITERS = ",;\t"

Cells = Mapping[str, str]


def read(text: str, source: str, setting: str, hints: ImportHints) -> ParsedFile:
    """Return what a table reports; ``setting`` is the name where no column tells one.

    A column is found under the name in ``hints.columns``, else under the field's own or bench's.
    UsageError for a table without the columns that are mapped or needed.
    """
    lines = csv.reader(text.splitlines(), delimiter=_delimiter(text))
    _, names = next(_rows(lines, source), (0, []))
    header = [name.strip() for name in names]
    check_width(header, source)
    columns = _columns(header, hints.columns, source)
    reported: list[ReportedResult] = []
    problems: list[str] = []
    for number, cells in _rows(lines, source):
        try:
            row = _cells(cells, header, columns)
            reported.append(_reported(row, columns, f"{source}:{number}", setting, hints))
        except UsageError as error:
            problems.append(f"{source}:{number}: {error}")
    if not reported and not problems:
        raise UsageError(f"{source}: a header, but no rows")
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


def _columns(header: list[str], mapped: Mapping[str, str], source: str) -> dict[str, str]:
    for field, column in mapped.items():
        if field not in FIELDS:
            raise UsageError(f"--map {field}={column}: unknown field{_near(field, FIELDS)}")
        if column not in header:
            raise UsageError(f"{source}: no column {column!r}{_near(column, header)}")
    found = {
        field: name
        for field, own in FIELDS.items()
        for name in [next((each for each in (field, own) if each in header), None)]
        if name is not None
    } | dict(mapped)
    for field in _REQUIRED:
        if field not in found:
            raise UsageError(
                f"{source}: no column {field!r}; say which it is with --map {field}=COLUMN"
                f"{_near(field, header)}"
            )
    return found


def _cells(cells: list[str], header: list[str], columns: Mapping[str, str]) -> Cells:
    if len(cells) != len(header):
        raise UsageError(f"{len(cells)} cells, but the header has {len(header)}")
    return {field: unguarded(cells[header.index(name)].strip()) for field, name in columns.items()}


def _near(word: str, known: Mapping[str, str] | list[str]) -> str:
    lower = {each.lower(): each for each in known}
    near = difflib.get_close_matches(word.lower(), lower, n=1)
    hint = f"; did you mean {lower[near[0]]!r}?" if near else ""
    return f"{hint}; there are: {', '.join(known)}"


def _reported(
    row: Cells, columns: Mapping[str, str], where: str, setting: str, hints: ImportHints
) -> ReportedResult:
    def number(field: str) -> float | None:
        return _number(row, columns, field)

    def whole(field: str) -> int | None:
        return _whole(number(field), columns.get(field, field))

    version = row.get("version") or UNKNOWN
    limit = number("time_limit") if hints.time_limit_s is None else hints.time_limit_s
    status, category, said = _claim(row, number("time"), limit, hints)
    primal = finite(number("primal"))
    return ReportedResult(
        task=task(
            row["instance"],
            hints.setting or row.get("setting") or setting,
            row.get("solver") or UNKNOWN,
            version,
            seed=whole("seed") or 0,
            permutation=whole("permutation") or 0,
            limits=Limits(time_s=limit, memory_mib=None, clock=hints.clock or Clock.WALL),
        ),
        answer=SolverOutput(
            status=status,
            error=None if status else f"{said}, says the table",
            primal_bound=primal,
            dual_bound=finite(number("dual")),
            gap=finite(number("gap")),
            n_nodes=whole("nodes"),
            n_lp_iterations=whole("iterations"),
            solve_time_s=number("time"),
        ),
        category=category,
        said=said,
        where=where,
        peak_mib=number("memory"),
    )


def _claim(
    row: Cells, time_s: float | None, limit_s: float | None, hints: ImportHints
) -> tuple[str | None, Category, str]:
    """Return the status, what the table concludes, and its word for it.

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
    if status == "optimal" and row.get("primal", "?").lower() in _MISSING:
        status, category = "unknown", Category.CRASHED
    if verdict:
        if verdict not in list(Category):
            raise UsageError(f"unknown verdict {verdict!r}{_near(verdict, list(Category))}")
        category = Category(verdict)
    return status, category, said


def _number(row: Cells, columns: Mapping[str, str], field: str) -> float | None:
    text = row.get(field, "")
    if text.lower() in _MISSING:
        return None
    try:
        value = float("x" if "_" in text else text)
    except ValueError:
        raise UsageError(f"{columns[field]} {text!r} is not a number") from None
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
