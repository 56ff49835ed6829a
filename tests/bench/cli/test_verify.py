"""``bench verify``."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from bench.cli import main

Verify = Callable[..., tuple[int, str, str]]


@pytest.fixture
def verify(capfd: pytest.CaptureFixture[str]) -> Verify:
    """Return a function that executes ``bench verify``: exit code, stdout, stderr."""

    def execute(*arguments: str | Path) -> tuple[int, str, str]:
        code = main.command.main(["verify", *map(str, arguments)])
        out, err = capfd.readouterr()
        return code, out, err

    return execute


@pytest.fixture
def solution(tmp_path: Path) -> Path:
    """Return the optimum of the knapsack as a file."""
    path = tmp_path / "knapsack.sol"
    path.write_text("objective value: -8\na 1 (obj:-5)\nc 1 (obj:-3)\n")
    return path


def test_a_right_solution_ends_with_zero_and_one_sentence(
    verify: Verify, knapsack: Path, solution: Path
) -> None:
    """The table, the level, the value, and who read; notes are on stderr."""
    code, out, err = verify(knapsack, solution)
    assert code == 0
    assert [line.split()[0] for line in out.splitlines()[2:6]] == [
        "bound",
        "integrality",
        "row",
        "objective",
    ]
    assert "The solution is feasible to 1e-9" in out
    assert "objective value is -8 (exact arithmetic, instance read by highs)" in " ".join(
        out.split()
    )
    assert err == "Note: 1 of 3 variables are not in the solution and count as 0\n"


def test_a_check_that_may_not_be_independent_says_so(
    verify: Verify, knapsack: Path, solution: Path
) -> None:
    """SCIP's format read by SCIP, or a format that anybody writes."""
    said = "which may be the same program as the solver"
    assert said not in " ".join(verify(knapsack, solution)[1].split())
    assert said in " ".join(verify(knapsack, solution, "--reader", "scip")[1].split())
    solution.write_text("a 1\nc 1\n")
    assert said in " ".join(verify(knapsack, solution)[1].split())


def test_a_violated_row_ends_with_three_and_its_name(
    verify: Verify, knapsack: Path, solution: Path
) -> None:
    """All three items need 9 of 6."""
    solution.write_text("a 1\nb 1\nc 1\n")
    code, out, _ = verify(knapsack, solution)
    assert code == 3
    assert any(line.split() == ["row", "3", "0.33", "room"] for line in out.splitlines())
    assert "fails the check, even at the tolerance 1e-4" in out


def test_a_wrong_claim_ends_with_three(verify: Verify, knapsack: Path, solution: Path) -> None:
    """The value that is claimed on the command line counts."""
    assert verify(knapsack, solution, "--objective", "-8.5")[0] == 3
    assert verify(knapsack, solution, "--objective", "-8")[0] == 0


def test_the_tolerance_decides_the_exit_code(
    verify: Verify, knapsack: Path, solution: Path
) -> None:
    """A claim off by 1e-6 of its size holds to 1e-4 and not to 1e-9."""
    claim = ("--objective", "-8.000007")
    assert verify(knapsack, solution, *claim, "--tolerance", "1e-4")[0] == 0
    code, out, _ = verify(knapsack, solution, *claim, "--tolerance", "1e-9")
    assert code == 3
    assert "is feasible to 1e-6 (a solver's usual tolerance), not to 1e-9" in out


def test_json_has_everything_and_nothing_else_is_printed(
    verify: Verify, knapsack: Path, solution: Path
) -> None:
    """One object on stdout, whatever the reader prints."""
    for reader in ("highs", "scip"):
        code, out, err = verify(knapsack, solution, "--json", "--reader", reader)
        found = json.loads(out)
        assert (code, err) == (0, "")
        assert (found["level"], found["reader"], found["exact"]) == ("1e-9", reader, True)
        assert found["independent"] is (reader == "highs")
        assert [one["quantity"] for one in found["violations"]] == [
            "bound",
            "integrality",
            "row",
            "objective",
        ]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("a nan\n", "knapsack.sol:1: the value of a is not a number: nan"),
        ("u 1\nv 1\na 1\n", "this seems to be the solution of another instance: 2 of its 3"),
        ("a 1\nroom_for_d 1\n", "names a variable that the instance does not have: 'room_for_d'"),
        ("no solution available\n", "the file holds no solution"),
        ("a 1\na 1\n", "knapsack.sol:2: a second value for a"),
    ],
)
def test_a_bad_solution_file_is_one_line_and_exit_code_two(
    verify: Verify, knapsack: Path, solution: Path, text: str, complaint: str
) -> None:
    """What is wrong, where; never a traceback."""
    solution.write_text(text)
    code, out, err = verify(knapsack, solution)
    assert (code, out) == (2, "")
    assert complaint in err
    assert err.count("\n") == 1


def test_files_that_are_not_there_end_with_two(
    verify: Verify, knapsack: Path, solution: Path, tmp_path: Path
) -> None:
    """The instance, the solution, and both the wrong way round."""
    for arguments in (
        (tmp_path / "nowhere.mps", solution),
        (knapsack, tmp_path / "nowhere.sol"),
        (solution, knapsack),
    ):
        code, out, err = verify(*arguments)
        assert (code, out) == (2, "")
        assert err.count("\n") == 1


def test_a_claim_that_is_no_number_ends_with_two(
    verify: Verify, knapsack: Path, solution: Path
) -> None:
    """``nan`` is a number only for a parser."""
    code, _, err = verify(knapsack, solution, "--objective", "nan")
    assert code == 2
    assert "nan is not a finite number" in err


def test_an_instance_that_nobody_can_read_ends_with_one(
    verify: Verify, tmp_path: Path, solution: Path
) -> None:
    """With the reasons of both readers."""
    broken = tmp_path / "broken.mps"
    broken.write_text("NAME broken\nROWS\n Q what\n")
    code, out, err = verify(broken, solution)
    assert (code, out) == (1, "")
    assert "HiGHS refuses broken.mps" in err
    assert "SCIP refuses broken.mps" in err


def test_who_reads_nothing_is_no_reader(verify: Verify, knapsack: Path, solution: Path) -> None:
    """The message says who does."""
    code, _, err = verify(knapsack, solution, "--reader", "fake")
    assert (
        code,
        "--reader fake: this solver cannot read instances; known: highs, scip" in err,
    ) == (2, True)


def test_a_reader_that_misreads_the_instance_is_not_asked(verify: Verify, tmp_path: Path) -> None:
    """HiGHS ignores the constant in the row; no other reads the file."""
    instance, solution = tmp_path / "a.lp", tmp_path / "a.sol"
    instance.write_text("Minimize\n obj: x\nSubject To\n c: x - 1 >= 2\nEnd\n")
    solution.write_text("x 2\n")
    assert "Error: SCIP refuses a.lp" in verify(instance, solution)[2]
    code, _, err = verify(instance, solution, "--reader", "highs")
    assert code == 2
    assert f"{instance}:4: a constant among a row's terms; HiGHS ignores it" in err
