"""``bench instances``, executed as a user does."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.usefixtures("without_mlflow")

Bench = Callable[..., Any]


@pytest.mark.slow
def test_the_bundled_instances_are_listed_with_what_is_known(bench: Bench, root: Path) -> None:
    """Name, digest and value of each; the sizes are read from the files."""
    rows = bench("instances", "list", root / "instances", "--json").json
    by_name = {row["instance"]: row for row in rows}
    assert by_name["gap-5x20"]["value"] == 1282
    assert all(row["sha256"] for row in rows)
    assert by_name["gap-5x20"]["n_conss"] == 25
    assert by_name["gap-5x20"]["n_vars"] == 100
    assert all(row["expected_s"] is None for row in rows)


def test_a_list_says_how_long_an_instance_takes(bench: Bench, knapsack: Path) -> None:
    """Once there is a result; a bad file is named."""
    (row,) = bench("instances", "list", knapsack, "--json").json
    assert (row["n_conss"], row["n_vars"], row["expected_s"]) == (1, 3, None)
    bench("run", knapsack)
    knapsack.with_name("bad.mps").write_text("no problem\n")
    done = bench("instances", "list", knapsack, "bad.mps")
    lines = [line.split() for line in done.out.splitlines()]
    assert lines[0][:6] == ["instance", "family", "rows", "columns", "expected", "(s)"]
    assert lines[2][:4] == ["knapsack", "knapsack", "1", "3"]
    assert float(lines[2][4]) > 0
    assert lines[3][2:5] == ["-", "-", "-"]
    assert bench("plan", knapsack, "--alpha", "0,0.1").out.splitlines()[0].split() == [
        *("setting", "tasks", "finished", "to", "do", "expected")
    ]


def test_statistics_are_those_before_presolve(bench: Bench, knapsack: Path) -> None:
    """A bad file among good ones is named, and the exit code is 1."""
    knapsack.with_name("bad.mps").write_text("no problem\n")
    done = bench("instances", "stats", knapsack, "bad.mps", "--json", code=1)
    assert done.err.endswith("Error: 1 of 2 instances could not be read\n")
    good, bad = done.json
    assert (good["n_vars"], good["n_bins"], good["n_conss"]) == (3, 3, 1)
    assert good["classes"]["knapsack"] == 1
    assert "Syntax error" in bad["error"]


def test_false_columns_are_not_counted(bench: Bench, tmp_path: Path) -> None:
    """SCIP takes the words of a section for columns; the other files are counted."""
    rows = "Maximize\n obj: x + y\nSubject To\n c: x + y <= 9\nBounds\n x <= 8\n"
    (tmp_path / "good.lp").write_text(f"{rows}End\n")
    (tmp_path / "pwl.lp").write_text(f"{rows}PWLObj\n x: (0,0) (1,5)\nEnd\n")
    done = bench("instances", "stats", "good.lp", "pwl.lp", "--json", code=None)
    good, bad = done.json
    assert good["n_vars"] == 2
    assert "n_vars" not in bad
    assert "pwl.lp:7: section PWLObj; SCIP takes the words" in bad["error"]
    assert "section PWLObj" in done.err
    linted = bench("instances", "lint", "pwl.lp", code=1)
    assert "pwl.lp:7: error for scip: section PWLObj" in linted.out


def test_an_instance_is_generated_by_family_size_and_seed(bench: Bench, tmp_path: Path) -> None:
    """The same words give the same bytes, and the file can be solved."""
    words = ("instances", "generate", "set_cover", "--seed", "7")
    bench(*words, "-o", "a.mps.gz")
    bench(*words, "-o", "b.mps.gz")
    assert (tmp_path / "a.mps.gz").read_bytes() == (tmp_path / "b.mps.gz").read_bytes()
    assert bench("run", "a.mps.gz", "--node-limit", "1", "--json").json["results"][0]["n_vars"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["generate", "set_covr"], "did you mean 'set_cover'?"),
        (["generate", "set_cover", "--size", "rows"], "expected NAME=N"),
        (["generate", "set_cover", "-o", "x.txt"], "expected a name that ends in"),
    ],
)
def test_a_wrong_family_size_or_file_is_one_line(
    bench: Bench, arguments: list[str], words: str
) -> None:
    """With the fix in it."""
    assert words in bench("instances", *arguments, code=2).err


def test_lint_finds_what_solvers_read_wrong(bench: Bench, knapsack: Path) -> None:
    """Errors make the exit code 1; a clean file gives 0."""
    assert "0 errors" in bench("instances", "lint", knapsack).out
    knapsack.write_text(knapsack.read_text().replace("room 4", "room 9/10"))
    done = bench("instances", "lint", knapsack, code=1)
    assert "9/10" in done.out
    rows = json.loads(bench("instances", "lint", knapsack, "--json", code=1).out)
    assert rows


def test_the_bundled_instances_are_written_into_a_new_folder(bench: Bench, tmp_path: Path) -> None:
    """A file in its place is one line."""
    bench("instances", "generate", "--bundle", tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b" / "arbitrage-4.mps.gz").is_file()
    (tmp_path / "file").touch()
    refused = bench("instances", "generate", "--bundle", tmp_path / "file" / "c", code=2)
    assert "file/c: cannot be written: Not a directory" in refused.err
