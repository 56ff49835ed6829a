"""Lint of LP text; what it says of the solvers is held against them."""

from __future__ import annotations

from pathlib import Path
from time import process_time

import pytest

from bench.instances.lint.file import lint
from bench.instances.lint.findings import Notes
from bench.instances.lint.lp import lint_lp
from bench.instances.lint.lp_sections import Reading
from bench.model.instances.finding import LintFinding, Severity
from tests.bench.instances.lint.executed import reading

LP = "\\ a comment\nMinimize\n obj: x + y\nSubject To\n c1: x + y >= 1\nBounds\n -inf <= x\nEnd\n"


def lp(old: str = "", new: str = "") -> list[LintFinding]:
    """Lint the small LP file after a replacement."""
    assert old in LP
    notes = Notes()
    lint_lp([LP.replace(old, new, 1).encode()], notes)
    return notes.findings()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("", ""),
        ("Minimize", "MAXIMIZE"),
        ("Subject To", "st"),
        ("x + y >= 1", "2 x/2 + nano + y >= 1"),
        ("obj: x + y", "obj: x + [ x ^2 ] / 2"),
        (" c1: x + y >= 1\n", " c1: x + y\n  >= 1e-3\n"),
        (" c1:", " nan:"),
        (" c1:", " end:"),
        ("+ y >= 1", "+ y >= -inf"),
        ("\\ a comment", "\\ nan 1/2 \\"),
        ("Minimize", "Minimize\r"),
    ],
)
def test_a_correct_lp_file_gives_no_finding(old: str, new: str) -> None:
    """Names may hold slashes, and bounds may be infinite."""
    assert lp(old, new) == []


@pytest.mark.parametrize(
    ("old", "new", "line", "what"),
    [
        ("c1: x", "c1: 3/2 x", 5, "'3/2' is not a number"),
        (">= 1", ">= 1,5", 5, "'1,5' is not a number"),
        ("c1: x", "c1: nan x", 5, "'nan' is not a number"),
        (">= 1", ">= NaN", 5, "'NaN' is not a number"),
        ("obj: x", "obj: inf x", 3, "an infinite coefficient"),
        ("\\ a comment", "\ufeff", 1, "lose the objective silently"),
        ("c1: x", "c1: x\0", 5, "a NUL byte"),
    ],
)
def test_lp_text_that_readers_read_wrongly_is_an_error(
    old: str, new: str, line: int, what: str
) -> None:
    """It has the line and the text."""
    (found,) = lp(old, new)
    assert (found.severity, found.line) == (Severity.ERROR, line)
    assert what in found.message


def test_lp_text_that_may_have_been_cut_is_a_warning() -> None:
    """SCIP reads such a file as if it were complete."""
    (found,) = lp("End\n", "")
    assert found.severity is Severity.WARNING


def test_lp_text_without_objective_is_a_warning() -> None:
    """The objective is 0 then."""
    (found,) = lp("Minimize\n obj: x + y\n", "")
    assert found.severity is Severity.WARNING


@pytest.mark.parametrize("text", [b"blah blah not a good file\n", b"\\ only a comment\n", b"\n"])
def test_text_without_an_lp_section_is_an_empty_model(text: bytes) -> None:
    """SCIP and HiGHS read it as a problem without columns, and solve it."""
    notes = Notes()
    lint_lp([text], notes)
    (found,) = notes.findings()
    assert found.severity is Severity.ERROR
    assert found.message.startswith("empty model")


SOLVERS = ("scip", "highs")
ROWS = "Subject To\n c: x + y >= 4\n"
START = f"Minimize\n obj: 3 x + 2 y\n{ROWS}"


