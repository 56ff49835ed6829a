"""A sweep that goes on until it is decided: its looks, and when to stop."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from bench.app.campaign.plan import Plan
from bench.errors import UsageError
from bench.journal.campaign import held_together
from bench.journal.table import frame
from bench.model.looks import Looks, identities, identity
from bench.model.results.result import Result
from bench.model.task import Task

if TYPE_CHECKING:
    from bench.comparison.comparison import Comparison

FUTILE = 0.1
"""A chance of being decided that is below this is too little to go on."""
LEVEL = 0.05
"""The significance level of all looks together, which is that of a comparison."""


class Until(StrEnum):
    """When a sweep ends before its plan does.

    ``DECIDED``: each setting is better or worse than the baseline. ``DECIDED_OR_FUTILE``: or it
    would probably stay undecided to the end.
    """

    DECIDED = "decided"
    DECIDED_OR_FUTILE = "decided-or-futile"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """Why a sweep has ended before its plan: the comparison at the look that decided."""

    comparison: Comparison
    futile: tuple[str, ...]

    @property
    def reason(self) -> str:
        """What is concluded, and which settings are given up."""
        from bench.comparison.wording.narrative import headline  # noqa: PLC0415 - 0.5 s

        if not self.futile:
            return headline(self.comparison)
        names = ", ".join(self.futile)
        return (
            f"{headline(self.comparison)}; futile for {names}: the chance that the remaining "
            f"instances decide is below {100 * FUTILE:.0f} % if the trend goes on"
        )


def until_of(name: str | None) -> Until | None:
    """Return when a sweep ends; UsageError for another name than those of `Until`."""
    if name is None:
        return None
    if name not in list(Until):
        raise UsageError(f"until {name!r}: there are {', '.join(Until)}")
    return Until(name)


def with_looks(plan: Plan, until: Until | None, stored: Looks | None) -> Plan:
    """Return the plan with its looks: those stored before, or new ones for ``until``.

    Its tasks are then in the order in which the looks take instances in. Stored looks stay, also
    where the sweep now goes on to the end. UsageError where there is nothing to decide, and where
    the stored looks are of other tasks.
    """
    digest = _digest(plan.tasks)
    if until is None:
        kept = replace(stored, stopped_at=None) if stored else None
        return replace(plan, looks=kept)
    if len(plan.settings) < 2:
        raise UsageError("--until: a sweep of one setting has nothing to decide")
    if plan.params.get("order") == "given":
        raise UsageError("--until takes instances by chance; it does not go with --order given")
    if stored is not None and stored.tasks_digest != digest:
        raise UsageError(
            f"{plan.name}: its looks were fixed for other tasks (instances, settings, seeds, "
            "limits or solver version differ), and cannot be changed once results are known; "
            "--fresh begins anew, --name starts another sweep"
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
            f"--until takes {MIN_PAIRS} instances at least, and there are {len(instances)}: a "
            "test of fewer decides nothing"
        )
    sizes = look_sizes(len(instances), len(plan.settings) - 1, LEVEL)
    return Looks(instances=instances, sizes=sizes, tasks_digest=digest)


def _digest(tasks: Iterable[Task]) -> str:
    return hashlib.sha256("\n".join(sorted(task.key for task in tasks)).encode()).hexdigest()


def _identity(task: Task) -> str:
    return identity(task.instance.label, task.instance.digest)


class Monitor:
    """Watches the results of a sweep, and compares at each look once it has all of them."""

    def __init__(self, plan: Plan, looks: Looks, folder: Path, tell: Callable[[str], None]) -> None:
        """Begin without results; ``tell`` hears why a look cannot be compared."""
        self.stop: Stop | None = None
        self._plan, self._looks, self._folder, self._tell = plan, looks, folder, tell
        self._waiting = Counter(map(_identity, plan.tasks))
        self._by_key: dict[str, Result] = {}
        self._next = 0

    @property
    def stopped_at(self) -> int | None:
        """The size of the look that has decided, None as long as none has."""
        return self._looks.sizes[self._next - 1] if self.stop else None

    def take(self, results: Mapping[str, Result]) -> None:
        """Take in results by the keys of their tasks, and look as far as they allow."""
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
        """Return what a look has decided, None where the sweep has to go on."""
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
            self._tell(f"Note: no look at {size} instances: {error}")
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
    """Return what a stop has saved, and how to execute the rest."""
    look = stop.comparison.look
    at = f" (look at {look.size} of {look.last} instances)" if look else ""
    return (
        f"{'Given up' if stop.futile else 'Decided'} after {n_finished} of {n_tasks} tasks{at}: "
        f"{stop.reason}."
    )
