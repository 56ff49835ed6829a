"""Solution files of several writers."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import highspy
import pytest

from bench.errors import UsageError
from bench.verification.solution_file import SolutionFile, read

Solve = Callable[[Path], Path]
Parse = Callable[[str], SolutionFile]


@pytest.fixture
def parse(tmp_path: Path) -> Parse:
    """Return a function that reads a text as a solution file."""

    def parse(text: str) -> SolutionFile:
        path = tmp_path / "a.sol"
        path.write_text(text)
        return read(path)

    return parse


def test_what_scip_writes_is_read(knapsack: Path, solved: Solve) -> None:
    """Names, values, the claim and who wrote it."""
    solution = read(solved(knapsack))
    assert solution.values == {"a": 1, "c": 1}
    assert (solution.objective, solution.writer) == (-8, "scip")


@pytest.mark.parametrize("style", [0, 4])
def test_what_highs_writes_is_read(knapsack: Path, tmp_path: Path, style: int) -> None:
    """Its plain and its sparse format."""
    highs: Any = highspy.Highs  # its stubs leave it untyped
    highs = highs()
    highs.setOptionValue("output_flag", False)
    highs.readModel(str(knapsack))
    highs.run()
    path = tmp_path / "highs.sol"
    highs.writeSolution(str(path), style)
    solution = read(path)
    assert {name: value for name, value in solution.values.items() if value} == {"a": 1, "c": 1}
    assert (solution.objective, solution.writer) == (-8, "highs")


def test_the_long_form_of_scip_is_read(parse: Parse) -> None:
    """With a status, blank lines, and objective coefficients."""
    solution = parse(
        "solution status: optimal solution found\nobjective value:   -8.5\n\n"
        "a   1 \t(obj:-5)\nb 0.5\t(obj:-7)\n"
    )
    assert solution.values == {"a": 1, "b": Fraction(1, 2)}
    assert solution.objective == -8.5


def test_the_form_of_miplib_is_read(parse: Parse) -> None:
    """With its header ``=obj=``."""
    solution = parse("=obj= 12.5\nx 3\n# a comment\n#1 4\n")
    assert solution.objective == 12.5
    assert solution.values == {"x": 3, "#1": 4}


def test_the_form_of_gurobi_is_read(parse: Parse) -> None:
    """With the claim in a comment."""
    solution = parse("# Solution for model k\n# Objective value = -8\na 1\n")
    assert (solution.objective, solution.writer) == (-8, "")
    assert solution.values == {"a": 1}


def test_the_form_of_cbc_is_read(parse: Parse) -> None:
    """Also of a point that CBC found on the way; ``**`` marks what it takes for infeasible."""
    lines = "      0 x                      2              1\n**    3 y      0.5      -3e-05\n"
    for status in ("Optimal", "Stopped on time"):
        solution = parse(f"{status} - objective value 4.00000000\n{lines}")
        assert solution.values == {"x": 2, "y": Fraction(1, 2)}
        assert solution.objective == 4


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("Infeasible - objective value 2.00000000\n", "1: the file holds no solution: Infeasible"),
        ("Integer infeasible - objective value 2\n", "1: the file holds no solution: Integer"),
        ("Stopped on time (no integer solution - continuous used) - objective value 2\n", "1: the"),
        ("Unbounded - objective value 2\n", "1: the file holds no solution: Unbounded"),
        ("Optimal - objective value 2\n 0 x\n", "2: expected INDEX NAME VALUE COST, found '0 x'"),
    ],
)
def test_a_file_of_cbc_without_solution_is_told(parse: Parse, text: str, complaint: str) -> None:
    """An infeasible point is none, whatever values it has."""
    with pytest.raises(UsageError, match=re.escape(f"a.sol:{complaint}")):
        parse(text + "      1 y                      5                       0\n")


def test_a_byte_order_mark_is_left_out(tmp_path: Path) -> None:
    """It is no part of the first name."""
    path = tmp_path / "a.sol"
    path.write_bytes(b"\xef\xbb\xbfx 1\ny 2\n")
    assert read(path).values == {"x": 1, "y": 2}


def test_a_format_that_anybody_writes_tells_no_writer(parse: Parse) -> None:
    """Only SCIP writes objective coefficients behind the values."""
    assert parse("objective value: 1\nx 1\n").writer == ""
    assert parse("objective value: 1\nx 1 \t(obj:1)\n").writer == "scip"


def test_a_packed_file_is_read(tmp_path: Path) -> None:
    """As MIPLIB has them."""
    path = tmp_path / "a.sol.gz"
    path.write_bytes(gzip.compress(b"=obj= 1\nx 1\n"))
    assert read(path).values == {"x": 1}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.1", Fraction(1, 10)),
        ("-1.5e-3", Fraction(-3, 2000)),
        ("+2.", Fraction(2)),
        (".5", Fraction(1, 2)),
        ("1E2", Fraction(100)),
        ("-0", Fraction(0)),
        ("0e-999999999", Fraction(0)),
        ("4.9e-324", Fraction("4.9e-324")),
        ("123456789012345678901", Fraction(10**20)),
    ],
)
def test_a_value_is_the_decimal_text(parse: Parse, text: str, value: Fraction) -> None:
    """Not the nearest double; from 1e20 on it is SCIP's infinity."""
    assert parse(f"x {text}\n").values == {"x": value}


