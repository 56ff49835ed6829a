"""What the server answers, to good requests and to bad ones."""

from __future__ import annotations

import asyncio
import base64
import gzip
import json
import tempfile
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.bench.serving.conftest import TINY, Ask, client_of, registered, sleeping
from tests.waiting import PATIENCE_S


def packed(text: str) -> str:
    """Return a text as gzip in base64."""
    return base64.b64encode(gzip.compress(text.encode())).decode()


def test_a_problem_is_solved_and_its_solution_checked(ask: Ask, knapsack_text: str) -> None:
    """As text, packed, or by a path below the folder; the answer says how it was checked."""
    for body in ({"model": TINY}, {"model": packed(TINY)}, {"path": "tiny.lp", "gap": 0.1}):
        found = ask("/solve", body)
        assert found.status == 200, found.content
        answer = found.content
        assert (answer["status"], answer["objective"], answer["bound"]) == ("optimal", 3.0, 3.0)
        assert (answer["gap"], answer["solution"]) == (0.0, {"x": 3.0})
        assert answer["verification"].startswith("is feasible to 1e-9 (exact arithmetic")
        assert answer["verdict"] == "solved_unconfirmed"
        assert answer["seconds"] >= 0
    assert ask("/solve", {"model": knapsack_text}).content["objective"] == -8.0


def test_without_a_solution_there_is_null_and_never_nan(ask: Ask) -> None:
    """The answer is strict JSON, whatever the solver has to say."""
    answer = ask("/solve", {"model": "min\n x\nst\n a: x >= 3\n b: x <= 2\nend\n"}).content
    assert answer["status"] == "infeasible"
    assert (answer["objective"], answer["solution"], answer["gap"]) == (None, None, None)


def test_an_answer_says_what_may_not_be_meant(ask: Ask, knapsack_text: str) -> None:
    """The warnings of the lint come with it; of a clean problem there are none."""
    assert ask("/solve", {"model": knapsack_text}).content["warnings"] == []
    integral = knapsack_text.replace("UP BND a 1", "UP BND a -1")
    doubtful = "\n".join(line for line in integral.splitlines() if "MARKER" not in line)
    answer = ask("/solve", {"model": doubtful}).content
    assert answer["status"] == "infeasible"
    (warning,) = answer["warnings"]
    assert "column 'a' has a negative upper and no lower bound" in warning


def test_a_start_is_used(ask: Ask, tmp_path: Path) -> None:
    """A setting that ends at its first solution answers with it."""
    client = client_of(registered(limits__solutions=1), tmp_path)
    text = "max\n x + 2 y\nst\n a: x + y <= 10.5\nbounds\n 0 <= y <= 5\ngeneral\n x y\nend\n"
    found = asyncio.run(client.ask("/solve", {"model": text, "start": {"x": 3, "y": 4}}))
    assert found is not None
    assert found.content["solution"] == {"x": 3.0, "y": 4.0}
    client.service.close()
    del ask


def test_mlflows_protocol_has_a_row_for_each_problem(ask: Ask) -> None:
    """In all forms that hold rows; params are for all of them."""
    rows = [{"model": TINY}, {"model": TINY.replace("3", "4")}]
    forms: list[dict[str, Any]] = [
        {"dataframe_split": {"columns": ["model"], "data": [[row["model"]] for row in rows]}},
        {"dataframe_records": rows},
        {"instances": rows},
        {"inputs": rows},
        {"inputs": {"model": [row["model"] for row in rows]}},
    ]
    for form in forms[:1]:
        found = ask("/invocations", {**form, "params": {"time_limit": 10}})
        assert [one["objective"] for one in found.content["predictions"]] == [3.0, 4.0]
    for form in forms[1:]:
        refused = ask("/invocations", {**form, "params": {"time_limit": 26}})
        assert "at most 25 s for each of 2 rows" in refused.content["error"]


def test_it_says_what_it_serves(ask: Ask) -> None:
    """With the versions of bench, model and solver."""
    found = ask("/version").content
    assert (found["model"], found["version"], found["aliases"]) == ("m", 3, ["champion"])
    assert (found["solver"], found["params"]) == ("scip", {"separating/maxrounds": 0})
    assert ask("/ping").content == {"status": "ok"}


