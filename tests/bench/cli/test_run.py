"""``bench run``, executed as a user does."""

from __future__ import annotations

import gzip
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.usefixtures("without_mlflow")

RESULT_KEYS = {
    *("instance", "seed", "status", "termination", "primal_bound", "dual_bound", "gap"),
    *("n_nodes", "n_lp_iterations", "solve_time_s", "wall_s", "cpu_s", "peak_mib"),
    *("primal_dual_integral", "n_vars", "n_bins", "n_ints", "n_conts", "n_conss"),
    *("n_nonzeros", "error"),
}
Bench = Callable[..., Any]
QUICK = ("--node-limit", "1", "--no-mlflow", "--no-lint", "--no-verify", "-j", "1")
PROJECT = ("--default-knobs", "alpha=0.15,l1_ratio=0.001")


def runs(database: Path) -> list[dict[str, Any]]:
    """Return status, name and parent of all runs of a store."""
    query = """
        select r.name, r.status, p.value as parent from runs r
        left join tags p on p.run_uuid = r.run_uuid and p.key = 'mlflow.parentRunId'
        where r.lifecycle_stage = 'active'
    """
    with closing(sqlite3.connect(database)) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(query)]


@pytest.mark.recorded
def test_one_instance_prints_a_table_and_where_to_look(bench: Bench, knapsack: Path) -> None:
    """The table is on stdout, the rest on stderr; no progress bar without a terminal."""
    done = bench("run", knapsack)
    header, _, row, summary = done.out.splitlines()
    assert header.split()[:3] == ["instance", "status", "primal"]
    assert row.split()[:4] == ["knapsack", "optimal", "-8", "-8"]
    assert summary.startswith("default: 1 of 1 solved")
    assert done.err == "See the results in mlflow.db: bench ui\n"
    assert "%|" not in done.err


def test_a_wrong_answer_is_an_exit_code_where_it_is_asked_for(
    bench: Bench, knapsack: Path, tmp_path: Path
) -> None:
    """For a pipeline that runs one setting; the results are recorded all the same."""
    (tmp_path / "false.solu").write_text("=opt= knapsack -9\n")
    solu = ("--solu", tmp_path / "false.solu")
    done = bench("run", knapsack, *solu, "--fail-on", "wrong", "--json", code=3)
    assert done.json["aggregates"]["wrong"] == 1
    bench("run", knapsack, *solu, "--fail-on", "failed")


def test_json_has_setting_aggregates_and_results(bench: Bench, knapsack: Path) -> None:
    """One object with all the promised keys, and numbers for what is known."""
    found = bench("run", knapsack, "--alpha", "0.15", "--l1-ratio", "0.001", "--json").json
    assert found["setting"]["solver"] == "scip"
    assert found["setting"]["knobs"] == {"alpha": 0.15, "l1_ratio": 0.001}
    params = found["setting"]["params"]
    assert params["cutselection/hybrid/objparalweight"] == pytest.approx(0.00015)
    assert params["cutselection/hybrid/intsupportweight"] == pytest.approx(0.14985)
    (result,) = found["results"]
    assert result.keys() >= RESULT_KEYS
    assert result["status"] == "optimal"
    assert (result["verification_level"], result["verification_reader"]) == ("1e-9", "highs")
    assert found["aggregates"]["solved"] == 1


@pytest.mark.recorded
@pytest.mark.slow
def test_one_task_is_one_run_and_many_are_nested(bench: Bench, knapsack: Path) -> None:
    """A single task has no parent; several hang below their setting's run."""
    other = knapsack.with_name("other.mps")
    other.write_text(knapsack.read_text())
    bench("run", knapsack, "--setting-name", "single")
    bench("run", knapsack, other, "--setting-name", "pair")
    found = runs(knapsack.parent / "mlflow.db")
    assert {row["name"] for row in found if row["parent"] is None} == {"single", "pair"}
    assert {row["name"] for row in found if row["parent"]} == {"knapsack s0", "other s0"}
    assert {row["status"] for row in found} == {"FINISHED"}


def test_params_can_be_written_as_mlflow_hands_them_over(bench: Bench, knapsack: Path) -> None:
    """Undeclared -P become --name value after the instances."""
    done = bench("run", knapsack, "--json", "--separating/maxrounds", "0", "--limits/gap=0.01")
    assert done.json["setting"]["params"] == {"limits/gap": 0.01, "separating/maxrounds": 0}
    assert done.json["results"][0]["gap_limit"] == 0.01