@pytest.mark.parametrize(
    ("rule", "text", "by"),
    [
        ("objective with a colon", f"min:{START.removeprefix('Minimize')}End\n", "scip"),
        ("objective with a colon", f"min: 3 x\n{ROWS}End\n", "scip"),
        ("text before sections", f"Minimizing\n obj: 3 x\n{ROWS}End\n", "scip"),
        ("repeated objectives", f"{START}Minimize\n other: x\nEnd\n", "scip"),
        ("rows with a second side", f"{START} e: y >= 1 <= 3\nEnd\n", "scip"),
        ("constants in rows", f"{START} e: x + y - 1 >= 4\nEnd\n", "highs"),
        ("constants in rows", f"{START} e: x - 1 + y >= 4\nEnd\n", "highs"),
        ("constants in rows", f"{START} e: x + y - 1\n >= 4\nEnd\n", "highs"),
        ("constants in rows", f"{START} e: 2 + x + y >= 4\nEnd\n", "highs"),
        ("constants in rows", f"{START} e: x-1 + y >= 4\nEnd\n", "highs"),
        ("words without a bound", f"{START}Bounds\n x <= 9\nRanges\n c <= 9\nEnd\n", "scip"),
        ("words without a bound", f"{START}Bounds\n x y free\nEnd\n", "scip"),
        ("words without a bound", f"{START}Bounds\n x <= 9\nFree\n y\nEnd\n", "scip"),
        ("words without a bound", f"{START}Bounds\n x <= 9\nFree\nEnd\n", "scip"),
        ("words without a bound", f"{START}Bounds\n b: 1 <= x <= 9\nEnd\n", "scip"),
        ("words without a bound", f"{START}Bounds\n x, y <= 9\nEnd\n", "scip"),
        ("words without a bound", f"{START}Bounds\nGenerals:\n x\nEnd\n", "scip"),
        ("undefined columns in Generals", f"{START}Generals\n x, y\nEnd\n", "highs"),
        ("undefined columns in Generals", f"{START}Generals\n x\nFree\n y\nEnd\n", "highs"),
        ("undefined columns in Binaries", f"{START}Bin\n X\nEnd\n", "highs"),
        ("undefined columns in Semis", f"{START}Semi continuous\n x\nEnd\n", "highs"),
        ("bounds of binary columns", f"{START}Bounds\n y <= 4\nBin\n y\nEnd\n", "highs"),
    ],
)
def test_what_one_solver_misreads_is_an_error_for_that_one(
    rule: str, text: str, by: str, tmp_path: Path
) -> None:
    """It makes another problem of the file; the other refuses it, or is right."""
    path = tmp_path / "a.lp"
    path.write_text(text)
    errors = {(one.rule, one.misread_by) for one in lint(path) if one.severity is Severity.ERROR}
    assert errors == {(rule, by)}
    optimum = {"bounds of binary columns": 11.0, "rows with a second side": 9.0}.get(rule)
    outcomes = {solver: reading(solver, path, "xy", optimum) for solver in SOLVERS}
    assert outcomes[by] is Reading.MISREAD
    assert Reading.MISREAD not in {found for solver, found in outcomes.items() if solver != by}


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ("parentheses", f"{START} e: 2 (x + y) >= 12\nEnd\n"),
        ("bounds with a colon", f"{START}Bounds:\n x >= -2\nEnd\n"),
    ],
)
def test_what_both_misread_is_an_error_for_all(rule: str, text: str, tmp_path: Path) -> None:
    """Nobody objects, so that no comparison of the two finds it."""
    path = tmp_path / "a.lp"
    path.write_text(text)
    errors = [(one.rule, one.misread_by) for one in lint(path) if one.severity is Severity.ERROR]
    assert errors == [(rule, "")] * len(errors)
    assert errors
    assert [reading(solver, path, "xy", None) for solver in SOLVERS] == [Reading.MISREAD] * 2


@pytest.mark.parametrize(
    ("rule", "bounds", "optimum"),
    [
        ("columns in Bounds alone", "Bounds\n X <= 3\n", 8.0),
        ("names with parentheses or commas", " e: x + x(1,2) >= 0\n", 8.0),
        ("text before sections", "", 8.0),
    ],
)
def test_what_may_not_be_meant_is_a_warning(
    rule: str, bounds: str, optimum: float, tmp_path: Path
) -> None:
    """Both solvers read the same problem, or one refuses it."""
    path = tmp_path / "a.lp"
    title = "a title\n" if rule == "text before sections" else ""
    path.write_text(f"{title}{START}{bounds}End\n")
    (found,) = lint(path)
    assert (found.rule, found.severity) == (rule, Severity.WARNING)
    columns = {"x", "y", *({"X"} if "X" in bounds else ()), *({"x(1,2)"} if "(" in bounds else ())}
    outcomes = {reading(solver, path, columns, optimum) for solver in SOLVERS}
    assert Reading.READ in outcomes
    assert Reading.MISREAD not in outcomes