BAD: list[tuple[Any, int, str]] = [
    (b"", 400, "the body is not JSON"),
    (b"{", 400, "the body is not JSON"),
    (b"\xff", 400, "the body is not JSON"),
    (b"[" * 100_000, 400, "nested too deeply"),
    (b'{"model": NaN}', 400, "NaN is not a JSON number"),
    (b'{"gap": 1, "gap": 2}', 400, "the name 'gap' is given twice"),
    (b'{"gap": 1' + b"0" * 5000 + b"}", 400, "the body is not JSON"),
    ([], 400, "the body must be a JSON object"),
    ({}, 400, "expected either model"),
    ({"model": TINY, "path": "tiny.lp"}, 400, "expected either model"),
    ({"modle": TINY}, 400, "unknown field 'modle'; known: model, path, time_limit, gap, start"),
    ({"model": 3}, 400, "model: expected a text"),
    ({"model": "hello"}, 400, "model: neither MPS"),
    ({"model": ""}, 400, "model: neither MPS"),
    ({"model": "min \ud800"}, 400, "model: not a text in UTF-8"),
    ({"model": "H4sIAAAA"}, 400, "model: damaged gzip in base64"),
    ({"model": packed(TINY)[:-12]}, 400, "model: damaged gzip in base64"),
    ({"model": packed("min" + " " * 2**21)}, 413, "model: its uncompressed text is larger"),
    ({"model": "min" + " " * 2**21}, 413, "the body is larger than 1 MiB"),
    ({"model": "min\n x\nst\n a: x >= 1 ]\nend\n"}, 422, "model.lp"),
    ({"model": "NAME\nROWS\n N c\nCOLUMNS\n x c q\nENDATA\n"}, 422, "model.mps"),
    ({"path": "../elsewhere.lp"}, 400, "path: the file is outside the folder"),
    ({"path": "/etc/passwd"}, 400, "path: the file is outside the folder"),
    ({"path": "link.lp"}, 400, "path: the file is outside the folder"),
    ({"path": "a\0b"}, 400, "path: the file is outside the folder"),
    ({"path": "x" * 5000}, 400, "path: "),
    ({"path": "nope.lp"}, 400, "path: there is no file 'nope.lp'"),
    ({"path": "."}, 400, "path: there is no file"),
    ({"model": TINY, "time_limit": 51}, 400, "time_limit = 51: expected more than 0 and at most"),
    ({"model": TINY, "time_limit": 0}, 400, "time_limit = 0"),
    ({"model": TINY, "time_limit": "5"}, 400, 'time_limit: expected a number, not "5"'),
    ({"model": TINY, "time_limit": True}, 400, "time_limit: expected a number, not true"),
    ({"model": TINY, "time_limit": 10**400}, 400, "time_limit: expected a finite number"),
    ({"model": TINY, "gap": -1}, 400, "gap = -1: expected a number of at least 0"),
    ({"model": TINY, "start": [1]}, 400, "start: expected an object of column names and values"),
    ({"model": TINY, "start": {"x": "1"}}, 400, "start: x: expected a number"),
    ({"model": TINY, "start": {"x y": 1}}, 400, "start: 'x y' is not the name of a column"),
    ({"model": TINY, "start": {"y": 1}}, 422, "start: the problem has no column 'y'"),
]


@pytest.mark.parametrize(("body", "status", "said"), BAD)
def test_a_bad_request_is_refused_in_one_line(ask: Ask, body: Any, status: int, said: str) -> None:
    """With the status of its kind, as JSON, and what to do instead where that can be said."""
    found = ask("/solve", body)
    assert (found.status, list(found.content)) == (status, ["error"])
    assert said in found.content["error"]
    assert "\n" not in found.content["error"]
    assert tempfile.gettempdir() not in found.content["error"]


BAD_ROWS: list[tuple[Any, str]] = [
    ({}, "expected one of dataframe_split"),
    ({"dataframe_split": []}, "dataframe_split: expected"),
    ({"dataframe_split": {"columns": ["model"], "data": [[TINY, 1]]}}, "dataframe_split: expected"),
    ({"dataframe_split": {"columns": ["m"], "data": [[TINY]]}}, "unknown column 'm'"),
    ({"dataframe_records": []}, "no rows"),
    ({"dataframe_records": [{"start": {}}]}, "model: expected a problem as text"),
    ({"instances": [3]}, "instances: expected a list of rows"),
    ({"inputs": {"model": [TINY], "start": []}}, "inputs: all columns must have the same length"),
    ({"inputs": [{"model": TINY}], "params": {"tmie_limit": 3}}, "unknown param 'tmie_limit'"),
    ({"inputs": [{"model": TINY}], "params": [3]}, "params: expected an object"),
    ({"inputs": [], "instances": []}, "expected one of dataframe_split"),
]


@pytest.mark.parametrize(("body", "said"), BAD_ROWS)
def test_a_bad_invocation_is_refused_in_one_line(ask: Ask, body: Any, said: str) -> None:
    """A misspelt column or param, too, which MLflow's own server passes over."""
    found = ask("/invocations", body)
    assert found.status == 400
    assert said in found.content["error"]


def test_all_rows_together_are_bounded_once_they_are_unpacked(ask: Ask) -> None:
    """Many small archives are as large as one large one."""
    rows = [{"model": packed("min" + " " * 2**19)}] * 4
    found = ask("/invocations", {"inputs": rows})
    assert found.status == 413
    assert "model: its uncompressed text is larger" in found.content["error"]


