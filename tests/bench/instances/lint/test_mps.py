"""Lint of MPS text: one odd thing at a time in a small correct file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bench.errors import InstanceError
from bench.instances.lint.file import lint
from bench.instances.lint.findings import Notes
from bench.instances.lint.lp_sections import Reading
from bench.instances.lint.mps import lint_mps
from bench.model.instances.finding import LintFinding, Severity, has_errors
from bench.solvers import registry
from tests.bench.instances.lint.executed import reading

Lint = Callable[..., list[LintFinding]]

INTEGERS = (" x c 1 R1 1\n", " M 'MARKER' 'INTORG'\n x c 1 R1 1\n")


def test_a_correct_file_gives_no_finding(lint_mps_text: Lint) -> None:
    """Silence is the normal case."""
    assert lint_mps_text() == []


@pytest.mark.parametrize(
    ("old", "new", "line", "what"),
    [
        # sections
        ("ENDATA\n", "", None, "no ENDATA"),
        ("RHS\n", "FOO\n", 10, "'FOO' in the first column starts no known section"),
        ("BOUNDS\n", "RHS\n RHS R1 3\nBOUNDS\n", 14, "a second section RHS"),
        ("COLUMNS\n", "LAZYCONS\n L R3\nCOLUMNS\n", 6, "section LAZYCONS; HiGHS"),
        ("ROWS\n", "OBJSENS\n MAX\nROWS\n", 2, "HiGHS ignores it and minimizes"),
        ("ROWS\n", "OBJSENSE MAXIMIZE\nROWS\n", 2, "OBJSENSE 'MAXIMIZE'; HiGHS ignores"),
        ("ROWS\n", "OBJSENSE\n UP\nROWS\n", 3, "objective sense 'UP'; expected MAX or MIN"),
        ("ROWS\n N c\n", "OBJNAME\n d\nROWS\n N c\n N d\n", 5, "HiGHS ignores OBJNAME"),
        ("NAME t\n", " some text\nNAME t\n", 1, "'some text' before any section"),
        # rows
        (" L R2\n", " L R2\n G R1\n", 6, "a second row 'R1'"),
        (" L R2\n", " l R2\n", 5, "row type 'l'; expected N, E, L or G"),
        (" L R2\n", " L R2\n E\n", 6, "row type 'E' without a name; SCIP crashes"),
        (" L R2\n", " L  MY ROW\n", 5, "row name 'MY ROW' with blanks"),
        # columns
        (" y c 1 R1 1\n", " y c 1 R9 1\n", 9, "row 'R9' is not defined in ROWS"),
        (" y c 1 R1 1\n", " y c 1 R1 1\n x R1 1\n", 10, "column 'x' again, not in one piece"),
        (" x R2 1\n", " x R2 1 R2 2\n", 8, "second entry in row 'R2'; SCIP adds them up"),
        (" x R2 1\n", " x R2 1 c 2\n", 8, "second entry in row 'c'; SCIP takes the last"),
        (" x R2 1\n", " x R2\n", 8, "2 fields"),
        (" x R2 1\n", " x R2 1 R1\n", 8, "4 fields"),
        (" x c 1 R1 1\n", " x c 1 R1 X 1\n", 7, "6 fields"),
        (" y c 1 R1 1\n", " NAME c 1 R1 1\n", 9, "name 'NAME'; HiGHS takes it for a section"),
        (" x R2 1\n", " MARKER MK1 'MARKER' 'INTORG'\n x R2 1\n", 8, "an extra word"),
        (" x R2 1\n", " x R2 1e20\n", 8, "coefficient '1e20'"),
        (" x c 1 R1 1\n", " x c -1e25 R1 1\n", 7, "coefficient '-1e25'"),
        # sides
        (" RHS R1 2 R2 3\n", " RHS R1 2 R1 3\n", 11, "a second value for row 'R1'"),
        (" RHS R1 2 R2 3\n", " RHS c 2 c 2\n", 11, "a second value for row 'c'; SCIP adds"),
        (" RHS R1 2 R2 3\n", " R1 R1 2 R2 3\n", 11, "RHS vector 'R1' is named like a row"),
        (" RHS R1 2 R2 3\n", " RHS\n", 11, "1 fields"),
        (" RNG R2 1\n", " RNG R2 1 R2 1\n", 13, "a second value for row 'R2'; SCIP adds"),
        # bounds
        (" UP BND x 4\n", " UP BND z 4\n", 15, "column 'z' is not defined in COLUMNS"),
        (" UP BND x 4\n", " UP BND x\n", 15, "no value for column 'x'; SCIP takes 0"),
        (" UP BND x 4\n", " UP x -4\n", 15, "SCIP reads a new column '-4'"),
        (" UP BND x 4\n", " UP x 1e3\n", 15, "SCIP reads a new column '1e3'"),
        (" UP BND x 4\n", " UP y x 4\n", 15, "BOUNDS vector 'y' is named like a column"),
        (" UP BND x 4\n", " XX BND x 4\n", 15, "bound type 'XX'"),
        (" UP BND x 4\n", " UP BND\n", 15, "2 fields"),
        (" UP BND x 4\n", " UP BND x 4\n UP BND x 5\n", 16, "'x' is bounded again"),
        (" UP BND x 4\n", " FR BND x\n UP BND x 5\n", 16, "'x' is bounded again"),
        (" RHS R1 2 R2 3\n", " RHS R1 2\n OTHER R2 3\n", 12, "a second RHS vector 'OTHER'"),
        (" RHS R1 2 R2 3\n", " RHS R1 2\n R2 3\n", 12, "a second RHS vector ''"),
        (" UP BND x 4\n", " UP BND x 4\n UP B2 y 4\n", 16, "a second BOUNDS vector 'B2'"),
        # quadratic terms
        ("ENDATA\n", "QUADOBJ\n x z 1\nENDATA\n", 17, "column 'z' is not defined in COLUMNS"),
        ("ENDATA\n", "QUADOBJ\n x x\nENDATA\n", 17, "2 fields"),
    ],
)
def test_what_readers_read_wrongly_is_an_error(
    lint_mps_text: Lint, old: str, new: str, line: int | None, what: str
) -> None:
    """Readers refuse it, or silently make two problems of it."""
    errors = [one for one in lint_mps_text(old, new) if one.severity is Severity.ERROR]
    assert [(one.line, what in one.message) for one in errors[:1]] == [(line, True)], errors


@pytest.mark.parametrize(
    ("old", "new", "line", "what"),
    [
        ("NAME t\n", "", None, "no section NAME"),
        ("RHS\n RHS R1 2 R2 3\nRANGES\n RNG R2 1\n", "", None, "no section RHS"),
        ("BOUNDS\n", "Bounds\n", 14, "section 'Bounds'; SCIP refuses"),
        ("ROWS\n", "OBJSENSE max\nROWS\n", 2, "objective sense 'max'; SCIP refuses"),
        ("ENDATA\n", "OBJSENSE\n MAX\nENDATA\n", 16, "OBJSENSE after BOUNDS; SCIP refuses"),
        ("ENDATA\n", "QSECTION c\n x x 1\nENDATA\n", 16, "section QSECTION; SCIP refuses"),
        ("ENDATA\n", "ENDATA\nmore\nand more\n", 17, "text after ENDATA"),
        (" N c\n", " G c\n", None, "no row of type N"),
        (" G R1\n", " G R1 *a comment\n", 4, "text '*a comment' after a row's name"),
        (" x R2 1\n", " x R2 1 *comment\n", 8, "text '*comment' after entries"),
        (" x c 1 R1 1\n", " x c 1 R1 1 text\n", 7, "text 'text' after entries"),
        (" x R2 1\n", " M 'MARKER' 'SOSORG'\n x R2 1\n", 8, "marker ''SOSORG''; SCIP ignores"),
        (" x R2 1\n", " M 'MARKER' 'INTEND'\n x R2 1\n", 8, "twice in a row"),
        (" RHS R1 2 R2 3\n", " RHS R1 2 R9 3\n", 11, "row 'R9' is not defined in ROWS"),
        (" RHS R1 2 R2 3\n", " RHS c 7.5\n", 11, "objective constant minus '7.5'"),
        (" RHS R1 2 R2 3\n", " RHS R1 1e30\n", 11, "infinite value '1e30' for row 'R1'"),
        (" RNG R2 1\n", " RNG R9 1\n", 13, "row 'R9' is not defined in ROWS"),
        (" RNG R2 1\n", " RNG c 1\n", 13, "a range for the free row 'c'"),
        (" UP BND x 4\n", " UP BND x -4\n", 15, "negative upper and no lower bound"),
        (" UP BND x 4\n", " LO BND x 5\n UP BND x 4\n", 16, "lower bound 5 above upper bound 4"),
        (" UP BND x 4\n", " LO BND x 5\n SC BND x 4\n", 16, "upper bound 4; it can only be 0"),
        (" UP BND x 4\n", " LO BND x 5\n SI BND x 4\n", 16, "upper bound 4; it can only be 0"),
        ("NAME t\n", "*SENSE:Maximize\nNAME t\n", 1, "the sense is in a comment alone"),
        ("ROWS\n", "* Objective sense: MAX\nROWS\n", 2, "the sense is in a comment alone"),
        (" UP BND x 4\n", " UP BND x inf\n", 15, "a word for infinity"),
        (" UP BND x 4\n", " SC BND x 4\n", 15, "columns without a lower bound: 1"),
        (" UP BND x 4\n", " UP BND x 4 text\n", 15, "text after a bound"),
    ],
)
def test_what_a_reader_refuses_or_ignores_is_a_warning(
    lint_mps_text: Lint, old: str, new: str, line: int | None, what: str
) -> None:
    """It is one finding, and no error."""
    found = lint_mps_text(old, new)
    assert [(one.severity, one.line) for one in found] == [(Severity.WARNING, line)], found
    assert what in found[0].message


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (" N c\n", " N c\n N second\n"),
        ("NAME t\n", "*SENSE:Minimize\nNAME t\n"),
        ("NAME t\n", "*<meta origsense='MAX'>\nNAME t\n"),
        ("NAME t\n", "* maximum sense of purpose\nNAME t\n"),
        ("NAME t\n", "*SENSE:Maximize\nNAME t\nOBJSENSE\n MAX\n"),
        (" RNG R2 1\n", " R2 1\n"),
        ("ROWS\n", "OBJSENSE\n MAX\nROWS\n"),
        ("ROWS\n", "OBJSENSE MAX\nROWS\n"),
        ("ROWS\n N c\n", "OBJNAME\n c\nROWS\n N c\n"),
        (" G R1\n", "* a comment\n\n \t\n G R1 $ a comment\n"),
        (" x R2 1\n", "\tx\tR2\t1 $ a comment\n"),
        (" RHS R1 2 R2 3\n", " R1 2 R2 3\n"),
        (" RHS R1 2 R2 3\n", " RHS R1 2 R1 2\n"),
        (" RHS R1 2 R2 3\n", " RHS c 0\n"),
        (" UP BND x 4\n", " UP x 4\n FR y\n"),
        (" UP BND x 4\n", " UP BND x 1e30\n"),
        (" UP BND x 4\n", " LO BND x -5\n UP BND x -4\n"),
        (" UP BND x 4\n", " MI BND x\n UP BND x -4\n"),
        (" UP BND x 4\n", " BV BND x 1\n UP BND x 1\n"),
        (" UP BND x 4\n", " LO BND x 1\n SC BND x 4\n"),
        ("ENDATA\n", "QUADOBJ\n x x 1\n x y 2\nENDATA\n"),
        ("ENDATA\n", "SOS\n S1 set\n x 1\n y 2\nENDATA\n"),
        ("ENDATA\n", "ENDATA"),
    ],
)
def test_what_all_readers_read_alike_is_no_finding(lint_mps_text: Lint, old: str, new: str) -> None:
    """Comments, second free rows, missing vector names and the like are normal."""
    assert lint_mps_text(old, new) == []


@pytest.mark.parametrize(
    ("number", "why"),
    [
        ("1,5", "solvers silently read 1"),
        ("1x", "solvers silently read 1"),
        ("9/10", "solvers silently read 9"),
        ("1.0D3", "SCIP reads 1.0, HiGHS 1.0e3"),
        ("nan", "SCIP reads nan"),
        ("0x10", "solvers silently read it as hexadecimal, 16"),
        ("1_000", "solvers silently read 1"),
        ("+-2", "solvers silently read 0"),
        ("abc", "solvers silently read 0"),
        ("1e", "solvers silently read 1"),
        (".", "solvers silently read 0"),
    ],
)
@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        (" x R2 1\n", " x R2 {}\n", 8),
        (" RHS R1 2 R2 3\n", " RHS R1 {}\n", 11),
        (" RNG R2 1\n", " RNG R2 {}\n", 13),
        (" UP BND x 4\n", " UP BND x {}\n", 15),
    ],
)
def test_what_is_not_a_number_is_an_error_wherever_it_stands(
    lint_mps_text: Lint, old: str, new: str, line: int, number: str, why: str
) -> None:
    """The message has the text and what the solvers silently make of it."""
    (found,) = lint_mps_text(old, new.format(number))
    assert (found.severity, found.line) == (Severity.ERROR, line)
    assert found.message.startswith(f"'{number}' is not a number; {why}")


@pytest.mark.parametrize("number", ["1", "-1.", "+.5", "1e-9", "1.5E+3", "000", "-0"])
def test_numbers_in_any_usual_form_are_none_of_its_business(
    lint_mps_text: Lint, number: str
) -> None:
    """A missing digit before or after the point is fine."""
    assert lint_mps_text(" x R2 1\n", f" x R2 {number}\n") == []


def test_ranges_before_the_sides_are_an_error(lint_mps_text: Lint) -> None:
    """A range counts from the side; HiGHS takes 0 where the side comes later."""
    old, new = "RHS\n RHS R1 2 R2 3\nRANGES\n RNG R2 1\n", "RANGES\n RNG R2 1\nRHS\n RHS R1 2\n"
    (found,) = lint_mps_text(old, new)
    assert (found.severity, found.line) == (Severity.ERROR, 12)


def test_integer_columns_without_bounds_are_counted_once(lint_mps_text: Lint) -> None:
    """SCIP and HiGHS take them for binary, which the author may not have meant."""
    (found,) = lint_mps_text(*INTEGERS)
    assert found.line is None
    assert "integer columns without bounds: 1;" in found.message


@pytest.mark.parametrize(
    "text",
    [
        "NAME\nROWS\n N c\nCOLUMNS\nRHS\nENDATA\n",
        "NAME\nROWS\n N c\n G R1\nCOLUMNS\nRHS\n RHS R1 1\nENDATA\n",
    ],
)
def test_a_model_without_columns_is_an_error(lint_mps_text: Lint, text: str) -> None:
    """Solvers call it solved."""
    (found,) = lint_mps_text(text=text)
    assert found.severity is Severity.ERROR
    assert found.message.startswith("empty model: no column")


def test_text_without_any_section_is_no_mps_file(lint_mps_text: Lint) -> None:
    """One finding says so, whatever else there is."""
    found = lint_mps_text(text="*comment\nblah blah\n")
    assert "no section at all; this is not an MPS file" in found[-1].message


def test_data_in_the_first_column_is_still_linted(lint_mps_text: Lint) -> None:
    """SCIP takes such a line for a section; the rest of the section is looked at all the same."""
    found = lint_mps_text(" x R2 1\n y c 1 R1 1\n", "x R2 1x\n y c 1 R9 1\n")
    assert [one.line for one in found] == [8, 8, 9]


def test_names_with_blanks_are_one_finding_not_one_a_line(lint_mps_text: Lint) -> None:
    """The lines that cannot be split into fields are not looked at."""
    text = "NAME\nROWS\n N  COST\n G  MY ROW\nCOLUMNS\n    X 1  MY ROW  1\nRHS\nENDATA\n"
    (found,) = lint_mps_text(text=text)
    assert found.line == 4


def test_of_one_kind_five_are_listed_and_the_rest_counted(lint_mps_text: Lint) -> None:
    """A file with a thousand wrong numbers gives six lines."""
    wrong = "".join(f" x{at} R2 1/{at}\n" for at in range(1, 1001))
    found = lint_mps_text(" x R2 1\n", " x R2 1\n" + wrong)
    assert [one.line for one in found] == [9, 10, 11, 12, 13, 14]
    assert found[-1].message == "995 more: not a number"


def test_names_of_any_bytes_are_quoted_in_one_short_line(lint_mps_text: Lint) -> None:
    """Control characters and endless names do not reach the terminal."""
    (found,) = lint_mps_text(" RNG R2 1\n", f" RNG \x1b[1m{'r' * 500} 1\n")[1:]
    assert "\x1b" not in found.message
    assert len(found.message) < 150


def test_names_that_scip_cuts_are_a_warning(lint_mps_text: Lint) -> None:
    """SCIP keeps 255 characters of a column's name."""
    long = "y" * 300
    (found,) = lint_mps_text(" y c 1 R1 1\n", f" {long} c 1 R1 1\n")
    assert (found.severity, found.line) == (Severity.WARNING, 9)


