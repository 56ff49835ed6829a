"""A tuning as text and as JSON: the winner, why it wins, and what its test says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from bench.report.terminal.table import filled, render
from bench.statistics.intervals import Interval
from bench.tuning.ablation import Ablation
from bench.tuning.candidate import STOCK
from bench.tuning.record import Phase, Progress, Split
from bench.tuning.scores import Objective

NONE_BETTER = "No setting found that is better than stock on unseen instances."
CHANGES = ("change", "alone", "95 % interval", "with those above", "95 % interval")


def tuning_lines(name: str, progress: Progress, split: Split) -> list[str]:
    """Return what a person reads at the end of a tuning, or when it was interrupted."""
    if progress.nothing_to_gain:
        return [filled(_sentence(progress.nothing_to_gain)), NONE_BETTER]
    lines = [filled(_effort(progress, split))]
    if progress.objective is Objective.INTEGRAL:
        lines.append(
            filled(
                "The stock setting ends at the time limit on all instances it was tried on: tuned "
                "for the primal-dual integral instead of CPU time."
            )
        )
    if progress.incumbent == STOCK:
        word = "Nothing beats stock so far" if progress.phase is Phase.RACE else NONE_BETTER
        return [*lines, word if word == NONE_BETTER else f"{word}."]
    title = "Leads" if progress.phase is Phase.RACE else "Winner"
    lines.append(filled(f"{title} on the training set: {progress.incumbent} ({progress.changes})."))
    if progress.why is not None:
        lines += ["", _why_table(progress.why), filled(_why_text(progress.why)), ""]
    if progress.phase is Phase.DONE:
        lines += [filled(each) for each in _test_sentences(name, progress)]
    return lines


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _effort(progress: Progress, split: Split) -> str:
    return (
        f"{progress.n_candidates} settings were tried in {progress.n_solves} solves on "
        f"{len(split.train)} training instances; {progress.spent_s:.3g} of "
        f"{progress.budget_s:.3g} CPU seconds are spent."
    )


def _why_table(why: Ablation) -> str:
    rows = [
        [
            one.label,
            f"{one.alone:.2f}",
            interval_text(one.alone_interval),
            f"{one.after:.2f}",
            interval_text(one.after_interval),
        ]
        for one in why.contributions
    ]
    return render(CHANGES, rows)


def _why_text(why: Ablation) -> str:
    n = len(why.contributions)
    kept = next((at for at, one in enumerate(why.contributions, 1) if _is_last(why, at)), n)
    basis = (
        f"CPU time against stock, as ratios of means with a shift of 0.1 s, on {why.n_pairs} "
        f"training pairs of {why.n_instances} instances with new seeds."
    )
    if n == 1:
        return basis
    if kept < n:
        return f"{basis} The first {kept} of {n} changes keep 95 % of the gain (smallest.set)."
    return f"{basis} All {n} changes are needed to keep 95 % of the gain."


def _is_last(why: Ablation, n_changes: int) -> bool:
    """Return whether the smallest setting is made of so many changes."""
    return why.smallest.name == f"up to {why.contributions[n_changes - 1].label}" or (
        n_changes == 1 and why.smallest.name == f"only {why.contributions[0].label}"
    )


def _test_sentences(name: str, progress: Progress) -> Sequence[str]:
    n, seeds = progress.n_test_instances, progress.n_test_seeds
    on = (
        f"On {n} unseen instance{'s' * (n != 1)} with {seeds} new seed{'s' * (seeds != 1)} "
        f"({name}-test):"
    )
    said = [on, *(f"- {each}" for each in progress.conclusions)]
    return said if progress.better else [*said, NONE_BETTER]


def interval_text(interval: Interval | None) -> str:
    """Return an interval of ratios, a dash where there is none."""
    return "-" if interval is None else f"{interval.low:.2f} to {interval.high:.2f}"


def progress_lines(progress: Progress) -> list[str]:
    """Return how far a tuning has come: its budget, and who leads."""
    word = "winner" if progress.phase is Phase.DONE else "incumbent"
    spent = f"{progress.spent_s:.3g} of {progress.budget_s:.3g} CPU seconds spent"
    lines = [
        f"budget: {spent}, {progress.n_candidates} settings tried",
        filled(f"{word}: {progress.incumbent} ({progress.changes})"),
    ]
    if progress.phase is Phase.TEST:
        lines.append("next: the test on unseen instances")
    return lines


def progress_object(progress: Progress) -> dict[str, Any]:
    """Return how far a tuning has come, ready for JSON."""
    found = asdict(progress)
    del found["standings"]
    return {**found, "better": progress.better or None}


def tuning_object(name: str, progress: Progress, split: Split) -> dict[str, Any]:
    """Return a tuning ready for JSON."""
    return {
        "tuning": name,
        **progress_object(progress),
        "training": [split.names.get(each, each) for each in split.train],
        "test": [split.names.get(each, each) for each in split.test],
    }
