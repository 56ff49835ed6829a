"""Requested features that solvers lack: rejected if no solver has them, else named."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from bench.errors import UsageError


def check_seeds_have_effect(
    seeds: Iterable[int], solvers: Iterable[str], unseeded: Collection[str], at: str = ""
) -> None:
    """Raise UsageError if several seeds are requested and none of the solvers has a seed.

    ``unseeded`` are the solvers without; ``at`` begins the message.
    """
    names = list(dict.fromkeys(solvers))
    if len({*seeds}) > 1 and all(name in unseeded for name in names):
        one = len(names) == 1
        listed = ", ".join(map(repr, names))
        raise UsageError(
            f"{at}solver{'' if one else 's'} {listed} {'has' if one else 'have'} no random seed:"
            " leave out the seeds, or take a solver that has one (bench solvers list)"
        )


def seed_notes(
    seeds: Iterable[int], solvers: Iterable[str], unseeded: Collection[str]
) -> Iterator[str]:
    """Yield a note for solvers that do the same for each of several seeds."""
    n_seeds = len({*seeds})
    for solver in dict.fromkeys(solvers):
        if n_seeds > 1 and solver in unseeded:
            yield (
                f"solver {solver!r} has no random seed: its {n_seeds} seeds are repetitions of the "
                "same solve"
            )