def test_lines_that_scip_cuts_are_a_warning_also_in_comments(lint_mps_text: Lint) -> None:
    """SCIP reads the rest of a long comment as a line of its own."""
    (found,) = lint_mps_text("NAME t\n", f"*{'-' * 2000}\nNAME t\n")
    assert found.message.startswith("a line of 2001 characters")


def test_windows_line_ends_are_fine(base: str, lint_mps_text: Lint) -> None:
    """CR LF ends a line as LF does."""
    assert lint_mps_text(text=base.replace("\n", "\r\n")) == []


@pytest.mark.parametrize("size", [1, 7, 64])
def test_the_pieces_in_which_a_file_comes_do_not_matter(base: str, size: int) -> None:
    """Lines are put together across pieces."""
    data = base.replace(" R2 3", " R2 3/4").encode()
    whole, pieces = Notes(), Notes()
    lint_mps([data], whole)
    lint_mps([data[at : at + size] for at in range(0, len(data), size)], pieces)
    assert pieces.findings() == whole.findings() != []


def test_errors_and_only_errors_keep_a_file_from_solvers(lint_mps_text: Lint) -> None:
    """Warnings are kept with the results instead."""
    assert not has_errors(
        lint_mps_text(
            "RHS\n", "RHS\n", text="NAME\nROWS\n N c\nCOLUMNS\n x c 1\nRHS\n RHS c 1\nENDATA\n"
        )
    )
    assert has_errors(lint_mps_text(" x R2 1\n", " x R2 1x\n"))


