"""A sweep that runs until it is decided: its looks, and when to stop."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from bench.app.campaign.plan import Plan
from bench.errors import UsageError
from bench.journal.campaign import held_together
from bench.journal.table import frame
from bench.model.looks import Looks, Until, identities, identity
from bench.model.results.result import Result
from bench.model.task import Task

if TYPE_CHECKING:
    from bench.comparison.comparison import Comparison

FUTILE = 0.1
"""The sweep is futile if the probability of a decision is below this."""
LEVEL = 0.05
"""The significance level of all looks together, equal to that of a comparison."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """The reason why a sweep ended early: the comparison at the decisive look."""

    comparison: Comparison
    futile: tuple[str, ...]

    @property
    def reason(self) -> str:
        """The conclusion, and the settings that are given up."""
        from bench.comparison.wording.narrative import headline  # noqa: PLC0415 - 0.5 s

        if not self.futile:
            return headline(self.comparison)
        names = ", ".join(self.futile)
        return (
            f"{headline(self.comparison)}; futile for {names}: the chance that the remaining "
            f"instances decide is below {100 * FUTILE:.0f} % if the trend continues"
        )


def until_of(name: str | None, declared: Until | None = None) -> Until | None:
    """Return when a sweep ends, None if it executes its whole plan.

    A name overrides what the sweep file declares. UsageError for other names than those of `Until`.
    """
    if name is not None and name not in list(Until):
        raise UsageError(f"until {name!r}: known values are {', '.join(Until)}")
    chosen = declared if name is None else Until(name)
    return None if chosen is Until.END else chosen


def with_looks(plan: Plan, until: Until | None, stored: Looks | None) -> Plan:
    """Return the plan with its looks: those stored before, or new ones for ``until``.

    Its tasks are then in the order in which the looks use the instances. Stored looks are kept,
    even if the sweep now runs to the end. Raise UsageError if there is nothing to decide, or if the
    stored looks belong to other tasks.
    """
    digest = _digest(plan.tasks)
    if until is None:
        kept = replace(stored, stopped_at=None) if stored else None
        return replace(plan, looks=kept)
    if len(plan.settings) < 2:
        raise UsageError("--until needs at least two settings to compare, and the sweep has one")
    if plan.params.get("order") == "given":
        raise UsageError("--until takes the instances in random order; remove --order given")
    if stored is not None and stored.tasks_digest != digest:
        raise UsageError(
            f"{plan.name}: its looks were fixed for other tasks (instances, settings, seeds, "
            "limits or solver version differ), and cannot be changed once results are known; "
            "--fresh starts again, --name starts another sweep"
        )
    looks = stored or _new(plan, digest)
    looks = replace(looks, stop_if_futile=until is Until.DECIDED_OR_FUTILE, stopped_at=None)
    place = {one: at for at, one in enumerate(looks.instances)}
    tasks = sorted(plan.tasks, key=lambda task: place[_identity(task)])
    return replace(
        plan,
        looks=looks,
        stops=True,
        tasks=tuple(tasks),
        params={**plan.params, "until": str(until)},
    )


def _new(plan: Plan, digest: str) -> Looks:
    from bench.statistics.sequential import look_sizes  # noqa: PLC0415 - numpy takes 0.2 s
    from bench.statistics.tests import MIN_PAIRS  # noqa: PLC0415 - see above

    instances = identities(plan.tasks)
    if len(instances) < MIN_PAIRS:
        raise UsageError(
            f"--until needs at least {MIN_PAIRS} instances, and there are {len(instances)}; a test "
            "on fewer decides nothing"
        )
    sizes = look_sizes(len(instances), len(plan.settings) - 1, LEVEL)
    return Looks(instances=instances, sizes=sizes, tasks_digest=digest)


def _digest(tasks: Iterable[Task]) -> str:
    return hashlib.sha256("\n".join(sorted(task.key for task in tasks)).encode()).hexdigest()


def _identity(task: Task) -> str:
    return identity(task.instance.label, task.instance.digest)


class Monitor:
    """Watches the results of a sweep, and compares at each look when it has all its results."""

    def __init__(self, plan: Plan, looks: Looks, folder: Path, tell: Callable[[str], None]) -> None:
        """Begin without results; ``tell`` is called with the reason if a look is not comparable."""
        self.stop: Stop | None = None
        self._plan, self._looks, self._folder, self._tell = plan, looks, folder, tell
        self._waiting = Counter(map(_identity, plan.tasks))
        self._by_key: dict[str, Result] = {}
        self._next = 0

    @property
    def stopped_at(self) -> int | None:
        """The size of the decisive look, None while there is none."""
        return self._looks.sizes[self._next - 1] if self.stop else None

    def take(self, results: Mapping[str, Result]) -> None:
        """Add results by the keys of their tasks, and compare at the looks that are complete."""
        for key, result in results.items():
            if key not in self._by_key:
                self._waiting[_identity(result.task)] -= 1
            self._by_key[key] = result
        waiting = {one for one, n in self._waiting.items() if n > 0}
        n_reached = len(self._looks.reached(self._looks.n_complete(waiting)))
        while self.stop is None and self._next < min(n_reached, len(self._looks.sizes) - 1):
            self._next += 1
            self.stop = self._decide(self._looks.sizes[self._next - 1])

    def _decide(self, size: int) -> Stop | None:
        """Return the decision of a look, None if the sweep has to continue."""
        from bench.comparison.compare import compare  # noqa: PLC0415 - 0.5 s, not for every sweep
        from bench.comparison.options import Options  # noqa: PLC0415 - see above
        from bench.comparison.wording.narrative import conclusions  # noqa: PLC0415 - see above

        members = set(self._looks.instances[:size])
        own = [one for one in self._by_key.values() if _identity(one.task) in members]
        table = frame(
            held_together(self._folder, own),
            lambda result: self._looks.columns_of(result.task.instance),
        )
        try:
            found = compare(table, Options(baseline=self._plan.baseline, subsets=("all",)))
        except UsageError as error:
            self._tell(f"Note: the look at {size} instances was skipped: {error}")
            return None
        undecided = [each.setting for each in conclusions(found) if not each.means_differ]
        if not undecided:
            return Stop(comparison=found, futile=())
        if self._looks.stop_if_futile and all(_is_futile(found, name) for name in undecided):
            return Stop(comparison=found, futile=tuple(undecided))
        return None


def _is_futile(comparison: Comparison, setting: str) -> bool:
    difference, look = comparison.tables[0].row(setting).against, comparison.look
    if difference is None or look is None or 3 * look.size < look.last:
        return False
    n_tests = len(comparison.settings) - 1
    return look.conditional_power(difference.p_wilcoxon, n_tests) < FUTILE


def saved_line(stop: Stop, n_finished: int, n_tasks: int) -> str:
    """Return the number of tasks that a stop has saved, and how to execute them."""
    look = stop.comparison.look
    shift = f", shift {stop.comparison.basis.shift:g} s" if look and look.short_s else ""
    at = f" (look at {look.size} of {look.last} instances{shift})" if look else ""
    return (
        f"{'Given up' if stop.futile else 'Decided'} after {n_finished} of {n_tasks} tasks{at}: "
        f"{stop.reason}."
    )
