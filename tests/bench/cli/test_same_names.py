"""Files of equal names in two folders."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.usefixtures("without_mlflow")

Bench = Callable[..., Any]
ONE_SETTING = ("--setting", "n: presolving/maxrounds=0")


@pytest.fixture
def folders(tmp_path: Path) -> Path:
    """Return a folder with two, each with x.lp and a .solu file beside it."""
    for name, value in (("a", 2), ("b", 3)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "x.lp").write_text(f"min\n x\nst\n c: x >= {value}\nend\n")
        (tmp_path / name / "all.solu").write_text(f"=opt= x {value}\n")
    return tmp_path


@pytest.mark.slow
@pytest.mark.recorded
def test_each_is_judged_by_its_own_list_and_shown_with_its_folder(
    bench: Bench, folders: Path
) -> None:
    """In tables, MLflow, the report and what is exported, also where campaigns are put together."""
    done = bench(
        "sweep", "a", "b", "--name", "s", "--setting", "n: presolving/maxrounds=0", "--json"
    )
    found = {(one["instance"], one["verdict"]) for one in done.json["results"]}
    assert found == {("a/x", "solved"), ("b/x", "solved")}
    assert "b/x" in bench("show", "x", "--sweep", "s").out
    query = "select distinct value from params where key = 'instance' order by 1"
    assert bench("db", "query", query, "--csv").out.split() == ["value", "a/x", "b/x"]
    assert "a/x" in bench("instances", "list", "a", "b").out
    exported = "=opt= a/x 2.0\n=opt= b/x 3.0\n"
    for where in ("s", "--experiment-name=Default"):
        out = bench("export", where, "--format", "solu").out
        assert sorted(out.splitlines()) == exported.splitlines()
    (folders / "found.solu").write_text(exported)
    bench("check", "s", "--solu", "found.solu", "--fail-on", "wrong")
    (folders / "found.solu").write_text("=opt= x 2\n")
    for command in (["check", "s"], ["run", "a", "b"], ["check", "--experiment-name", "Default"]):
        done = bench(*command, "--solu", "found.solu", code=2)
        assert "found.solu:1: x may be a/x.lp or b/x.lp" in done.err


@pytest.mark.slow
@pytest.mark.usefixtures("folders")
def test_campaigns_of_one_folder_each_are_told_apart_when_compared(bench: Bench) -> None:
    """The best known values are never merged."""
    for name in ("a", "b"):
        bench("sweep", name, "--name", name, "--setting", f"{name}: presolving/maxrounds=0")
    out = bench("export", "a", "b", "--format", "solu").out
    assert out == "=opt= a/x 2.0\n=opt= b/x 3.0\n"
    for name in ("a", "b"):
        bench("export", name, "-o", f"{name}.csv")
    lines = bench("export", "a.csv", "b.csv", "--format", "solu").out.splitlines()
    assert [line.partition("~")[0] for line in lines] == ["=opt= x", "=opt= x"]
    assert bench("report", "a", "b", "--force", code=None).code in {0, 2}


def test_a_changed_file_keeps_the_references_of_its_earlier_content(
    bench: Bench, folders: Path
) -> None:
    """What is known of the file today says nothing of what it was."""
    sweep = ("sweep", "a", "--name", "s", *ONE_SETTING)
    bench(*sweep)
    (folders / "a" / "x.lp").write_text("min\n x\nst\n c: x >= 5\nend\n")
    (folders / "a" / "all.solu").write_text("=opt= x 5\n")
    bench(*sweep)
    assert "0 verdicts changed" in bench("check", "s", "--fail-on", "wrong").out


@pytest.mark.slow
def test_files_of_one_content_are_named(bench: Bench, folders: Path) -> None:
    """They are executed both, and count once where settings are compared."""
    (folders / "a" / "y.lp").write_bytes((folders / "a" / "x.lp").read_bytes())
    settings = ("--setting", "n: presolving/maxrounds=0", "--setting", "m: presolving/maxrounds=1")
    done = bench("sweep", "a", "--name", "s", *settings)
    words = "Note: a/x.lp and a/y.lp have the same content and count once in comparisons"
    assert words in done.err
    assert "x and y have the same content and count once" in bench("compare", "s").err