def test_a_byte_order_mark_is_a_warning(base: str, lint_mps_text: Lint) -> None:
    """SCIP refuses the file, HiGHS reads it."""
    (found,) = lint_mps_text(text="\ufeff" + base)
    assert (found.severity, found.line) == (Severity.WARNING, 1)


@pytest.mark.parametrize(
    ("old", "new", "by"),
    [
        ("ROWS\n", "OBJSENS\n MAX\nROWS\n", "highs"),
        ("ROWS\n", "OBJSENSE MAXIMIZE\nROWS\n", "highs"),
        ("ROWS\n N c\n", "OBJNAME\n d\nROWS\n N c\n N d\n", "highs"),
        ("COLUMNS\n", "LAZYCONS\n L R3\nCOLUMNS\n", "highs"),
        (" y c 1 R1 1\n", " y c 1 R1 1\n NAME c 1 R1 1\n", "highs"),
        (" RHS R1 2 R2 3\n", " R1 R1 2 R2 3\n", "highs"),
        (" UP BND x 4\n", " UP y x 4\n", "highs"),
        (" UP BND x 4\n", " LO x -4\n", "scip"),
        (" UP BND x 4\n", " UP x 4e0\n", "scip"),
        (" UP BND x 4\n", " SC BND x -4\n", "scip"),
        (" UP BND x 4\n", " LO BND x -4\n SC BND x -1\n", "scip"),
    ],
)
def test_what_one_solver_misreads_is_an_error_for_that_one(
    base: str, tmp_path: Path, old: str, new: str, by: str
) -> None:
    """The other reads the file as it is meant, or refuses it: here their problems differ."""
    path = tmp_path / "a.mps"
    path.write_text(base.replace(old, new, 1))
    errors = {one.misread_by for one in lint(path) if one.severity is Severity.ERROR}
    assert errors == {by}
    programs = {solver: program(solver, path) for solver in ("scip", "highs")}
    assert programs["scip"] != programs["highs"]


