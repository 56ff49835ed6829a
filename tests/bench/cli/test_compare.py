"""``bench compare`` and ``bench gate``, executed as a user would."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

pytestmark = pytest.mark.usefixtures("without_mlflow")

Bench = Callable[..., Any]
N = 12


def table(path: Path, factors: Mapping[str, float], **columns: object) -> Path:
    """Write results of ``N`` instances x 2 seeds; a setting takes ``factor`` times as long."""
    rows = [
        {
            "instance": f"gap-{i}" if i % 2 else f"tsp-{i}",
            "setting": setting,
            "seed": seed,
            "verdict": "solved",
            "solve_time_s": factor * (2.0 + i + seed) * (1 + 0.01 * ((7 * i) % 5)),
            "n_nodes": 10 * (i + 1),
            "time_limit_s": 100.0,
        }
        | columns
        for setting, factor in factors.items()
        for i in range(N)
        for seed in (0, 1)
    ]
    pd.DataFrame(rows).to_csv(path, index=False)
    return path


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """Return a table in which ``cuts`` takes 0.8 times as long as ``default``."""
    return table(tmp_path / "results.csv", {"default": 1.0, "cuts": 0.8})


def test_the_last_line_says_it_in_words(bench: Bench, results: Path) -> None:
    """Who is faster, by how much, with interval, extent and p-value; nothing beyond column 100."""
    out = bench("compare", results).out
    assert "cuts is 20 % faster than default (95 % interval" in " ".join(out.split()[-30:])
    assert "12 instances x 2 seeds, p = " in " ".join(out.split())
    assert max(map(len, out.splitlines())) <= 100


def test_json_has_the_numbers_and_what_they_stand_on(bench: Bench, results: Path) -> None:
    """Shift, clip, policy, limits and n stand beside the numbers."""
    found = bench("compare", results, "--format", "json", "--shift", "10").json
    assert found["basis"]["shift"] == 10
    assert found["basis"]["failures"] == "exclude"
    assert found["basis"]["time_limits_s"] == [100.0]
    whole = next(each for each in found["tables"] if each["subset"] == "all")
    pair = whole["rows"][1]["against"]
    assert pair["interval"]["low"] < pair["ratio"] < pair["interval"]["high"] < 1


@pytest.mark.parametrize("kind", ["csv", "markdown", "latex", "parquet"])
def test_every_format_says_the_same(bench: Bench, results: Path, tmp_path: Path, kind: str) -> None:
    """Each has both settings, and the file is named on stdout."""
    suffix = {"markdown": "md", "latex": "tex"}.get(kind, kind)
    path = tmp_path / f"out.{suffix}"
    assert bench("compare", results, "-o", path).out.strip() == str(path)
    if kind == "parquet":
        assert set(pd.read_parquet(path)["setting"]) == {"default", "cuts"}
    elif kind == "csv":
        whole = [
            row for row in csv.DictReader(io.StringIO(path.read_text())) if row["subset"] == "all"
        ]
        assert [row["setting"] for row in whole] == ["default", "cuts"]
        assert float(whole[1]["against_interval_high"]) < 1
    else:
        assert "cuts" in path.read_text()
        assert "0.8" in path.read_text()


def test_instances_are_grouped(bench: Bench, results: Path) -> None:
    """By family, by the beginning of their names."""
    out = bench("compare", results, "--by", "family", "--subset", "all").out
    assert [line.split()[0] for line in out.splitlines() if line.startswith(("gap ", "tsp "))] == [
        *("gap", "tsp")
    ]


@pytest.mark.parametrize("kind", ["csv", "json", "markdown", "latex"])
def test_groups_are_in_every_format(bench: Bench, results: Path, kind: str) -> None:
    """A table of each beside those of the subsets."""
    out = bench("compare", results, "--by", "family", "--subset", "all", "--format", kind).out
    assert "family=gap" in out
    assert "family=tsp" in out


def test_a_baseline_is_no_candidate(bench: Bench, results: Path) -> None:
    """It is said to be one."""
    err = bench("gate", results, "--baseline", "cuts", "--candidate", "cuts", code=2).err
    assert "--candidate cuts is the baseline" in err


@pytest.mark.slow
def test_two_files_with_the_same_setting_are_told_apart_by_labels(
    bench: Bench, tmp_path: Path
) -> None:
    """``old=FILE`` and ``new=FILE`` name the settings."""
    old = table(tmp_path / "a.csv", {"default": 1.0})
    new = table(tmp_path / "b.csv", {"default": 1.3})
    sources = (f"old={old}", f"new={new}")
    ended = bench("gate", *sources, "--baseline", "old", "--candidate", "new", code=4)
    assert ended.out.startswith("regression: new against old: ratio 1.2")
    assert bench("gate", *sources, "--baseline", "new", "--candidate", "old").out.startswith("pass")


@pytest.mark.slow
def test_a_gate_that_cannot_decide_says_so(bench: Bench, tmp_path: Path) -> None:
    """Two instances are too few: 5, or 0 where that is allowed; never the word pass."""
    path = table(tmp_path / "few.csv", {"default": 1.0, "cuts": 0.8})
    few = pd.read_csv(path)
    few[few["instance"].isin(["gap-1", "tsp-2"])].to_csv(path, index=False)
    gate = ("gate", path, "--baseline", "default", "--candidate", "cuts")
    assert bench(*gate, "--allow-undecided").out.startswith("undecided")
    assert bench(*gate, "--json", code=5).json["decision"] == "undecided"
    assert bench(*gate, "--strict", code=5).out.startswith("undecided")
    assert "keep one" in bench(*gate, "--strict", "--allow-undecided", code=2).err


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        (
            {"verdict": "limit", "termination": "time", "solve_time_s": 100.0},
            "no information from any of 12 instances (both at the time limit)",
        ),
        (
            {"verdict": "limit", "solve_time_s": 99.9},
            "no information from any of 12 instances (both at the limit)",
        ),
        (
            {"solve_time_s": 0.2},
            "no information from any of 12 instances (both below the clip of 0.5 s)",
        ),
    ],
)
def test_a_gate_without_evidence_does_not_pass(
    bench: Bench, tmp_path: Path, columns: dict[str, object], reason: str
) -> None:
    """All at the limit or all below the clip is not the same as no slower."""
    path = table(tmp_path / "none.csv", {"default": 1.0, "cuts": 0.8}, **columns)
    gate = ("gate", path, "--baseline", "default", "--candidate", "cuts")
    out = bench(*gate, code=5).out
    assert out.startswith(f"undecided: cuts against default: {reason}\n")
    assert "does not differ" not in out


def test_a_gate_for_the_solved_hears_of_crashes(bench: Bench, tmp_path: Path) -> None:
    """Fewer solved is a regression, whatever the rest takes."""
    path = table(tmp_path / "crash.csv", {"default": 1.0, "cuts": 0.8})
    frame = pd.read_csv(path)
    frame.loc[(frame["setting"] == "cuts") & (frame.index % N < N // 2), "verdict"] = "crashed"
    frame.to_csv(path, index=False)
    gate = ("gate", path, "--baseline", "default", "--candidate", "cuts")
    out = bench(*gate, "--no-worse", "solved", code=4).out
    assert out.startswith("regression: cuts against default: solved: 24 before, 12 now (McNemar")
    assert "cuts fails more than default" in out


def test_different_limits_are_refused_unless_forced(bench: Bench, tmp_path: Path) -> None:
    """One line says which, and --force says it beside the numbers."""
    table(tmp_path / "a.csv", {"default": 1.0})
    table(tmp_path / "b.csv", {"cuts": 1.0}, time_limit_s=10.0)
    err = bench("compare", "a.csv", "b.csv", code=2).err
    assert "limit" in err
    assert "--force" in err
    assert "Warning: compared by force" in bench("compare", "a.csv", "b.csv", "--force").out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["none.csv"], "none.csv: no such file"),
        (["results.csv", "--baseline", "x"], "no setting 'x'"),
        (["results.csv", "--by", "x"], "no such column; there are: family, instance"),
        (
            ["results.csv", "--measure", "nodes", "--shift", "0"],
            "a geometric mean cannot contain 0; use",
        ),
        (["header.csv"], "header.csv: has no rows"),
        (["word.csv"], "word.csv:2: verdict 'sloved' is none of solved, solved_unconfirmed, limit"),
        (["half.csv"], "half.csv:2: seed '0.5' is not a whole number"),
        (["endless.csv"], "'solve_time_s' has an infinite value: inf (instance gap-1, setting"),
        (["apart.csv"], "with results: default has 1, cuts has 1"),
        (["text.parquet"], "text.parquet: cannot be read as Parquet"),
        (["results.csv", "-o", "x.doc"], "expected a name that ends in"),
        (["results.csv", "--format", "parquet"], "write it to a file with --output"),
        (["sweep-that-is-not"], "no sweep 'sweep-that-is-not'"),
        ([], "there is no sweep in this folder yet"),
    ],
)
def test_what_cannot_be_compared_is_one_line(
    bench: Bench, results: Path, arguments: list[str], message: str
) -> None:
    """It is a usage error that says what there is, and nothing else is said."""
    header = "instance,setting,seed,verdict,solve_time_s"
    for name, rows in {
        "header": [],
        "word": ["gap-1,default,0,sloved,1"],
        "half": ["gap-1,default,0.5,solved,1"],
        "endless": ["gap-1,default,0,solved,inf", "gap-1,cuts,0,solved,1"],
        "apart": ["gap-1,default,0,solved,1", "gap-2,cuts,0,solved,1"],
    }.items():
        results.with_name(f"{name}.csv").write_text("\n".join([header, *rows]))
    results.with_name("text.parquet").write_text("text")
    pd.read_csv(results).assign(n_nodes=0).to_csv(results, index=False)
    ended = bench("compare", *arguments, code=2)
    assert message in ended.err
    assert len(ended.err.strip().splitlines()) == 1
    assert not ended.out


def test_only_one_setting_is_no_comparison(bench: Bench, tmp_path: Path) -> None:
    """It is said which one there is."""
    table(tmp_path / "one.csv", {"default": 1.0})
    assert "only one setting, 'default'" in bench("compare", "one.csv", code=2).err


@pytest.mark.recorded
@pytest.mark.slow
def test_a_sweep_and_its_experiment_compare_alike(bench: Bench, knapsack: Path) -> None:
    """From the journal and from MLflow, by experiment and by run, the numbers are the same."""
    bench("sweep", knapsack, "-p", "separating/maxrounds=0,5", "--seeds", "2", "--name", "mine")
    journal = bench("compare", "mine", "--format", "json").json
    experiment = bench("compare", "--experiment-name", "Default", "--format", "json").json
    assert experiment["baseline"] == journal["baseline"]
    assert experiment["tables"] == journal["tables"]
    assert experiment["basis"]["machines"] == journal["basis"]["machines"] != []
    assert "no experiment 'x'" in bench("compare", "--experiment-name", "x", code=2).err
    assert "no run 'abc'" in bench("compare", "--run-id", "abc", code=2).err


def test_a_folder_gets_all_tables_and_figures(bench: Bench, results: Path, tmp_path: Path) -> None:
    """The terminal still has the tables; a folder with other files is left alone."""
    done = bench("compare", results, "--output-dir", "out/comparison")
    assert "cuts is 20 % faster" in done.out
    found = {path.name for path in (tmp_path / "out" / "comparison").iterdir()}
    tables = {"comparison.csv", "comparison.json", "comparison.md"}
    assert found == tables | {"profile.svg", "cactus.svg", "scatter.svg", "ratios.svg"}
    err = bench("compare", results, "--output-dir", "out", code=2).err
    assert err == "Error: out: the folder exists and is not empty; choose another one\n"


def test_one_table_answers(bench: Bench, results: Path) -> None:
    """With the conclusion of each setting; the others are printed where they are asked for."""
    brief = bench("compare", results).out
    header = next(line for line in brief.splitlines() if line.startswith("setting "))
    assert header.split() == [
        *("setting", "solved", "wrong/failed", "mean", "(s)", "ratio", "interval"),
        *("win/tie/loss", "conclusion"),
    ]
    assert brief.count("default  ") == 1
    assert [line.split()[-1] for line in brief.splitlines() if line.startswith("cuts  ")] == [
        "better"
    ]
    nodes = bench("compare", results, "--table", "nodes").out
    assert "\nnodes:\nsetting  nodes" in nodes
    every = bench("compare", results, "--all").out
    assert all(f"\n{name}:\n" in every for name in ("counts", "nodes", "tests", "subsets"))
    assert (
        "is empty, because these results have no data for it"
        in bench("compare", results, "--table", "integrals").err
    )


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["json", "csv", "markdown", "latex", "parquet"])
def test_warnings_go_with_the_claim(bench: Bench, tmp_path: Path, kind: str) -> None:
    """On standard output right before it, and into every export."""
    path = table(tmp_path / "few.csv", {"default": 0.1, "cuts": 0.08})
    words = "few instances (12) and a mean below the shift of 1"
    if kind == "json":
        out = " ".join(bench("compare", path).out.split())
        assert out.index(f"Warning: {words}") < out.index("cuts is ")
    exported = tmp_path / f"out.{ {'markdown': 'md', 'latex': 'tex'}.get(kind, kind) }"
    assert words in bench("compare", path, "-o", exported).err
    if kind == "parquet":
        frame = pd.read_parquet(exported)
        assert words in frame["warnings"].iloc[0]
        assert frame.loc[frame["subset"] == "all", "conclusion"].tolist()[1] == "better"
    else:
        assert words in " ".join(exported.read_text().split())


def test_instances_are_shown_side_by_side(bench: Bench, results: Path) -> None:
    """A line each with both settings, seeds folded, the ratio; the sentence is still the last."""
    out = bench("compare", results, "--by-instance").out
    (line,) = (line.split() for line in out.splitlines() if line.startswith("gap-3 "))
    assert line == ["gap-3", "5.536", "5.05..6.06", "4.429", "4.04..4.85", "0.800"]
    assert "0.5 count as 0.5); spread: smallest and largest value" in " ".join(out.split())
    assert "cuts is 20 % faster than default" in " ".join(out.split())
    assert max(map(len, out.splitlines())) <= 100


@pytest.mark.parametrize("kind", ["csv", "json", "markdown", "latex", "parquet"])
def test_instances_side_by_side_are_in_every_format(
    bench: Bench, results: Path, tmp_path: Path, kind: str
) -> None:
    """The same instances with the same ratios."""
    suffix = {"markdown": "md", "latex": "tex"}.get(kind, kind)
    path = tmp_path / f"out.{suffix}"
    bench("compare", results, "--by-instance", "-o", path)
    if kind in {"csv", "parquet"}:
        read = pd.read_csv if kind == "csv" else pd.read_parquet
        frame = read(path).set_index("instance")
        assert len(frame) == N
        assert frame.loc["gap-3", "ratio/cuts"] == pytest.approx(0.8001, abs=1e-3)
        assert frame.loc["gap-3", "cuts"] == pytest.approx(4.429, abs=1e-3)
    elif kind == "json":
        found = bench("compare", results, "--by-instance", "--format", "json").json
        assert found["rows"][0]["cells"][1]["ratio"] < 1
    else:
        assert "gap-3" in path.read_text()
        assert "0.800" in path.read_text()


def test_many_settings_side_by_side_are_several_tables(bench: Bench, tmp_path: Path) -> None:
    """Each begins with the baseline; no line is longer than the terminal."""
    factors = {"default": 1.0} | {f"setting number {k}": 1.0 + k for k in range(9)}
    out = bench("compare", table(tmp_path / "many.csv", factors), "--by-instance").out
    heads = [line for line in out.splitlines() if line.startswith("instance ")]
    assert len(heads) > 1
    assert all(" default " in line for line in heads)
    assert max(map(len, out.splitlines())) <= 100


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--by-instance", "results.csv"], "a SOURCE must come before --by-instance"),
        (["results.csv", "--by-instance", "nodse"], "known are noise, nodes, n_nodes"),
        (
            ["results.csv", "--instances", "differ"],
            "selects rows of --by-instance; add that option",
        ),
        (
            ["results.csv", "--by-instance", "--format", "parquet"],
            "write it to a file with --output",
        ),
    ],
)
def test_what_cannot_be_shown_by_instance_is_one_line(
    bench: Bench, results: Path, arguments: list[str], message: str
) -> None:
    """Exit code 2, and what to do."""
    assert results.name == "results.csv"
    if arguments[0] == "--by-instance":
        arguments = [*arguments, "results.csv"]
    err = bench("compare", *arguments, code=2).err
    assert message in err.splitlines()[-1]


def test_instances_can_be_chosen(bench: Bench, results: Path) -> None:
    """None of them fails here."""
    out = bench("compare", results, "--by-instance", "--instances", "failed").out
    assert out.startswith("0 of 12 instances: a result is wrong or failed.")
    out = bench("compare", results, "--by-instance", "--instances", "differ").out
    assert "12 of 12 instances" in " ".join(out.split())
