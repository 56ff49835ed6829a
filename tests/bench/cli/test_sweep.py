"""``bench sweep``, ``bench plan`` and ``bench status``, executed as a user does."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bench.app.campaign.plan import references
from bench.cli.shared.fail_on import verdicts
from bench.instances.files import find
from bench.model.results.verdict import Category

pytestmark = pytest.mark.usefixtures("without_mlflow")

Bench = Callable[..., Any]
FAKE = ("--solver", "fake")


@pytest.fixture
def three(knapsack: Path) -> Path:
    """Return a folder with three instances."""
    folder = knapsack.parent / "models"
    folder.mkdir()
    for name in "abc":
        (folder / f"{name}.mps").write_text(knapsack.read_text())
    return folder


def keys(folder: Path) -> list[str]:
    """Return the keys of all results in the journal below a folder."""
    (journal,) = folder.glob("bench-work/*/journal.jsonl")
    return [json.loads(line)["key"] for line in journal.read_text().splitlines()]


def test_lists_multiply_and_every_task_is_executed_once(bench: Bench, three: Path) -> None:
    """Two values x two seeds x three instances."""
    found = bench("sweep", three, *FAKE, "-p", "code=2,3", "--seeds", "2", "--json").json
    assert [setting["name"] for setting in found["settings"]] == ["code=2", "code=3"]
    assert len(found["results"]) == 12
    assert len({result["key"] for result in found["results"]}) == 12
    assert found["missing"] == 0


@pytest.mark.parametrize("knob", ["alpha", "l1_ratio"])
def test_a_knob_of_bench_may_be_a_list_of_p(bench: Bench, three: Path, knob: str) -> None:
    """``-p alpha=0.1,0.2`` is ``--alpha 0.1,0.2``; two values for it are refused."""
    option = f"--{knob.replace('_', '-')}"
    by_name = bench("plan", three, "-p", f"{knob}=0.1,0.2", "--no-lint", "--json").json
    assert by_name == bench("plan", three, option, "0.1,0.2", "--no-lint", "--json").json
    twice = bench("plan", three, option, "0.1", "-p", f"{knob}=0.2", code=2)
    assert f"{knob} is given twice, as 0.1 and as 0.2; keep one of them" in twice.err


def test_an_option_goes_over_a_variable_also_by_p(bench: Bench, three: Path) -> None:
    """``BENCH_ALPHA`` gives way to ``-p alpha=...`` as to ``--alpha``."""
    words = ("plan", three, "-p", "alpha=0.1,0.2", "--no-lint", "--json")
    assert bench(*words, env={"BENCH_ALPHA": "0.3"}).json == bench(*words).json


def test_the_same_command_continues_and_does_nothing_twice(bench: Bench, three: Path) -> None:
    """The second time nothing is left to do, and it says so."""
    command = ("sweep", three, *FAKE, "-p", "code=2,3", "--name", "twice")
    bench(*command)
    again = bench(*command)
    assert "nothing left to do" in again.err
    assert len(keys(three.parent)) == 6
    assert "code=2: 3 of 3 solved" in again.out


def test_a_grown_sweep_executes_what_is_new(bench: Bench, three: Path) -> None:
    """Another value, another instance: only these are executed."""
    bench("sweep", three, *FAKE, "-p", "code=2", "--name", "grown")
    (three / "d.mps").write_text((three / "a.mps").read_text())
    done = bench("sweep", three, *FAKE, "-p", "code=2,3", "--name", "grown")
    assert "5 of 8 tasks are left to do" in done.err
    assert len(keys(three.parent)) == len(set(keys(three.parent))) == 8


@pytest.mark.parametrize(
    "change",
    [
        lambda three: (three / "a.mps").write_text((three / "a.mps").read_text() + "* changed\n"),
        lambda _: ("--time-limit", "77"),
    ],
    ids=["file", "limit"],
)
def test_a_changed_file_or_limit_is_never_mixed_up_with_the_old(
    bench: Bench, three: Path, change: Callable[[Path], Any]
) -> None:
    """What changed is another task."""
    bench("sweep", three / "a.mps", *FAKE, "--name", "changed")
    changed = change(three)
    more = changed if isinstance(changed, tuple) else ()
    bench("sweep", three / "a.mps", *FAKE, "--name", "changed", *more)
    assert len(set(keys(three.parent))) == 2


def test_fresh_begins_anew_and_keeps_the_old(bench: Bench, three: Path) -> None:
    """The old folder is put aside."""
    command = ("sweep", three, *FAKE, "--name", "again")
    bench(*command)
    bench(*command, "--fresh")
    journals = list((three.parent / "bench-work").glob("*/journal.jsonl"))
    assert [len(journal.read_text().splitlines()) for journal in journals] == [3, 3]


@pytest.mark.slow
def test_failed_tasks_are_retried_on_request_only(bench: Bench, three: Path) -> None:
    """A crash is a result; --retry-failed executes it again."""
    command = ("sweep", three, *FAKE, "-p", "behaviour=answer,exit", "--name", "retried")
    bench(*command)
    assert "nothing left to do" in bench(*command).err
    assert "3 of 6 tasks are left" in bench(*command, "--retry-failed").err
    assert len(keys(three.parent)) == 9


def test_fail_on_takes_the_names_that_verdicts_had_before() -> None:
    """A name that stands in somebody's script goes on to work."""
    assert verdicts("solved_unverified") == {Category.UNCONFIRMED}


