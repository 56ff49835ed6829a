"""SCIP's ``.res`` tables, which its check scripts make from a log: one row per instance.

A file of bench may contain several tables, one for each setting and seed; each ends with its
footer.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from bench.errors import UsageError
from bench.interop import status_words
from bench.interop.reported import (
    UNKNOWN,
    ImportHints,
    ParsedFile,
    ReportedResult,
    finite,
    labelled,
    task,
)
from bench.model.limits import Clock, Limits
from bench.model.results.solver_output import SolverOutput
from bench.model.results.verdict import Category

CUT_AT = 18
"""SCIP's scripts truncate the names of instances at this length."""

_FOOTER = re.compile(r"@01 (?P<solver>[^\s(]+)\((?P<version>[^)]*)\).*?:(?P<setting>.+?)(?: \[.*)?")
_EXTRA = re.compile(r"@(02 timelimit:|Seed|Permutation)\s+(\S+)")
_NUMBERS = {
    "Dual Bound": "dual",
    "Primal Bound": "primal",
    "Gap%": "gap_percent",
    "Iters": "iterations",
    "Nodes": "nodes",
    "Time": "time_s",
}
_MISSING = frozenset({"--", "-"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ResRow:
    """One row; a missing number is None, and so is an infinite ``gap_percent``."""

    name: str
    status: str
    dual: float | None = None
    primal: float | None = None
    gap_percent: float | None = None
    iterations: float | None = None
    nodes: float | None = None
    time_s: float | None = None
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ResTable:
    """The rows of one setting and seed."""

    rows: tuple[ResRow, ...]
    solver: str
    version: str
    setting: str
    time_limit_s: float | None = None
    seed: int = 0
    permutation: int = 0


def read(text: str, source: str, hints: ImportHints) -> ParsedFile:
    """Return the results in the tables of a text; UsageError if there are none."""
    tables, problems = parse(text, source)
    reported: list[ReportedResult] = []
    for table in tables:
        for row in table.rows:
            try:
                reported.append(_reported(row, table, source, hints))
            except UsageError as error:
                problems.append(f"{source}:{row.line}: {error}")
    return ParsedFile(reported=tuple(reported), problems=tuple(problems))


def parse(text: str, source: str) -> tuple[list[ResTable], list[str]]:
    """Return the tables, and a line for each row that cannot be read.

    Raise UsageError for a text without a header, and for rows without the footer that names the
    solver.
    """
    tables: list[ResTable] = []
    problems: list[str] = []
    for first, lines in _blocks(text):
        header = next((i for i, line in enumerate(lines) if _is_header(line)), None)
        footer = _FOOTER.fullmatch(lines[-1])
        if header is None:
            continue
        if footer is None:
            raise UsageError(
                f"{source}: the footer (@01 SOLVER(VERSION):SETTING) is missing; the file may be "
                "truncated"
            )
        rows = _rows(lines, header, f"{source}:{{}}", first, problems)
        tables.append(_table(rows, footer, lines, f"{source}:{first + len(lines) - 1}"))
    if not tables:
        raise UsageError(
            f"{source}: not a table of SCIP's check scripts (no header that begins with Name |)"
        )
    return tables, problems


def write(tables: Iterable[ResTable]) -> str:
    """Return a text that `parse` can read; blanks in names become ``_``."""
    return "\n".join(_written(table) for table in tables)


def completed(name: str, known: Mapping[str, object]) -> str:
    """Return the whole name of a truncated instance name, if exactly one known name fits."""
    if name in known or len(name) != CUT_AT:
        return name
    fits = [each for each in known if each.startswith(name) or each.endswith(name)]
    return fits[0] if len(fits) == 1 else name


def _blocks(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the number of the first line and the lines up to each footer, then the rest."""
    lines = [line.rstrip() for line in text.rstrip().split("\n")]
    start = 0
    for number, line in enumerate(lines, start=1):
        if _FOOTER.fullmatch(line) or number == len(lines):
            yield start + 1, lines[start:number]
            start = number


def _is_header(line: str) -> bool:
    return line.startswith("Name ") and "|" in line


def _rows(
    lines: list[str], header: int, where: str, first: int, problems: list[str]
) -> tuple[ResRow, ...]:
    columns = [cell.strip() for cell in lines[header].split("|")]
    rows = []
    for index in range(header + 2, len(lines)):
        if not lines[index] or lines[index].startswith("---"):
            break
        try:
            rows.append(_row(lines[index], [column for column in columns if column], first + index))
        except UsageError as error:
            problems.append(f"{where.format(first + index)}: {error}")
    return tuple(rows)


def _row(line: str, columns: list[str], number: int) -> ResRow:
    cells = line.split(None, len(columns))
    if len(cells) <= len(columns):
        raise UsageError(f"{len(cells)} cells, expected {len(columns) + 1}: {line[:60]!r}")
    found: dict[str, float | None] = {}
    for column, cell in zip(columns, cells, strict=False):
        if column in _NUMBERS:
            found[_NUMBERS[column]] = _number(cell, column)
    return ResRow(name=cells[0], status=cells[-1].strip(), line=number, **found)


def _number(cell: str, column: str) -> float | None:
    if cell in _MISSING or (column == "Gap%" and cell == "Large"):
        return None
    try:
        value = float(cell)
    except ValueError:
        value = math.nan
    if math.isnan(value) or (math.isinf(value) and "Bound" not in column):
        raise UsageError(f"{column} {cell!r} is not a number")
    return value


def _table(
    rows: tuple[ResRow, ...], footer: re.Match[str], lines: list[str], where: str
) -> ResTable:
    extra = {match[1]: match[2] for line in lines if (match := _EXTRA.fullmatch(line))}
    limit = extra.get("02 timelimit:")
    try:
        return ResTable(
            rows=rows,
            solver=footer["solver"].lower(),
            version=footer["version"] or UNKNOWN,
            setting=footer["setting"],
            time_limit_s=None if limit is None else float(limit),
            seed=int(extra.get("Seed", 0)),
            permutation=int(extra.get("Permutation", 0)),
        )
    except ValueError as error:
        raise UsageError(f"{where}: in the footer: {error}") from error


def _reported(row: ResRow, table: ResTable, source: str, hints: ImportHints) -> ReportedResult:
    said = status_words.meaning(row.status, hints.statuses)
    if said is None:
        raise UsageError(f"unknown status {row.status!r}; explain it with --status")
    primal, dual = finite(row.primal), finite(row.dual)
    status, category = said.status, said.category
    if status == "optimal" and primal is None and dual is None:
        status = "infeasible"
    if category is Category.UNCONFIRMED and row.status == "ok":
        category = Category.SOLVED
    limit = hints.limit_or(table.time_limit_s)
    setting = hints.setting or labelled(table.setting, table.solver, table.version)
    return ReportedResult(
        task=task(
            row.name,
            setting,
            table.solver,
            table.version,
            seed=table.seed,
            permutation=table.permutation,
            limits=Limits(
                time_s=limit, memory_mib=None, clock=hints.clock or Clock.WALL, threads=None
            ),
        ),
        answer=SolverOutput(
            status=status,
            error=None if status else f"{row.status}, says the table",
            primal_bound=primal,
            dual_bound=dual,
            gap=None if row.gap_percent is None else row.gap_percent / 100,
            n_nodes=None if row.nodes is None else round(row.nodes),
            n_lp_iterations=None if row.iterations is None else round(row.iterations),
            solve_time_s=hints.time_or_limit(row.time_s, limit),
        ),
        category=category,
        kind=said.kind,
        said=row.status,
        where=f"{source}:{row.line}",
    )


def _written(table: ResTable) -> str:
    width = max([CUT_AT, *(len(row.name) for row in table.rows)])
    head = f"{'Name':{width}}|   Dual Bound   |  Primal Bound  | Gap% |  Iters  |  Nodes |  Time |"
    rule = re.sub(r"[^|]", "-", head).replace("|", "+") + "--------"
    lines = [rule, head, rule, *(_line(row, width) for row in table.rows), rule, ""]
    if table.time_limit_s is not None:
        lines.append(f"@02 timelimit: {table.time_limit_s:.15g}")
    lines += [f"@Seed {table.seed}"] * bool(table.seed)
    lines += [f"@Permutation {table.permutation}"] * bool(table.permutation)
    lines.append(f"@01 {table.solver.upper()}({table.version}):{table.setting}")
    return "\n".join(lines) + "\n"


def _line(row: ResRow, width: int) -> str:
    name = re.sub(r"\s", "_", row.name)
    cells = (
        _cell(row.dual, 16, ".9g"),
        _cell(row.primal, 16, ".9g"),
        _cell(row.gap_percent, 6, ".1f"),
        _cell(row.iterations, 9, ".0f"),
        _cell(row.nodes, 8, ".0f"),
        _cell(row.time_s, 7, ".2f"),
    )
    return " ".join((f"{name:{width}}", *cells, row.status))


def _cell(value: float | None, width: int, form: str) -> str:
    return f"{'--' if value is None else format(value, form):>{width}}"
