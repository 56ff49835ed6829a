"""A self-test of the comparison, as text and as JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from bench.comparison.comparison import NoiseFloor
from bench.comparison.selftest import SelfTest
from bench.report.terminal.table import filled


def selftest_text(found: SelfTest, noise: NoiseFloor | None) -> str:
    """Return false alarms, power and noise floor, one sentence each."""
    promised = "as rare as promised" if found.holds else "MORE OFTEN THAN PROMISED"
    alarms = (
        f"False alarms: {found.alarms} of {found.n_rounds} ({found.rate:.1%}) comparisons of "
        f"{found.setting} with itself claim a difference, {promised} ({found.alpha:.1%}; "
        f"{found.n_blocks} results of {found.n_instances} instances)."
    )
    power = (
        f"Power: a slowdown of {found.effect:.0%} is detected in {found.detections} of "
        f"{found.n_rounds} comparisons ({found.power:.1%})."
    )
    if noise is None:
        floor = "Noise floor: not known, because no task was executed twice."
    elif noise.source == "repetitions":
        floor = f"Noise floor: differences below {noise.value:.1%} are noise ({noise.n} tasks)."
    else:
        floor = (
            "Noise floor: not known, because no task was executed twice; changing only the seeds "
            f"would move the mean of a setting by up to {noise.value:.1%} ({noise.n} results)."
        )
    return "\n".join(filled(sentence) for sentence in (alarms, power, floor))


def selftest_object(found: SelfTest, noise: NoiseFloor | None) -> dict[str, Any]:
    """Return everything ready for JSON."""
    rates = {"rate": found.rate, "power": found.power, "holds": found.holds}
    return asdict(found) | rates | {"noise": asdict(noise) if noise else None}