def test_fail_on_a_verdict_is_exit_code_3(bench: Bench, three: Path) -> None:
    """For CI: a wrong or failed result is an error."""
    bench("sweep", three, *FAKE, "-p", "behaviour=exit", "--fail-on", "wrong,failed", code=3)
    bench("sweep", three, *FAKE, "--fail-on", "wrong,failed", "--name", "good")
    assert "unknown verdict" in bench("sweep", three, "--fail-on", "bad", code=2).err


def test_jobs_0_executes_in_this_process(bench: Bench, three: Path) -> None:
    """For a debugger."""
    found = bench("sweep", three, *FAKE, "--jobs", "0", "--json").json
    assert {result["status"] for result in found["results"]} == {"optimal"}


def test_more_jobs_than_cores_need_oversubscribe(bench: Bench, three: Path) -> None:
    """Times would vary."""
    assert "--oversubscribe" in bench("sweep", three, *FAKE, "-j", "999", code=2).err
    bench("sweep", three, *FAKE, "-j", "4", "--oversubscribe")


@pytest.mark.slow
def test_plan_counts_and_executes_nothing(bench: Bench, three: Path) -> None:
    """By setting and instance, with what is finished and the worst case."""
    command = (three, *FAKE, "-p", "code=2,3", "--name", "counted", "--time-limit", "10")
    planned = bench("plan", *command, "--json", "-j", "1").json
    assert (planned["tasks"], planned["finished"], planned["to_do"]) == (6, 0, 6)
    assert planned["worst_s"] == 6 * (10 + 10)
    assert not (three.parent / "bench-work").exists()
    bench("sweep", *command)
    planned = bench("plan", *command, "--json").json
    assert (planned["finished"], planned["to_do"]) == (6, 0)
    assert planned["by_instance"]["a"] == {"n_tasks": 2, "n_finished": 2, "expected_s": 0.0}
    assert "6 tasks, 6 finished, 0 to do" in bench("plan", *command).out


def test_status_tells_how_far_a_sweep_has_come(bench: Bench, three: Path) -> None:
    """By name, by folder, or the last one."""
    bench("sweep", three, *FAKE, "-p", "behaviour=answer,exit", "--name", "told")
    for arguments in (["told"], ["bench-work/told"], []):
        state = bench("status", *arguments, "--json").json
        assert state["state"] == "done"
        counts = {row["setting"]: (row["solved"], row["failed"]) for row in state["settings"]}
        assert sorted(counts.values()) == [(0, 3), (3, 0)]
    assert "no sweep 'other'" in bench("status", "other", code=2).err


@pytest.mark.slow
def test_file_and_command_line_say_the_same(bench: Bench, three: Path) -> None:
    """A sweep from a file continues one from the command line: the keys are equal."""
    (three.parent / "same.yaml").write_text(
        "solver: fake\ninstances: [models]\ngrid: {code: [2, 3]}\nseeds: 2\n"
    )
    bench("sweep", "models", *FAKE, "-p", "code=2,3", "--seeds", "2", "--name", "same")
    assert "nothing left to do" in bench("sweep", "same.yaml").err


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("instances: [models]\ngrids: {value: 1}\n", "bad.yaml:2: unknown key 'grids'"),
        ("instances: [models]\nseeds: many\n", "bad.yaml:2: seeds"),
        ("instances: [models]\nbaseline: none\nsolver: fake\n", "no setting 'none'"),
        ("instances: [models\n", "not YAML"),
        ("- a list\n", "not a sweep"),
        ("instances: [models]\nsolver: fake\ngrid: {value: []}\n", "value"),
        ("instances: [models]\nsolver: fake\ngrid: {valu: [1]}\n", "did you mean"),
        ("solver: fake\n", "no instances"),
    ],
)
def test_a_bad_sweep_file_is_one_line_before_anything_executes(
    bench: Bench, three: Path, content: str, words: str
) -> None:
    """File, key and fix; exit 2; nothing left behind."""
    (three.parent / "bad.yaml").write_text(content)
    done = bench("sweep", "bad.yaml", code=2)
    assert words in done.err
    assert len(done.err.splitlines()) == 1
    assert not (three.parent / "bench-work").exists()
    assert not (three.parent / "mlflow.db").exists()