KNOB = ("-p", "alpha=0.15")


@pytest.mark.parametrize(
    ("arguments", "env", "alpha", "note"),
    [
        (KNOB, {}, 0.15, ""),
        ((*KNOB, "--alpha", "0.15"), {}, 0.15, ""),
        (KNOB, {"BENCH_ALPHA": "0.3"}, 0.15, ""),
        (("--alpha", "0.15", *PROJECT), {}, 0.15, "alpha = 0.15; stock scip has alpha = 0.2"),
        (("--alpha", "0.3", *PROJECT), {}, 0.3, ""),
        (("--alpha", "0.15", *PROJECT, "-p", "alpha=0.4"), {}, 0.4, ""),
    ],
)
def test_a_knob_is_given_like_any_parameter(
    bench: Bench,
    knapsack: Path,
    arguments: tuple[str, ...],
    env: dict[str, str],
    alpha: float,
    note: str,
) -> None:
    """It goes over a variable and over the project's default; what the project sets is printed."""
    done = bench("run", knapsack, *QUICK, "--json", *arguments, env=env)
    assert done.json["setting"]["knobs"] == {"alpha": alpha, "l1_ratio": 0.5}
    assert ("Note: the MLflow project sets " + note in done.err) == bool(note)
    assert ("the MLflow project" in done.err) == bool(note)


def test_old_names_of_options_and_variables_work(bench: Bench, knapsack: Path) -> None:
    """A line each says what is new; the new variable wins silently."""
    (knapsack.parent / "my.set").write_text("separating/maxrounds = 0\n")
    new = {"BENCH_SETTINGS_FILE": "my.set", "BENCH_SETTINGS": "gone.set"}
    old = {"BENCH_SETTINGS": "my.set", "BENCH_NAME": "mine"}
    for words, env, name, n_notices in (
        (("--settings", "my.set", "--name=mine"), {}, "mine", 2),
        ((), old, "mine", 2),
        ((), new, "my", 0),
        (("--settings-file", "my.set", "--setting-name", "mine"), {}, "mine", 0),
    ):
        done = bench("run", knapsack, *QUICK, "--json", *words, env=env)
        assert done.json["setting"]["name"] == name
        assert done.json["setting"]["params"] == {"separating/maxrounds": 0}
        assert done.err.count("please use the new name") == n_notices


def test_a_settings_file_is_used(bench: Bench, knapsack: Path) -> None:
    """Its name is the setting's name."""
    (knapsack.parent / "my.set").write_text("separating/maxrounds = 0  # none\n")
    found = bench("run", knapsack, "--settings-file", "my.set", "--json").json
    assert found["setting"]["name"] == "my"
    assert found["setting"]["params"] == {"separating/maxrounds": 0}


def test_seeds_multiply_the_tasks(bench: Bench, knapsack: Path) -> None:
    """A row for each seed."""
    found = bench("run", knapsack, "--seeds", "2", "--jobs", "2", "--json").json
    assert sorted(result["seed"] for result in found["results"]) == [0, 1]


@pytest.mark.slow
def test_a_file_with_one_reader_is_solved_and_says_so(bench: Bench, tmp_path: Path) -> None:
    """In the table, its summary, JSON and the reason; infeasible or not."""
    head = "* #variable= 1 #constraint= 1\nmin: +1 x1 ;\n"
    (tmp_path / "one.opb").write_text(head + "+1 x1 >= 1 ;\n")
    (tmp_path / "inf.opb").write_text(head + "+1 x1 >= 2 ;\n")
    done = bench("run", "one.opb", "inf.opb")
    assert "2 of 2 solved (2 with one reader)" in done.out
    assert done.out.count("one reader\n") == 2
    found = bench("run", "one.opb", "--json").json
    (one,) = found["results"]
    assert (one["verdict"], one["confirmed_by"]) == ("solved_unconfirmed", None)
    assert one["one_reader"] is True
    assert "one reader: no other solver reads the file" in one["verdict_reason"]
    assert (found["aggregates"]["one_reader"], found["aggregates"]["confirmed"]) == (1, 0)


