"""``--emphasis``: what SCIP's developers have published, compared like any other setting."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.api import run
from bench.journal.journal import Journal
from bench.model.setting import Setting
from bench.solvers import registry
from tests.commands import Run

pytestmark = pytest.mark.usefixtures("without_mlflow")

QUIET = ("--no-mlflow", "--no-lint")


def settings(folder: Path) -> dict[str, Setting]:
    """Return the settings of all results below a work folder by their names."""
    journals = [Journal(each) for each in (folder / "bench-work").iterdir() if each.is_dir()]
    found = [one.task.setting for journal in journals for one in journal.results()]
    return {each.name: each for each in found}


def published(name: str) -> dict[str, object]:
    """Return the parameters of one of SCIP's emphases."""
    return dict(registry.load("scip").emphases()[name])  # type: ignore[attr-defined]


def test_each_value_of_a_sweep_is_a_setting(bench: Run, knapsack: Path, tmp_path: Path) -> None:
    """Joined ones set the parameters of both, the later one where both set the same."""
    both = "heuristics-off+hardlp"
    bench("sweep", knapsack, "--emphasis", f"none,heuristics-off,{both}", "--name", "s", *QUIET)
    found = settings(tmp_path)
    off, hard = published("heuristics-off"), published("emphasis-hardlp")
    assert {name: each.params for name, each in found.items()} == {
        "emphasis=none": {},
        "emphasis=heuristics-off": off,
        f"emphasis={both}": off | hard,
    }


def test_a_sweep_file_has_them_as_a_list_and_in_a_setting(
    bench: Run, knapsack: Path, tmp_path: Path
) -> None:
    """Beside other parameters."""
    text = f"instances: {knapsack}\nemphasis: [none, presolving-off]\nname: s\n"
    (tmp_path / "a.yaml").write_text(text)
    bench("sweep", "a.yaml", *QUIET)
    assert settings(tmp_path)["emphasis=presolving-off"].params == published("presolving-off")
    own = "settings:\n  quick: {emphasis: heuristics-off, separating/maxrounds: 0}\n"
    (tmp_path / "b.yaml").write_text(f"instances: {knapsack}\n{own}name: t\n")
    bench("sweep", "b.yaml", *QUIET)
    expected = {**published("heuristics-off"), "separating/maxrounds": 0}
    assert settings(tmp_path)["quick"].params == expected


def test_a_run_takes_several_and_overrides_them(bench: Run, knapsack: Path, tmp_path: Path) -> None:
    """By a file, and by single parameters, which override the file."""
    (tmp_path / "my.set").write_text("heuristics/rins/freq = 7\nheuristics/rens/freq = 7\n")
    words = ("--emphasis", "heuristics-off", "--emphasis", "separating-off")
    own = ("--settings-file", "my.set", "-p", "heuristics/rens/freq=9")
    bench("run", knapsack, *words, *own, *QUIET)
    (found,) = settings(tmp_path).values()
    assert found.params == {
        **published("heuristics-off"),
        **published("separating-off"),
        "heuristics/rins/freq": 7,
        "heuristics/rens/freq": 9,
    }


@pytest.mark.parametrize("given", ["hardlp", ["hardlp"]])
def test_from_python_it_is_a_text_or_a_list(
    knapsack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: str | list[str]
) -> None:
    """As everywhere where one or several are accepted."""
    monkeypatch.chdir(tmp_path)
    done = run(knapsack, emphasis=given, no_mlflow=True, lint=False)
    assert [one.task.setting.name for one in done.results] == ["emphasis=hardlp"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("run", "--emphasis", "heuristics-of"), "did you mean 'heuristics-off'?"),
        (("run", "--emphasis", "hardpl"), "of solver 'scip'; "),
        (
            ("run", "--emphasis", "heuristics-off", "--emphasis", "heuristics-fast"),
            "emphases heuristics-off and heuristics-fast exclude each other; keep one",
        ),
        (
            ("run", "--emphasis", "hardlp", "--setting-from", "models:/m@best"),
            "--emphasis and --setting-from exclude each other",
        ),
        (("run", "--solver", "highs", "--emphasis", "hardlp"), "'highs' has no emphases"),
        (("sweep", "--solver", "scip,highs", "--emphasis", "hardlp"), "'highs' has no emphases"),
        (("sweep", "--emphasis", "hardlp,"), "emphasis"),
        (("run", "-p", "heuristics/emphasis=off"), "--emphasis chooses an emphasis"),
        (("sweep", "-p", "heuristics/emphasis=off"), "--emphasis chooses an emphasis"),
    ],
)
def test_what_is_wrong_is_one_line(
    bench: Run, knapsack: Path, words: tuple[str, ...], said: str
) -> None:
    """With what to write instead; nothing is executed."""
    done = bench(words[0], knapsack, *words[1:], *QUIET, code=2)
    assert said in done.err
    assert len(done.err.splitlines()) == 1
