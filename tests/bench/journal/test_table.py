"""The table of results."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bench.errors import TrackingError
from bench.journal.table import COLUMNS, frame, read_parquet, row, write_frame, write_parquet
from bench.model.results.result import Result
from bench.model.setting import Setting

MakeResult = Callable[..., Result]


def test_a_row_has_the_columns_in_their_order_and_then_the_knobs(result: Result) -> None:
    """Scripts rely on names; the same row is printed as JSON."""
    assert list(row(result)) == [*COLUMNS, "knob/alpha", "knob/l1_ratio"]


def test_a_row_holds_the_values(result: Result) -> None:
    """One of each kind."""
    expected = {
        "instance": "p0033",
        "key": result.task.key,
        "verdict": "solved",
        "verdict_kind": None,
        "reference": "opt",
        "reference_value": 3089.0,
        "reference_dual_value": None,
        "primal_bound": 3089.0,
        "n_nodes": 12,
        "n_bins": 33,
        "time_limit_s": 10.0,
        "gap_limit": None,
        "clock": "wall",
        "params": '{"separating/maxrounds": 5}',
        "knob/alpha": 0.15,
    }
    assert expected.items() <= row(result).items()


def test_a_row_is_plain_json(result: Result) -> None:
    """Neither NaN nor infinity gets into it, not even by parameters."""
    answer = replace(result.answer, primal_bound=math.inf, dual_bound=-1e20, gap=math.nan)
    setting = Setting(name="x", solver="highs", params={"cutoff": math.inf})
    task = replace(result.task, setting=setting)
    flat = row(replace(result, answer=answer, task=task))
    json.dumps(flat, allow_nan=False)
    assert (flat["primal_bound"], flat["dual_bound"], flat["gap"]) == (None, None, None)
    assert flat["params"] == '{"cutoff": "inf"}'


def test_a_table_survives_the_file(
    tmp_path: Path, make_result: MakeResult, crashed: Result
) -> None:
    """Types are the same whatever is missing."""
    results = [make_result(), crashed]
    write_parquet(results, tmp_path / "results.parquet")
    table = read_parquet(tmp_path / "results.parquet")
    assert table.equals(frame(results))
    assert str(table["n_nodes"].dtype) == "Int64"
    assert table["n_nodes"].isna().tolist() == [False, True]
    assert str(table["status"].dtype) == "string"


def test_settings_with_different_knobs_share_a_table(make_result: MakeResult) -> None:
    """A knob that a setting does not have is missing there."""
    other = Setting(name="x", solver="scip", knobs={"beta": 2.0})
    table = frame([make_result(), make_result(setting=other)])
    assert table["knob/alpha"].isna().tolist() == [False, True]
    assert table["knob/beta"].tolist()[1] == 2.0


def test_an_empty_table_has_all_columns() -> None:
    """Reading code needs no special case."""
    assert list(frame([]).columns) == list(COLUMNS)


def test_a_verdict_that_was_called_otherwise_is_read_by_its_name_of_today(
    tmp_path: Path, make_result: MakeResult
) -> None:
    """Tables of version 0.1 stay usable."""
    path = tmp_path / "results.parquet"
    table = frame([make_result()])
    table["verdict"] = table["verdict"].astype("object").map(lambda _: "solved_unverified")
    write_frame(table.astype({"verdict": "string"}), path)
    table = read_parquet(path)
    assert table["verdict"].tolist() == ["solved_unconfirmed"]
    assert str(table["verdict"].dtype) == "string"


def test_a_table_is_written_whole_or_not_at_all(
    tmp_path: Path, result: Result, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A failure leaves the earlier table and no half-written file."""
    path = tmp_path / "results.parquet"
    write_parquet([result], path)
    before = path.read_bytes()

    def refuse(_self: Path, _target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(TrackingError, match="No space left"):
        write_parquet([result, result], path)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir() if file.is_file()] == ["results.parquet"]


@pytest.mark.parametrize("content", [None, b"no parquet"])
def test_a_file_that_is_no_table_is_one_clear_error(tmp_path: Path, content: bytes | None) -> None:
    """Missing or damaged, the user sees one line."""
    path = tmp_path / "results.parquet"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(TrackingError, match=r"cannot read .*results.parquet"):
        read_parquet(path)