def test_nothing_infinite_reaches_the_output(bench: Bench, tmp_path: Path) -> None:
    """No bound and no gap are null."""
    (tmp_path / "inf.lp").write_text("min\n x\nst\n a: x >= 2\n b: x <= 1\nend\n")
    done = bench("run", "inf.lp", "--json")
    result = json.loads(done.out, parse_constant=pytest.fail)["results"][0]
    assert result["status"] == "infeasible"
    assert result["primal_bound"] is result["dual_bound"] is result["gap"] is None


def test_a_bad_file_among_good_ones_is_a_result_and_the_others_go_on(
    bench: Bench, knapsack: Path
) -> None:
    """Missing, empty, garbage and truncated files each say why; the exit code is 0."""
    folder = knapsack.parent
    (folder / "empty.mps").write_bytes(b"")
    (folder / "garbage.mps").write_text("this is no problem\n")
    (folder / "short.mps.gz").write_bytes(gzip.compress(knapsack.read_bytes())[:-10])
    (folder / "nothing.lp").write_text("min\nend\n")
    names = ["missing.mps", "empty.mps", "garbage.mps", "short.mps.gz", "nothing.lp"]
    done = bench("run", *names, knapsack, "--json")
    by_name = {result["instance"]: result for result in done.json["results"]}
    assert by_name.pop("knapsack")["status"] == "optimal"
    assert {result["termination"] for result in by_name.values()} == {"refused"}
    assert {result["verdict"] for result in by_name.values()} == {"unreadable"}
    assert {result["status"] for result in by_name.values()} == {None}
    words = {
        "missing": "no such file",
        "empty": "empty file",
        "garbage": "starts no known section",
        "short": "damaged gzip file",
        "nothing": "empty model",
    }
    for name, reason in words.items():
        assert reason in by_name[name]["error"]
        assert any(line.startswith(name) and reason in line for line in done.err.splitlines())


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["missing.mps"], 1, "none of the instances can be executed"),
        (["*.nothing"], 1, "none of the instances can be executed"),
        (["."], 1, "none of the instances can be executed"),
        ([], 2, "no instance was given"),
        (["knapsack.mps", "--alpha", "abc"], 2, "'abc' is not a valid number"),
        (["knapsack.mps", "--alpha", "2"], 2, "outside [0, 1]"),
        (
            ["knapsack.mps", "--alpha", "0.1,0.2"],
            2,
            "a run has one value; bench sweep takes a list",
        ),
        (["knapsack.mps", "-p", "alpha=0.1,0.2"], 2, "use bench sweep with -p alpha=0.1,0.2"),
        (["knapsack.mps", "-p", "separating/maxrounds=0:9:3"], 2, "use bench sweep with -p"),
        (["knapsack.mps", "-p", "alpha=x"], 2, "alpha = 'x': expected a number"),
        (["knapsack.mps", "-p", "alpha=0.1", "--alpha", "0.2"], 2, "alpha is given twice, as 0.2"),
        (
            ["knapsack.mps", "-p", "alpha=0.1", "--solver", "highs"],
            2,
            "knobs of scip, not of highs",
        ),
        (["knapsack.mps", "-p", "alpa=0.1"], 2, "did you mean 'alpha'?"),
        (["knapsack.mps", "-p", "separating/maxround=0"], 2, "did you mean"),
        (["knapsack.mps", "-p", "separating/maxrounds=x"], 2, "expected a whole number"),
        (["knapsack.mps", "-p", "separating/maxrounds=-7"], 2, "outside [-1"),
        (["knapsack.mps", "-p", "limits/time=5", "--time-limit", "6"], 2, "two values"),
        (["knapsack.mps", "--time-limt", "6"], 2, "did you mean --time-limit?"),
        (["knapsack.mps", "--separating/maxrounds"], 2, "needs a value"),
        (["knapsack.mps", "--settings-file", "no.set"], 2, "no.set"),
        (["knapsack.mps", "--solu", "no.solu"], 2, "no.solu"),
        (["knapsack.mps", "--seeds", "0"], 2, "seeds"),
        (["knapsack.mps", "--solver", "scipp"], 2, "did you mean 'scip'?"),
        (["knapsack.mps", "--tracking-uri", "file:./mlruns"], 1, "sqlite:///"),
    ],
)
def test_bad_input_is_one_line_and_leaves_no_run(
    bench: Bench, tmp_path: Path, knapsack: Path, arguments: list[str], code: int, words: str
) -> None:
    """Nothing is executed, and no store is made."""
    if arguments == ["."]:
        knapsack.unlink()
    done = bench("run", *arguments, code=code)
    assert words in done.err
    assert done.err.splitlines()[-1].startswith("Error: ")
    assert done.out == ""
    assert not (tmp_path / "mlflow.db").exists()
    assert not (tmp_path / "bench-work").exists()