def test_a_work_folder_that_cannot_be_used_is_one_line(bench: Bench, three: Path) -> None:
    """Something else in the folder, a file in its place."""
    folder = three.parent / "bench-work" / "mine"
    folder.mkdir(parents=True)
    (folder / "notes.txt").write_text("mine\n")
    assert "no sweep" in bench("sweep", three, *FAKE, "--name", "mine", code=2).err
    (three.parent / "file").write_text("")
    done = bench("sweep", three, *FAKE, "--work-dir", "file", code=2)
    assert "file" in done.err


def test_two_at_once_in_one_sweep_are_kept_apart(bench: Bench, three: Path) -> None:
    """The second one is told who is at work."""
    from bench.journal.journal import Journal

    bench("sweep", three, *FAKE, "--name", "busy")
    with Journal(three.parent / "bench-work" / "busy"):
        done = bench("sweep", three, *FAKE, "--name", "busy", code=1)
        assert "is writing results to this folder" in done.err
        assert bench("status", "busy", "--json").json["state"] == "running"


@pytest.mark.recorded
@pytest.mark.slow
def test_eight_workers_on_a_fresh_store_lose_nothing(bench: Bench, three: Path) -> None:
    """All results arrive, beneath their settings and one run for the sweep."""
    bench("sweep", three, *FAKE, "-p", "code=2:9:1", "-j", "8", "--oversubscribe")
    with closing(sqlite3.connect(three.parent / "mlflow.db")) as connection:
        rows = connection.execute("""
            select t.value, r.status, count(*) from runs r
            join tags t on t.run_uuid = r.run_uuid and t.key = 'bench.kind'
            where r.lifecycle_stage = 'active' group by 1, 2 order by 1
        """).fetchall()
    assert rows == [("setting", "FINISHED", 8), ("sweep", "FINISHED", 1), ("task", "FINISHED", 24)]


def test_references_come_from_a_column_of_a_table(bench: Bench, three: Path) -> None:
    """By usual names or those that are given; what is missing is one line."""
    table = three / "known.csv"
    table.write_text("model,value of best solution\na,1\nb,1\nc,2\n")
    plan = ("plan", three, *FAKE)
    assert (
        "no column for the instance; there are: model" in bench(*plan, "--solu", table, code=2).err
    )
    columns = "instance=model,objective=value of best solution"
    assert "needs a CSV file with references" in bench(*plan, "--solu-columns", columns, code=2).err
    found = references(find([str(three)]), [table], columns)
    known = {one.name: found.of(one) for one in find([str(three)])}
    assert {name: one and one.value for name, one in known.items()} == {"a": 1, "b": 1, "c": 2}


def test_a_sweep_in_which_nothing_could_be_executed_is_an_error(bench: Bench, three: Path) -> None:
    """As for bench run: exit code 1, one line."""
    for path in three.glob("*.mps"):
        path.write_text("this is no problem\n")
    assert "none of the instances can be executed" in bench("sweep", three, code=1).err
    done = bench("sweep", three, "--no-lint", code=1)
    assert "all tasks failed; the lines above say why" in done.err


@pytest.mark.parametrize("command", ["run", "sweep"])
def test_a_limit_that_bench_held_is_no_failure_to_execute(
    bench: Bench, knapsack: Path, command: str
) -> None:
    """Even where the solver, killed, has said nothing: all was executed, and counts as a limit."""
    limits = ("--time-limit", "0.2", "--grace", "0.2")
    done = bench(command, knapsack, *FAKE, "-p", "behaviour=hang", *limits)
    assert "1 at a limit" in done.out + done.err
    assert "could be executed" not in done.err


def test_a_sweep_whose_solutions_were_not_checked_says_so_and_is_finished(
    bench: Bench, knapsack: Path
) -> None:
    """The check is no part of what a task is."""
    found = bench("sweep", knapsack, "--name", "s", "--no-verify", "--json").json
    (result,) = found["results"]
    assert (result["verification_level"], result["status"]) == (None, "optimal")
    assert result["verification_skipped"] == "not asked for"
    assert "nothing left to do" in bench("sweep", knapsack, "--name", "s").err
