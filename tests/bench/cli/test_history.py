"""``bench history``: what is printed and written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.commands import Run

FACTORS: dict[str, Callable[[int], float]] = {
    "9.0.1": lambda _: 1.0,
    "9.2.4": lambda k: 0.99 + 0.02 * (k % 2),
    "10.0.2": lambda _: 1.5,
}
HEADER = "instance,setting,solver,solver_version,verdict,solve_time_s\n"


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Return a table of three versions, of which the last one is slower."""
    path = tmp_path / "versions.csv"
    path.write_text(
        HEADER
        + "".join(
            f"i{k},scip@{version},scip@{version},{version},solved,{(k + 1) * factor(k)}\n"
            for k in range(15)
            for version, factor in FACTORS.items()
        )
    )
    return path


def test_a_page_a_table_and_json(bench: Run, table: Path, tmp_path: Path) -> None:
    """The same numbers; the page has a figure, and the command that made it."""
    done = bench("history", table, "-o", "history.html")
    rows = [line.split() for line in done.out.splitlines() if line.startswith(("9.", "10."))]
    assert [(row[0], row[-1] == "*") for row in rows] == [
        ("9.0.1", False),
        ("9.2.4", False),
        ("10.0.2", True),
    ]
    assert "scip 9.2.4 to 10.0.2: " in done.out
    assert "excludes 'no change'; slower by 25 % or more: 15" in " ".join(done.out.split())
    page = (tmp_path / "history.html").read_text()
    assert "<svg" in page
    assert "bench history" in page
    (line,) = bench("history", table, "--json").json["lines"]
    assert [point["version"] for point in line["points"]] == ["9.0.1", "9.2.4", "10.0.2"]
    assert [step["is_marked"] for step in line["steps"]] == [False, True]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--solver", "highs"], "no solver matches highs; there are: scip@10.0.2"),
        (["--solver", "scip@9.0.1"], "no solver has two versions"),
        (["-o", "history.pdf"], "expected a name that ends in .html"),
    ],
)
def test_bad_input_is_one_line(bench: Run, table: Path, options: list[str], words: str) -> None:
    """Before anything is written."""
    ended = bench("history", table, *options, code=2)
    assert words in ended.err
    assert ended.err.count("\n") == 1
