"""What a selector knows of an instance: the same at learning as at use."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from bench.execution.process import launch
from bench.instances import files
from bench.model.instances.problem import CONSTRAINT_CLASSES, ProblemStatistics, Sense
from bench.selection.features import FEATURES, features, features_of

MODEL = """
min
 2 x + 3 y + z
st
 pack: x + y <= 1
 cover: x + y + w >= 1
 mixed: x + 2 z >= 1
 even: z + 3 n = 6
bounds
 z <= 9
general
 n
binary
 x y w
end
"""
PROBLEM = ProblemStatistics(
    n_vars=4,
    n_bins=3,
    n_ints=0,
    n_conts=1,
    n_conss=2,
    n_nonzeros=6,
    n_equalities=1,
    n_bins_declared=3,
    n_ints_declared=0,
    sense=Sense.MINIMIZE,
    objective_offset=0.0,
    classes={**dict.fromkeys(CONSTRAINT_CLASSES, 0), "knapsack": 1, "mixedbinary": 1},
)


@pytest.mark.parametrize("solver", ["scip", "highs"])
def test_what_is_recorded_with_a_result_is_what_is_read_for_a_choice(
    bench: Callable[..., Any], tmp_path: Path, solver: str
) -> None:
    """No skew: each feature of the table of results is that of the file read again."""
    path = tmp_path / "m.lp"
    path.write_text(MODEL)
    done = bench("run", path, "--solver", solver, "--no-mlflow", "--no-verify", "-j1", "--json")
    learned = features(pd.DataFrame(done.json["results"])).iloc[0].to_dict()
    read = launch.inspect(files.load(path), solver, tmp_path).problem
    assert read is not None
    assert features_of(read) == learned
    assert learned["class/aggregation"] == 0.25
    assert learned["n_equalities/n_conss"] == 0.25
    assert not any(map(np.isnan, learned.values()))


def test_sizes_their_ratios_and_kinds_of_constraints_are_features() -> None:
    """Sizes as logarithms, kinds as shares of rows."""
    found = features_of(PROBLEM)
    assert tuple(found) == FEATURES
    assert found["n_vars"] == np.log1p(4)
    assert (found["n_bins/n_vars"], found["n_nonzeros/n_conss"]) == (0.75, 3.0)
    assert (found["class/knapsack"], found["class/setcovering"]) == (0.5, 0.0)


def test_a_table_in_a_file_has_the_same_features(tmp_path: Path) -> None:
    """Whatever types the columns have there."""
    from bench.journal.table import problem_columns

    table = pd.DataFrame([problem_columns(PROBLEM)])
    table.to_csv(tmp_path / "t.csv", index=False)
    table.to_parquet(tmp_path / "t.parquet")
    expected = features(table)
    for read in (pd.read_csv(tmp_path / "t.csv"), pd.read_parquet(tmp_path / "t.parquet")):
        pd.testing.assert_frame_equal(features(read), expected)


def test_what_is_not_known_is_nan() -> None:
    """Kinds that nobody has counted, and columns that a table lacks."""
    found = features(pd.DataFrame({"n_vars": [3, None], "n_conss": [2, 0]}))
    assert found["n_vars"].tolist()[0] == np.log1p(3)
    assert np.isnan(found["n_vars"].tolist()[1])
    assert found["n_bins"].isna().all()
    assert found["class/knapsack"].isna().tolist() == [True, False]
