"""``bench db``, on a store that MLflow itself has made."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from mlflow import MlflowClient

from bench.cli.main import command
from bench.cli.shared.durations import seconds
from bench.errors import UsageError
from bench.tracking.mlflow_store import MlflowStore

Bench = Callable[..., str]


@pytest.fixture(scope="module")
def uri(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the URI of a store with a run that stays and one that was deleted."""
    folder = tmp_path_factory.mktemp("store")
    uri = f"sqlite:///{folder}/mlflow.db"
    store = MlflowStore(uri, "cuts")
    client = MlflowClient(uri)
    for name in ("kept", "gone"):
        tags = {"bench.kind": "task", "bench.verdict": "solved"}
        run = client.create_run(store.experiment_id, run_name=name, tags=tags)
        client.log_metric(run.info.run_id, "time/solve_s", 0.25)
        client.log_param(run.info.run_id, "instance", name)
        client.log_text(run.info.run_id, "x", "solver.log")
    client.delete_run(run.info.run_id)
    return uri


@pytest.fixture
def bench(uri: str, capsys: pytest.CaptureFixture[str]) -> Bench:
    """Return a function that executes ``bench db ...`` on the store and returns its stdout."""

    def run(*arguments: str, code: int = 0) -> str:
        assert command.main(["db", *arguments, "--tracking-uri", uri]) == code
        printed = capsys.readouterr()
        assert code == 0 or len(printed.err.splitlines()) == 1, printed.err
        return printed.err if code else printed.out

    return run


def test_tables_and_fields_are_listed(bench: Bench) -> None:
    """As a table, as JSON, as names alone."""
    counts = {row["table"]: row["rows"] for row in json.loads(bench("tables", "--json"))}
    assert counts["runs"] == 2
    assert bench("tables").startswith("table")
    assert bench("schema", "params", "--only-field-names").split() == ["key", "value", "run_uuid"]
    assert json.loads(bench("schema", "params", "--only-field-names", "--json"))[0] == {
        "field": "key"
    }
    assert "runs.run_uuid" in bench("schema", "params")


def test_a_query_answers_in_the_form_that_is_asked_for(bench: Bench) -> None:
    """CSV can be read back."""
    text = bench("query", "SELECT key, value FROM params ORDER BY 2", "--csv")
    assert list(csv.reader(io.StringIO(text))) == [
        ["key", "value"],
        ["instance", "gone"],
        ["instance", "kept"],
    ]


def test_runs_are_listed_with_their_numbers(bench: Bench) -> None:
    """Deleted ones only on request."""
    (row,) = json.loads(bench("runs", "--experiment-name", "cuts", "--json"))
    assert (row["name"], row["kind"], row["verdict"]) == ("kept", "task", "solved")
    assert row["time_s"] == 0.25
    assert "gone" in bench("runs", "--deleted")


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("query", "DELETE FROM runs"), 2, "a query may only read"),
        (("query", "SELEC"), 2, "syntax error"),
        (("query", "SELECT * FROM run"), 2, "did you mean 'runs'?"),
        (("schema", "param"), 2, "did you mean 'params'?"),
        (("runs", "--experiment-name", "cutz"), 2, "known: 'cuts'"),
        (("gc", "--older-than", "often"), 2, "expected a duration such as 90s"),
    ],
)
def test_a_mistake_is_one_line(
    bench: Bench, arguments: tuple[str, ...], code: int, words: str
) -> None:
    """With the exit code of its kind and what to do."""
    assert words in bench(*arguments, code=code)


@pytest.mark.parametrize(
    ("uri", "code", "words"),
    [
        ("http://me:geheim@127.0.0.1:5000", 2, "is a server; give the address of its database"),
        ("sqlite:////nowhere/mlflow.db", 1, "the database does not exist"),
        ("postgresql://me:geheim@127.0.0.1:1/x", 1, "the server does not answer"),
    ],
)
@pytest.mark.parametrize("words_of", [("tables",), ("runs",), ("gc",), ("vacuum",)])
def test_a_store_that_cannot_be_used_is_one_line(
    capsys: pytest.CaptureFixture[str], words_of: tuple[str], uri: str, code: int, words: str
) -> None:
    """Without its password."""
    assert command.main(["db", *words_of, "--tracking-uri", uri]) == code
    said = capsys.readouterr().err
    assert words in said
    assert "geheim" not in said
    assert said.count("\n") == 1


def test_garbage_goes_when_it_is_told_to(
    bench: Bench, uri: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """First it is shown, then it goes with its files; MLflow has the rest as before."""
    folder = Path(uri.removeprefix("sqlite:///")).parent
    assert json.loads(bench("gc", "--older-than", "1d", "--json")) == []
    shown: list[dict[str, Any]] = json.loads(bench("gc", "--dry-run", "--json"))
    assert [row["name"] for row in shown] == ["gone"]
    assert Path(shown[0]["artifacts"], "solver.log").is_file()
    assert json.loads(bench("gc", "--json")) == shown
    bench("vacuum")
    assert capsys.readouterr().out == ""
    client = MlflowClient(uri)
    found = client.get_experiment_by_name("cuts")
    assert found is not None
    (kept,) = client.search_runs([found.experiment_id], run_view_type=3)
    assert kept.data.params == {"instance": "kept"}
    assert [path.parent.parent.name for path in folder.rglob("solver.log")] == [kept.info.run_id]


@pytest.mark.parametrize(
    ("text", "expected"), [("30d", 2_592_000), ("1d12h", 129_600), ("1.5h", 5400), ("90s", 90)]
)
def test_durations_add_up(text: str, expected: float) -> None:
    """Days, hours, minutes and seconds."""
    assert seconds(text, "--older-than") == expected


@pytest.mark.parametrize("text", ["30", "d", "1x", "-1d", "1d 2h", "1.2.3h"])
def test_another_duration_is_refused(text: str) -> None:
    """It says what one looks like."""
    with pytest.raises(UsageError, match="90s, 8h or 1d12h"):
        seconds(text, "--older-than")
