"""A tuning as text and as JSON: the winner, the reasons, and the conclusion of its test."""

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
NONE_TO_TEST = "No setting was better than stock on the training set; the test set was not used."
NO_WHY = "The budget was too small to try each change of the winner alone."
CHANGES = ("change", "alone", "95 % interval", "with those above", "95 % interval")


def tuning_lines(name: str, progress: Progress, split: Split) -> list[str]:
    """Return the text at the end of a tuning, or after an interruption."""
    if progress.nothing_to_gain:
        return [filled(each) for each in winner_sentences(progress)]
    lines = [filled(each) for each in (effort_text(progress, split), *winner_sentences(progress))]
    if progress.incumbent == STOCK:
        return lines
    if progress.why is not None:
        lines += [
            "",
            render(CHANGES, change_rows(progress.why)),
            filled(why_text(progress.why)),
            "",
        ]
    elif progress.phase is not Phase.RACE:
        lines.append(NO_WHY)
    return [*lines, *(filled(each) for each in test_sentences(name, progress))]


def winner_sentences(progress: Progress) -> list[str]:
    """Return who wins on the training set, or why nobody does."""
    if progress.nothing_to_gain:
        return [_sentence(progress.nothing_to_gain), NONE_BETTER]
    found = []
    if progress.objective is Objective.INTEGRAL:
        found.append(
            "The stock setting reached the time limit on all instances it was tried on, "
            "therefore the primal-dual integral was tuned instead of CPU time."
        )
    if progress.incumbent == STOCK:
        is_racing = progress.phase is Phase.RACE
        unused = [NONE_TO_TEST] if progress.tested is None else []
        return [*found, *(["Nothing beats stock so far."] if is_racing else [*unused, NONE_BETTER])]
    title = "Leads" if progress.phase is Phase.RACE else "Winner"
    return [*found, f"{title} on the training set: {_named(progress)}."]


def _named(progress: Progress) -> str:
    """Return the incumbent's name, with its changes where these are not its name."""
    if progress.changes == progress.incumbent:
        return progress.incumbent
    return f"{progress.incumbent} ({progress.changes})"


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def effort_text(progress: Progress, split: Split) -> str:
    """Return how much was tried, and what it took."""
    n = len(split.train)
    some = f"{progress.n_train} of " if 0 < progress.n_train < n else ""
    return (
        f"{progress.n_candidates} settings were tried in {progress.n_solves} solves on {some}{n} "
        f"training instance{'s' * (n != 1)}; {progress.spent_s:.3g} of {progress.budget_s:.3g} "
        "CPU seconds were used."
    )


def change_rows(why: Ablation) -> list[tuple[str, ...]]:
    """Return a row of `CHANGES` for each change of the winner."""
    return [
        (
            one.label,
            f"{one.alone:.2f}",
            interval_text(one.alone_interval),
            f"{one.after:.2f}",
            interval_text(one.after_interval),
        )
        for one in why.contributions
    ]


def why_text(why: Ablation) -> str:
    """Return what the ratios of an ablation are of, and how many changes matter."""
    n = len(why.contributions)
    kept = next((at for at, one in enumerate(why.contributions, 1) if _is_last(why, at)), n)
    basis = (
        f"CPU time against stock, as ratios of means with a shift of 0.1 s, on {why.n_pairs} "
        f"training pairs of {why.n_instances} instances with new seeds."
    )
    if n == 1:
        return basis
    if kept < n:
        return f"{basis} The first {kept} of {n} changes keep 95 % of the gain; see smallest.set."
    return f"{basis} All {n} changes are needed to keep 95 % of the gain."


def _is_last(why: Ablation, n_changes: int) -> bool:
    """Return whether the smallest setting has this many changes."""
    return why.smallest.name == f"up to {why.contributions[n_changes - 1].label}" or (
        n_changes == 1 and why.smallest.name == f"only {why.contributions[0].label}"
    )


def test_sentences(name: str, progress: Progress) -> Sequence[str]:
    """Return what the test says; nothing as long as it is not finished."""
    if progress.phase is not Phase.DONE or not progress.conclusions:
        return []
    n, seeds = progress.n_test_instances, progress.n_test_seeds
    on = (
        f"On {n} unseen instance{'s' * (n != 1)} with {seeds} new seed{'s' * (seeds != 1)} "
        f"({name}-test):"
    )
    lines = [on, *(f"- {each}" for each in progress.conclusions)]
    return lines if progress.better else [*lines, NONE_BETTER]


def interval_text(interval: Interval | None) -> str:
    """Return an interval of ratios, a dash if there is none."""
    return "-" if interval is None else f"{interval.low:.2f} to {interval.high:.2f}"


def progress_lines(progress: Progress) -> list[str]:
    """Return the progress of a tuning: its budget, and the leading setting."""
    word = "winner" if progress.phase is Phase.DONE else "incumbent"
    spent = f"{progress.spent_s:.3g} of {progress.budget_s:.3g} CPU seconds spent"
    lines = [
        f"budget: {spent}, {progress.n_candidates} settings tried",
        filled(f"{word}: {_named(progress)}"),
    ]
    if progress.phase is Phase.TEST:
        lines.append("next: the test on unseen instances")
    return lines


def progress_object(progress: Progress) -> dict[str, Any]:
    """Return the progress of a tuning, ready for JSON."""
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