def test_other_paths_methods_and_types_are_refused(ask: Ask) -> None:
    """As HTTP has it."""
    assert ask("/nope").status == 404
    refused = ask("/solve")
    assert (refused.status, refused.headers["allow"]) == (405, "POST")
    assert ask("/ping", b"", method="POST").status == 405
    assert ask("/invocations", b"model\n", headers={"Content-Type": "text/csv"}).status == 415


@pytest.mark.slow
@settings(max_examples=25)
@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["model", "path", "time_limit", "gap", "start", "inputs", "params"])
                | st.text(max_size=4),
                inner,
                max_size=4,
            )
        ),
        max_leaves=12,
    )
)
def test_nothing_that_is_sent_is_a_mistake_of_the_server(content: Any) -> None:
    """Whatever it is, the answer is 4xx."""
    client = client_of(registered("fake"), Path(tempfile.gettempdir()))
    for path in ("/solve", "/invocations"):
        found = asyncio.run(client.ask(path, json.dumps(content).encode()))
        assert found is not None
        assert 400 <= found.status < 500, found.content
    client.service.close()


TOKEN = "secret"  # noqa: S105


def test_a_token_is_asked_for(tmp_path: Path) -> None:
    """By all but /ping, and compared as a whole."""
    client = client_of(registered(), tmp_path, token=TOKEN)

    def status(path: str, **headers: str) -> int:
        found = asyncio.run(client.ask(path, headers=headers))
        assert found is not None
        return found.status

    assert status("/ping") == 200
    assert status("/version") == 401
    assert status("/version", Authorization=f"Bearer {TOKEN[:-1]}") == 401
    assert status("/version", Authorization=f"Bearer {TOKEN}") == 200
    client.service.close()


def in_folder(folder: Path, pattern: str = "*") -> list[Path]:
    """Return the files that are there now."""
    return list(folder.glob(pattern))


async def until_solving(folder: Path, n: int = 1) -> None:
    """Wait until so many solves have begun."""
    end = time.monotonic() + PATIENCE_S
    while len(in_folder(folder, "bench-solve-*/task/solving")) < n:
        assert time.monotonic() < end
        await asyncio.sleep(0.05)


def test_who_finds_all_places_taken_is_told_to_come_again(
    fork_server: None, tmp_path: Path
) -> None:
    """With 503 and Retry-After; /ping answers meanwhile, and a bad request is 400 all the same."""
    del fork_server

    async def scene() -> None:
        async with sleeping(tmp_path, n_places=2) as client:
            first = [asyncio.create_task(client.ask("/solve", {"model": TINY})) for _ in "12"]
            await until_solving(tmp_path, 2)
            began = time.monotonic()
            ping, busy, bad = [
                await client.ask(*request)
                for request in (("/ping",), ("/solve", {"model": TINY}), ("/solve", {}))
            ]
            assert time.monotonic() - began < PATIENCE_S
            assert ping
            assert ping.status == 200
            assert busy
            assert (busy.status, busy.headers["retry-after"]) == (503, "1")
            assert bad
            assert bad.status == 400
            client.service.stop()
            assert [one.status for one in await asyncio.gather(*first) if one] == [503, 503]

    asyncio.run(scene())


def test_a_solve_ends_when_its_client_leaves(fork_server: None, tmp_path: Path) -> None:
    """Its processes are gone, nothing of it is left on the disk, and the place is free."""
    del fork_server

    async def scene() -> None:
        async with sleeping(tmp_path) as client:
            leave = asyncio.Event()
            waiting = asyncio.create_task(client.ask("/solve", {"model": TINY}, leave=leave))
            await until_solving(tmp_path)
            leave.set()
            began = time.monotonic()
            assert await waiting is None
            assert time.monotonic() - began < PATIENCE_S
            assert not in_folder(tmp_path)
            again = asyncio.create_task(client.ask("/solve", {"model": TINY}))
            await until_solving(tmp_path)
            client.service.stop()
            await again

    asyncio.run(scene())


def test_a_solve_ends_at_the_timeout(fork_server: None, tmp_path: Path) -> None:
    """Whatever the solver does; the answer is 504."""
    del fork_server

    async def scene() -> None:
        async with sleeping(tmp_path, timeout=1.0) as client:
            found = await client.ask("/solve", {"model": TINY})
            assert found
            assert (found.status, list(found.content)) == (504, ["error"])
            assert not in_folder(tmp_path)

    asyncio.run(scene())


@pytest.mark.parametrize(
    ("behaviour", "status", "said"),
    [("segfault", 500, "SIGSEGV"), ("refuse", 422, ""), ("raise", 500, "returned no result")],
)
def test_a_solver_that_crashes_hurts_nobody(
    fork_server: None, tmp_path: Path, behaviour: str, status: int, said: str
) -> None:
    """It is a line for who asked; the next one is served."""
    del fork_server
    client = client_of(registered("fake", behaviour=behaviour), tmp_path)
    for _ in range(2):
        found = asyncio.run(client.ask("/solve", {"model": TINY}))
        assert found
        assert found.status == status
        assert said in found.content["error"]
    client.service.close()