@pytest.mark.recorded
def test_a_crashing_solver_is_a_failed_run_and_the_next_task_goes_on(
    bench: Bench, knapsack: Path
) -> None:
    """The reason is in the output, and the run in MLflow is FAILED."""
    arguments = ("run", knapsack, "--solver", "fake", "-p", "behaviour=segfault")
    done = bench(*arguments, code=1)
    assert "SIGSEGV" in done.err
    assert {row["status"] for row in runs(knapsack.parent / "mlflow.db")} == {"FAILED"}


@pytest.mark.recorded
def test_an_unreachable_server_loses_nothing(bench: Bench, knapsack: Path) -> None:
    """Results are printed and in the journal; the exit code tells that MLflow has not got them."""
    done = bench("run", knapsack, "--tracking-uri", "http://127.0.0.1:9", code=1)
    assert "optimal" in done.out
    assert "does not answer" in done.err
    (journal,) = (knapsack.parent / "bench-work").glob("*/journal.jsonl")
    assert len(journal.read_text().splitlines()) == 1


@pytest.mark.recorded
def test_options_come_from_the_environment_and_from_dotenv(bench: Bench, knapsack: Path) -> None:
    """Option > environment > .env > default."""
    (knapsack.parent / ".env").write_text(
        "BENCH_TIME_LIMIT=11\nBENCH_NODE_LIMIT=22\nBENCH_GAP=0.5\n"
        "MLFLOW_TRACKING_URI=sqlite:///from-dotenv.db\n"
    )
    env = {"BENCH_NODE_LIMIT": "33", "BENCH_GAP": "0.25"}
    (result,) = bench("run", knapsack, "--gap", "0.125", "--json", env=env).json["results"]
    limits = (result["time_limit_s"], result["node_limit"], result["gap_limit"])
    assert limits == (11, 33, 0.125)
    assert (knapsack.parent / "from-dotenv.db").exists()


@pytest.mark.slow
def test_a_reference_from_a_solu_file_decides(bench: Bench, knapsack: Path) -> None:
    """One beside the instance is found by itself, one by --solu goes over it."""
    (knapsack.parent / "mine.solu").write_text("=opt= knapsack -8\n")
    assert bench("run", knapsack, "--json").json["results"][0]["verdict"] == "solved"
    (knapsack.parent / "sub").mkdir()
    (knapsack.parent / "sub" / "wrong.solu").write_text("=opt= knapsack -9\n")
    done = bench("run", knapsack, "--solu", "sub/wrong.solu", "--json")
    assert done.json["results"][0]["verdict"] == "wrong"
    assert done.json["aggregates"]["wrong"] == 1
    assert "known optimum" in done.err


def test_a_bound_that_is_no_number_is_wrong_and_null(bench: Bench, knapsack: Path) -> None:
    """It counts in no aggregate and stands in no output."""
    done = bench("run", knapsack, "--solver", "fake", "-p", "behaviour=nan", "--json")
    found = json.loads(done.out, parse_constant=pytest.fail)
    assert found["results"][0]["verdict"] == "wrong"
    assert found["results"][0]["primal_bound"] is None
    assert (found["aggregates"]["wrong"], found["aggregates"]["solved"]) == (1, 0)
    assert "time_sgm1_s" not in found["aggregates"]


def test_any_file_name_can_be_solved_and_leaves_readable_statistics(
    bench: Bench, knapsack: Path
) -> None:
    """SCIP does not escape the name in its JSON; a quote in it must not cost the result."""
    path = knapsack.with_name('ü <script> "q" \\ x.lp')
    path.write_text("min\n x\nst\n a: x >= 2\nend\n")
    found = bench("run", path, "--json").json
    assert found["results"][0]["status"] == "optimal"
    (statistics,) = (knapsack.parent / "bench-work").glob("*/tasks/*/statistics.json.gz")
    assert json.loads(gzip.decompress(statistics.read_bytes()))["origprob"]