@pytest.mark.parametrize("text", ["inf", "+infinity", "1e20", "1e999999999", "Infinity"])
def test_infinite_values_are_1e20_and_noted(parse: Parse, text: str) -> None:
    """As SCIP reads them."""
    solution = parse(f"x {text}\ny 1\n")
    assert solution.values == {"x": 10**20, "y": 1}
    assert solution.notes == ("infinite values, taken as 1e20: 1",)


def test_a_claim_of_infinity_is_none(parse: Parse) -> None:
    """There is nothing to compare with."""
    assert parse("objective value: 1e+20\nx 1\n").objective is None


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("x nan\n", r"a\.sol:1: the value of x is not a number: nan"),
        ("objective value: nan\n", r"a\.sol:1: the value of the objective is not a number"),
        ("x 1\ny unknown\n", r"a\.sol:2: the value of y is not a number: unknown"),
        ("x 1,5\n", r"a\.sol:1: the value of x is not a number: 1,5"),
        ("x 1_000\n", r"a\.sol:1: .*not a number"),
        ("x 9/10\n", r"a\.sol:1: .*not a number"),
        (f"x {'1' * 5000}\n", r"a\.sol:1: .*not a number"),
        ("x 1e-999999999\n", r"a\.sol:1: the value of x is smaller than any number"),
        ("x 1\nx 2\n", r"a\.sol:2: a second value for x"),
        ("x\n", r"a\.sol:1: expected NAME VALUE, found 'x'"),
        ("x 1 2\n", r"a\.sol:1: expected NAME VALUE, found 'x 1 2'"),
        ("NAME knapsack\nROWS\n", r"a\.sol:1: the value of NAME is not a number: knapsack"),
        ("no solution available\n", r"a\.sol:1: the file holds no solution: no solution ava"),
        ("=infeas=\n", r"a\.sol:1: the file holds no solution: =infeas="),
        ("", r"a\.sol: empty file"),
        ("\n \n", r"a\.sol: empty file"),
        ("# Primal solution values\nNone\n", r"a\.sol:2: the file holds no solution: None"),
        ("# Primal solution values\n# Columns 2\nx 1\n", r"a\.sol:3: 1 of 2 values: .*truncated"),
        ("# Primal solution values\nFeasible\n", r"a\.sol: the file is truncated"),
    ],
)
def test_what_is_no_solution_is_told_with_file_and_line(
    parse: Parse, text: str, complaint: str
) -> None:
    """One line, no traceback."""
    with pytest.raises(UsageError, match=complaint):
        parse(text)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"\x00\xff\xfe", "not a text file"),
        (gzip.compress(b"x 1\n" * 99, mtime=0)[:20], "damaged gzip"),
    ],
)
def test_what_is_no_text_is_told(tmp_path: Path, content: bytes, complaint: str) -> None:
    """Binary files and cut archives."""
    path = tmp_path / "a.sol"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=complaint):
        read(path)


def test_a_missing_file_or_a_folder_is_told(tmp_path: Path) -> None:
    """With the system's reason."""
    for path in (tmp_path / "nowhere.sol", tmp_path):
        with pytest.raises(UsageError, match="cannot be read"):
            read(path)
