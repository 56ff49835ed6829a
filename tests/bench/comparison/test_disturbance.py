"""Whether a difference of wall times stands where something else was busy on the machine."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from bench.comparison.compare import compare
from bench.comparison.comparison import Comparison
from bench.comparison.gate import Decision, decide
from bench.comparison.normalize import newest, normalize
from bench.comparison.options import Options
from bench.comparison.setting_statistics import setting_statistics
from bench.comparison.wording.narrative import Conclusion, ConclusionKind, conclusion

Make = Callable[..., pd.DataFrame]
NOISE = "other processes used 90% of a core"
UNKNOWN = float("nan")


@pytest.fixture
def frame() -> Make:
    """Return a maker of results of ``default`` and ``b`` on 40 instances.

    ``cpu`` is by which factor b takes more CPU time; ``shares`` of default and b are disturbed,
    which makes their wall time ``slow`` times as long. Times repeat within 10 %.
    """

    def make(
        shares: tuple[float, float], cpu: float = 1.0, slow: float = 2.0, n: int = 40
    ) -> pd.DataFrame:
        rng = np.random.default_rng(3)
        hardness = np.exp(rng.normal(2, 1.2, n))
        rows = []
        for setting, factor, share in zip(("default", "b"), (1.0, cpu), shares, strict=True):
            for at in range(n):
                seconds = factor * hardness[at] * np.exp(rng.normal(0, 0.1))
                is_disturbed = at < share * n
                wall = seconds * (slow if is_disturbed else 1.0)
                rows.append(
                    {
                        "instance": f"i{at}",
                        "setting": setting,
                        "verdict": "solved",
                        "termination": "normal",
                        "clock": "wall",
                        "solve_time_s": wall,
                        "solve_wall_s": wall,
                        "solve_cpu_s": seconds,
                        "noise": NOISE if is_disturbed else "",
                    }
                )
        return pd.DataFrame(rows)

    return make


def _of_b(frame: pd.DataFrame, measure: str = "solve") -> tuple[Comparison, Conclusion]:
    found = compare(frame, Options(measure=measure))
    return found, conclusion(found, "b")


def test_undisturbed_results_say_nothing_of_it(frame: Make) -> None:
    """The sentence is what it was."""
    found, b = _of_b(frame((0, 0), cpu=0.7))
    assert b.outcome is ConclusionKind.BETTER
    assert "disturbed" not in b.sentence
    assert not [each for each in found.warnings if "disturbed" in each]
    difference = found.tables[0].row("b").against
    assert difference
    assert difference.disturbance is None


def test_alike_disturbed_settings_are_compared_by_wall_time(frame: Make) -> None:
    """It only costs power; the counts stand beside the claim."""
    found, b = _of_b(frame((0.5, 0.5), cpu=0.7))
    assert b.outcome is ConclusionKind.BETTER
    assert b.sentence.endswith(
        "disturbed: 20 of 40 results of b, 20 of 40 of default, similar enough to decide by wall "
        "time"
    )
    (warning,) = (each for each in found.warnings if "disturbed" in each)
    assert "40 of 80 results were disturbed by an external slowdown (default 20 of 40" in warning
    assert "--redo-disturbed" in warning
    assert [row.disturbed for row in found.tables[0].rows] == [20, 20]


@pytest.mark.parametrize(
    ("shares", "cpu", "outcome"),
    [
        ((1.0, 0.0), 1.0, ConclusionKind.UNDECIDED),
        ((0.0, 1.0), 1.0, ConclusionKind.UNDECIDED),
        ((1.0, 0.0), 1.1, ConclusionKind.UNDECIDED),
        ((1.0, 0.0), 0.97, ConclusionKind.UNDECIDED),
        ((1.0, 0.0), 0.7, ConclusionKind.BETTER),
        ((0.0, 1.0), 1.4, ConclusionKind.WORSE),
        ((0.15, 0.0), 0.7, ConclusionKind.BETTER),
    ],
)
def test_unequally_disturbed_settings_need_cpu_time_to_confirm_it(
    shares: tuple[float, float], cpu: float, outcome: ConclusionKind, frame: Make
) -> None:
    """In the same direction, by more than 5 %; the sentence says what decided."""
    _, b = _of_b(frame(shares, cpu=cpu))
    assert b.outcome is outcome
    assert "disturbed: " in b.sentence
    if outcome is ConclusionKind.UNDECIDED:
        assert b.sentence.startswith("inconclusive: b and default were not equally disturbed; ")
        assert "by wall time" in b.sentence
        assert "CPU time does not confirm that (ratio" in b.sentence
    else:
        assert "so CPU time decides, and confirms it (ratio" in b.sentence


def test_a_difference_of_five_points_is_alike(frame: Make) -> None:
    """Beyond it is not."""
    for share, text in ((0.05, "similar enough"), (0.075, "so CPU time decides")):
        assert text in _of_b(frame((share, 0.0), cpu=0.7))[1].sentence


def test_without_cpu_time_the_interval_is_widened(frame: Make) -> None:
    """By what is known of other disturbed results; where nothing is, nothing can be told."""
    for cpu, outcome in ((0.5, ConclusionKind.BETTER), (0.9, ConclusionKind.UNDECIDED)):
        results = frame((0.3, 0.0), cpu=cpu)
        results.loc[0, "solve_cpu_s"] = UNKNOWN
        _, b = _of_b(results)
        assert b.outcome is outcome
        assert "widened by the possible effect" in b.sentence
    unknown = frame((1.0, 0.0), cpu=0.5).assign(solve_cpu_s=UNKNOWN)
    _, b = _of_b(unknown)
    assert b.outcome is ConclusionKind.UNDECIDED
    assert "there is no comparable CPU time to confirm that" in b.sentence


def test_cpu_time_of_several_threads_does_not_compare(frame: Make) -> None:
    """Four threads: CPU seconds say nothing of how long each of them waited."""
    results = frame((1.0, 0.0), cpu=0.5)
    results["solve_cpu_s"] *= 4
    _, b = _of_b(results)
    assert b.outcome is ConclusionKind.UNDECIDED
    assert "no comparable CPU time" in b.sentence


@pytest.mark.parametrize("measure", ["cpu", "nodes"])
def test_other_measures_than_wall_time_are_only_counted(measure: str, frame: Make) -> None:
    """They are not the machine's."""
    results = frame((1.0, 0.0), cpu=0.7)
    results["n_nodes"] = results["solve_cpu_s"] * 1000
    _, b = _of_b(results, measure)
    assert b.outcome is ConclusionKind.BETTER
    assert b.sentence.endswith("disturbed: 0 of 40 results of b, 40 of 40 of default")


