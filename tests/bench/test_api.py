"""The Python interface on results, as a script or a notebook uses it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from bench.api import by_instance, compare, figure, results
from bench.errors import UsageError
from bench.journal.table import COLUMNS

SETTINGS = {"default": 1.0, "cuts": 0.8}
FEW: dict[str, Any] = {"n_resamples": 100, "subsets": ("all",)}


@pytest.fixture
def csv(tmp_path: Path) -> Path:
    """Return a table in which ``cuts`` takes 0.8 times as long as ``default``."""
    rows = [
        {
            "instance": f"i{i}",
            "setting": setting,
            "seed": seed,
            "verdict": "solved",
            "solve_time_s": factor * (2.0 + i + seed),
            "n_nodes": 10 * (i + 1),
        }
        for setting, factor in SETTINGS.items()
        for i in range(12)
        for seed in (0, 1)
    ]
    path = tmp_path / "results.csv"
    pd.DataFrame(rows).to_csv(path, index=False)
    return path


def test_results_are_a_frame_with_the_columns_of_the_table(csv: Path) -> None:
    """All known columns, typed, also those that the file lacks."""
    frame = results(csv)
    assert len(frame) == 48
    assert list(frame.columns) == list(COLUMNS)
    assert frame["n_nodes"].dtype == "Int64"


@pytest.mark.slow
def test_a_frame_and_its_source_compare_alike(csv: Path) -> None:
    """What was selected with pandas can be compared, too."""
    whole = compare(results(csv), **FEW)
    assert whole == compare(str(csv), **FEW)
    part = results(csv).query("instance != 'i0'")
    assert compare(part, **FEW).comparison.basis.n_instances == 11


def test_options_are_those_of_the_command(csv: Path) -> None:
    """Baseline, measure, shift and policy by name; what there is not is refused."""
    found = compare(csv, baseline="cuts", measure="nodes", shift=10, failures="par10", **FEW)
    assert found.comparison.baseline == "cuts"
    assert (found.comparison.basis.shift, found.comparison.basis.failures) == (10, "par10")
    with pytest.raises(UsageError, match="no measure 'time'"):
        compare(csv, measure="time")
    with pytest.raises(TypeError, match="basline"):
        compare(csv, basline="cuts")


def test_the_baseline_that_a_sweep_declared_stays_with_its_frame(csv: Path) -> None:
    """As long as the frame has results of it."""
    frame = results(csv)
    frame.attrs["baseline"] = "cuts"
    assert compare(frame, **FEW).comparison.baseline == "cuts"
    other = frame.assign(setting=frame["setting"].replace({"cuts": "more cuts"}))
    assert compare(other, **FEW).comparison.baseline == "default"


def test_two_tables_are_told_apart_by_labels(csv: Path) -> None:
    """As on the command line."""
    frame = results(f"old={csv}", f"new={csv}")
    assert set(frame["setting"]) == {"old/default", "old/cuts", "new/default", "new/cuts"}


def test_settings_are_side_by_side_in_a_frame(csv: Path) -> None:
    """A row an instance, with the ratio to the baseline; of any column."""
    frame = by_instance(csv)
    names = {str(name) for name in frame.columns if "/" not in str(name)}
    assert {"instance", "warnings"} < names
    (ratio,) = [name for name in frame.columns if str(name).startswith("ratio/")]
    assert frame[ratio].notna().any()
    assert by_instance(csv, column="verdict")[ratio].isna().all()
    with pytest.raises(UsageError, match="no such column"):
        by_instance(csv, column="nodse")


def test_a_figure_is_plotlys(csv: Path) -> None:
    """A curve a setting, ready to be shown or changed."""
    drawn = figure("profile", csv)
    assert [curve.name for curve in drawn.data] == ["default", "cuts"]
    with pytest.raises(ValueError, match="unknown figure 'pie'; there are: profile"):
        figure("pie", csv)
    with pytest.raises(UsageError, match="only the journals"):
        figure("bounds", csv)


def test_nothing_recorded_yet_is_said_in_one_line(tmp_path: Path) -> None:
    """Not a traceback from within."""
    with pytest.raises(UsageError, match="there is no sweep in this folder yet"):
        results(work_dir=tmp_path)
    with pytest.raises(UsageError, match="the database does not exist"):
        results(experiment_name="scip", tracking_uri=f"sqlite:///{tmp_path}/mlflow.db")