def program(solver: str, path: Path) -> object:
    """Return columns and rows as a solver reads them, or None where it refuses the file."""
    try:
        found = registry.load(solver).read(path)
    except InstanceError:
        return None
    return found.sense, found.columns, found.rows, found.beyond


INTEGERS_WITH_BOUNDS = """\
NAME
ROWS
 N c
 L cap
COLUMNS
 M 'MARKER' 'INTORG'
 x c -2 cap 1
 y c 3 cap -1
 M 'MARKER' 'INTEND'
RHS
 RHS cap 7
BOUNDS
 LO BND x 1
 LO BND y 3
ENDATA
"""
NEGATIVE_RANGES = """\
NAME
ROWS
 N c
 E up
 E down
 G g
 L l
COLUMNS
 p c -1 up 1
 q c 1 down 1
 r c -1 g 1
 s c 1 l 1
RHS
 RHS up 3 down 3
 RHS g 3 l 3
RANGES
 RNG up 2 down -2
 RNG g -2 l -2
ENDATA
"""
NO_SET_NAMES = """\
NAME
ROWS
 N c
 G need
COLUMNS
 p c 2 need 1
 q c 3 need 1
RHS
 need 6
BOUNDS
 UP p 4
ENDATA
"""


@pytest.mark.parametrize(
    ("text", "columns", "optimum", "highs"),
    [
        (INTEGERS_WITH_BOUNDS, "xy", -11.0, Reading.READ),
        (NEGATIVE_RANGES, "pqrs", -8.0, Reading.READ),
        (NO_SET_NAMES, "pq", 14.0, Reading.READ),
        (NO_SET_NAMES.replace("BOUNDS", "RANGES\n need 2\nBOUNDS"), "pq", 14.0, Reading.REFUSED),
    ],
)
def test_what_the_lint_is_silent_about_is_read_as_it_is_meant(
    tmp_path: Path, text: str, columns: str, optimum: float, highs: Reading
) -> None:
    """A lower bound alone makes no binary column, ranges go both ways, set names may be missing."""
    path = tmp_path / "a.mps"
    path.write_text(text)
    assert lint(path) == []
    assert reading("scip", path, columns, optimum) is Reading.READ
    assert reading("highs", path, columns, optimum) is highs


@pytest.mark.parametrize("kind", ["SC", "SI"])
def test_a_semi_continuous_column_with_crossing_bounds_is_0(tmp_path: Path, kind: str) -> None:
    """Both solvers say so, and the lint claims no infeasibility."""
    path = tmp_path / "a.mps"
    path.write_text(NO_SET_NAMES.replace(" UP p 4\n", f" LO B p 4\n {kind} B p 1\n"))
    (found,) = lint(path)
    assert (found.severity, found.rule) == (Severity.WARNING, "crossing bounds")
    assert "infeasible" not in found.message
    assert {reading(solver, path, "pq", 18.0) for solver in ("scip", "highs")} == {Reading.READ}