@pytest.mark.parametrize(
    ("bounds", "rules"),
    [
        ("5 <= x <= 3", ["crossing bounds"]),
        ("x >= 5\n x <= 3", ["crossing bounds"]),
        ("x <= 3\n x >= 5", ["crossing bounds"]),
        ("x <= -3", ["negative upper bounds"]),
        ("-3 >= x", ["negative upper bounds"]),
        ("x\n <= - 3", ["negative upper bounds"]),
        ("x <= -3\n -inf <= x", []),
        ("-5 <= x <= -3", []),
        ("x >= -5\n x <= -3", []),
        ("x = -3", []),
        ("x free\n x <= -3", []),
        ("x <= 3\n x FREE", []),
        ("x >= 5\n x >= 1\n x <= 3", []),
        ("-Infinity <= x <= +inf", []),
        ("x >= 1 y <= 2", []),
    ],
)
def test_bounds_are_taken_together(bounds: str, rules: list[str]) -> None:
    """As both solvers take them: the last one of each side counts, and 0 is the first lower."""
    notes = Notes()
    lint_lp([f"{START}Bounds\n {bounds}\nEnd\n".encode()], notes)
    assert [one.rule for one in notes.findings()] == rules


@pytest.mark.parametrize(
    ("bounds", "optimum", "rule"),
    [
        ("4 <= x <= 1.5", 8.0, "crossing bounds"),
        ("x <= -1.5", 8.0, "negative semi-continuous bounds"),
        ("-4 <= x <= 9", 8.0, "negative semi-continuous bounds"),
    ],
)
def test_semi_continuous_columns_may_be_0(
    bounds: str, optimum: float, rule: str, tmp_path: Path
) -> None:
    """Crossing bounds leave 0; with a negative one SCIP reads another domain."""
    path = tmp_path / "a.lp"
    path.write_text(f"{START} e: y >= 4\nBounds\n {bounds}\nSemis\n x\nEnd\n")
    (found,) = lint(path)
    assert found.rule == rule
    assert "infeasible" not in found.message
    scip = reading("scip", path, "xy", optimum)
    assert (scip is Reading.MISREAD) == (found.misread_by == "scip")


@pytest.mark.parametrize("bound", ["x >= 0", "x <= 1", "x = 1", "x >= 1", "x <= 0.5"])
def test_bounds_within_0_and_1_of_binary_columns_are_no_finding(bound: str) -> None:
    """Both solvers keep the tighter ones."""
    notes = Notes()
    lint_lp([f"{START}Bounds\n {bound}\nBinaries\n x\nEnd\n".encode()], notes)
    assert notes.findings() == []


@pytest.mark.parametrize("rest", ["End\n", "Generals x\nEnd\n", "generals x\n y\nEnd"])
def test_sections_may_start_within_a_line_of_bounds(rest: str, tmp_path: Path) -> None:
    """SCIP reads them, HiGHS refuses the file."""
    path = tmp_path / "a.lp"
    path.write_text(f"{START}Bounds\n x <= 3 y <= 9 {rest}")
    assert lint(path) == []
    assert reading("scip", path, "xy", 8.0) is Reading.READ


def test_numbers_at_the_ends_of_lines_are_no_constants() -> None:
    """A coefficient may stand before its column, and a side before the next row."""
    rows = (
        " e: 2 x - 3\n y >= -4\n f: - x + 2\n y >=\n -4\n - x - y <= -2\n g: x - 1e-3 y <= 1e+3\n"
    )
    notes = Notes()
    lint_lp([f"{START}{rows}End\n".encode()], notes)
    assert notes.findings() == []


def test_columns_named_like_a_section_are_columns() -> None:
    """Where the rows have them, a line of their own does not start a section."""
    text = f"{START} e: x + PWL >= 1\nGenerals\n x\n pwl\n PWL\nEnd\n"
    notes = Notes()
    lint_lp([text.replace(" pwl\n", "").encode()], notes)
    assert notes.findings() == []


def test_text_after_end_is_a_warning() -> None:
    """Once, however long it is."""
    (found,) = lp("End\n", "End\nBounds\n x <= 1\n y <= 2\n")
    assert found.rule == "text after End"


def test_repeated_terms_add_up(tmp_path: Path) -> None:
    """In rows and in the objective, and the lint is silent."""
    path = tmp_path / "a.lp"
    path.write_text("Minimize\n obj: 3 x + y - 2 x\nSubject To\n c: x - 3 x + y >= 5\nEnd\n")
    assert lint(path) == []
    assert {reading(solver, path, "xy", 5.0) for solver in SOLVERS} == {Reading.READ}


@pytest.mark.parametrize("token", ["x", "1", "(", "-", "+1"])
def test_a_line_without_blanks_takes_no_longer_than_others(token: str) -> None:
    """A search for labels at every letter would take the square of its length."""
    line = token * (100_000 // len(token))
    started = process_time()
    lint_lp([f"{START} e: {line} >= 1\nBounds\n {line} <= 1\nEnd\n".encode()], Notes())
    assert process_time() - started < 2