def test_a_setting_that_fails_more_is_not_called_faster_by_a_disturbance(frame: Make) -> None:
    """The sentence begins with the failures, and says that times let nothing conclude."""
    results = frame((1.0, 0.0))
    results.loc[results.index[-2:], "verdict"] = "crashed"
    _, b = _of_b(results)
    assert b.outcome is ConclusionKind.FAILS_MORE
    assert "inconclusive on the 38 instances that both solve" in b.sentence
    assert "disturbed: 0 of 38 results of b, 38 of 38 of default" in b.sentence


def test_of_repetitions_the_newest_undisturbed_one_counts() -> None:
    """Where all were disturbed, the newest; the note says so."""
    rows = [
        {"instance": name, "setting": "a", "verdict": "solved", "solve_time_s": at, "noise": noise}
        for name, noises in (("x", ("", "", NOISE)), ("y", (NOISE, NOISE)), ("z", ("", "none")))
        for at, noise in enumerate(noises)
    ]
    kept, (note,) = newest(normalize(pd.DataFrame(rows))[0])
    assert dict(zip(kept["instance"].astype(str), kept["solve_time_s"], strict=True)) == {
        "x": 1.0,
        "y": 1.0,
        "z": 1.0,
    }
    assert "the newest that was not disturbed counts" in note


@pytest.mark.parametrize(
    ("shares", "cpu", "decision"),
    [
        ((0.0, 0.0), 0.8, Decision.PASS),
        ((0.5, 0.5), 0.8, Decision.PASS),
        ((1.0, 0.0), 0.8, Decision.PASS),
        ((1.0, 0.0), 1.3, Decision.UNDECIDED),
        ((0.0, 1.0), 1.0, Decision.UNDECIDED),
        ((0.0, 1.0), 1.4, Decision.REGRESSION),
    ],
)
def test_the_gate_does_not_decide_by_what_the_machine_did(
    shares: tuple[float, float], cpu: float, decision: Decision, frame: Make
) -> None:
    """Neither is a slower candidate let through, nor one that is as fast called slower."""
    gate = decide(compare(frame(shares, cpu=cpu)), "b")
    assert gate.decision is decision
    assert ("disturbed: " in gate.reason) == any(shares)


def test_the_statistics_of_a_setting_count_its_disturbed_results(frame: Make) -> None:
    """One setting needs no comparison to be disturbed."""
    _, notes = setting_statistics(frame((0.5, 0.0)), Options())
    (note,) = notes
    assert note.startswith(
        "default: 20 of 40 results were disturbed by an external slowdown; bench "
    )
