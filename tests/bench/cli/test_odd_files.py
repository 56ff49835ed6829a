"""Files that fuzzing found to be a traceback or without end: one line each."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from bench.errors import TrackingError
from bench.instances.files import find
from bench.instances.lint.file import lint
from bench.journal.table import read_parquet

Bench = Callable[..., Any]


def test_a_dotenv_that_is_no_text_is_one_line(bench: Bench, tmp_path: Path) -> None:
    """Help is shown all the same."""
    (tmp_path / ".env").write_bytes("BENCH_JOBS=1\n".encode("utf-16"))
    done = bench("status", code=2)
    assert "/.env: cannot be read: not a text in UTF-8; correct or remove the file" in done.err
    bench("--help")


def test_a_list_that_names_itself_by_a_pattern_is_told(tmp_path: Path) -> None:
    """As one that does so by its name."""
    path = tmp_path / "a.test"
    path.write_text("*\n")
    (found,) = find([str(path)])
    assert "names itself" in str(found.defect)


@pytest.mark.timeout(20)
def test_a_line_of_blanks_takes_no_time(tmp_path: Path) -> None:
    """Its patterns would try all ways to divide them."""
    path = tmp_path / "a.lp"
    path.write_text(f"Minimize\n x\nst\n x + y <={' ' * 100_000}4 5\nEnd\n")
    lint(path)


def test_a_table_with_damaged_metadata_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What pandas has written besides the columns is JSON."""

    def damaged(_path: Path) -> None:
        json.loads("{")

    monkeypatch.setattr(pd, "read_parquet", damaged)
    with pytest.raises(TrackingError, match="cannot read"):
        read_parquet(tmp_path / "t.parquet")


@pytest.mark.parametrize("quiet", [[], ["--quiet"]])
def test_why_no_instance_can_be_executed_is_said_with_quiet_too(
    bench: Bench, tmp_path: Path, quiet: list[str]
) -> None:
    """It is a part of the error."""
    refused = bench("run", tmp_path / "none.mps", *quiet, "--no-mlflow", code=1).err
    assert refused.splitlines() == [
        f"Warning: {tmp_path}/none.mps: no such file",
        "Error: none of the instances can be executed",
    ]


def test_a_file_whose_name_begins_with_a_dash_follows_two_dashes(
    bench: Bench, knapsack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without them it is taken for options, and the message says what to write."""
    monkeypatch.chdir(knapsack.parent)
    name = f"-x{knapsack.suffix}"
    knapsack.rename(name)
    assert "-x " in bench("run", "--no-mlflow", "--", name).out
    refused = bench("run", "--no-mlflow", name, code=2)
    assert "write ./ before the name of a file that begins with a dash" in refused.err
