"""The noise floor."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest

from bench.comparison.compare import compare
from bench.comparison.comparison import NoiseFloor
from bench.comparison.noise_floor import describe_noise, noise_floor
from bench.comparison.options import Options

Make = Callable[..., pd.DataFrame]


def test_repetitions_tell_the_drift_of_a_machine(make: Make) -> None:
    """Everything took 20 % longer the second time; small times and the shift soften it."""
    frame = make({"default": 1.0}, n=20)
    slower = frame.assign(solve_time_s=1.2 * frame["solve_time_s"], started_at=2.0)
    noise = noise_floor(pd.concat([frame.assign(started_at=1.0), slower]))
    assert noise is not None
    assert (noise.source, noise.n) == ("repetitions", 60)
    assert 0.17 < noise.value < 0.21


def test_repetitions_with_the_same_nodes_have_no_noise(make: Make) -> None:
    """A deterministic measure is known exactly."""
    frame = make({"default": 1.0}).assign(n_nodes=17)
    noise = noise_floor(pd.concat([frame, frame]), Options(measure="nodes"))
    assert noise is not None
    assert noise.value == pytest.approx(0.0, abs=1e-12)


def test_seeds_tell_what_other_seeds_would_change(make: Make) -> None:
    """The more the seeds scatter, the more; it stands in the notes."""
    calm, wild = (make({"default": 1.0, "cuts": 1.0}, scatter=each) for each in (0.05, 0.5))
    floors = [noise_floor(frame) for frame in (calm, wild)]
    assert [each and each.source for each in floors] == ["seeds", "seeds"]
    assert floors[0] is not None
    assert floors[1] is not None
    assert floors[0].value < floors[1].value / 5
    assert "changing only the seeds would move" in compare(calm).notes[-1]


def test_a_table_without_anything_repeated_tells_nothing(make: Make) -> None:
    """One execution and one seed of each instance."""
    assert noise_floor(make({"default": 1.0}, seeds=1)) is None


def test_where_nothing_is_solved_there_is_no_floor(make: Make) -> None:
    """The comparison says what there is to say."""
    frame = make({"default": 1.0, "cuts": 0.8}).assign(verdict="limit")
    assert compare(frame).noise is None


@pytest.mark.parametrize(("value", "text"), [(0.004, "0.4 %"), (0.08, "8 %"), (1.46, "146 %")])
def test_a_floor_is_told_in_plain_digits(value: float, text: str) -> None:
    """Also above 100 %."""
    (note,) = describe_noise(NoiseFloor(source="seeds", n=6, value=value))
    assert note.endswith(f"up to {text}")
