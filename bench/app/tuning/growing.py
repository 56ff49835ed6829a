"""A tuning as a plan that grows: its requests become tasks, and results become costs."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from bench.app.campaign.plan import Plan
from bench.model.instances.instance import Instance
from bench.model.limits import Limits
from bench.model.parameters import Catalogue
from bench.model.results.result import Result
from bench.model.setting import Setting
from bench.model.task import Task
from bench.solvers.readers import code_base
from bench.tuning.candidate import Candidate, setting_of
from bench.tuning.race import Batch, Costs, EndedEarlyError, Solve
from bench.tuning.scores import Cost, Objective, cost_of
from bench.tuning.space import Space
from bench.verification.consistency import reconsidered

Outcome = TypeVar("Outcome")


@dataclass(frozen=True, slots=True, kw_only=True)
class SolverFacts:
    """Facts about the tuned solver that tasks need."""

    name: str
    version: str
    catalogue: Catalogue
    default_gap: float | None


class GrowingPlan(Generic[Outcome]):
    """When called with results, returns the plan with the next batch of a tuning.

    ``outcome`` is set once the tuning has ended, or ``error`` if its rules have ended it early; its
    results are delivered either way. ``notify`` is called after each batch.
    """

    def __init__(  # noqa: PLR0913 - what a tuning consists of
        self,
        plan: Plan,
        moves: Generator[Batch, Costs, Outcome],
        space: Space,
        *,
        objective: Callable[[], Objective],
        solver: SolverFacts,
        limits: Limits,
        notify: Callable[[], None] = lambda: None,
    ) -> None:
        """Begin with nothing solved; ``plan`` has the training set, and no task yet.

        ``moves`` yields the solves to execute and receives their costs by ``objective``.
        """
        self._plan = plan
        self._instances: Sequence[Instance] = plan.instance_set.instances
        self._space, self._solver, self._limits = space, solver, limits
        self._objective, self._notify, self._moves = objective, notify, moves
        self._batch: dict[Solve, Task] = {}
        self._tasks: dict[str, Task] = {}
        self._settings: dict[str, Setting] = {}
        self._seen: list[Result] = []
        self._spent_s = 0.0
        self._has_begun = False
        self.outcome: Outcome | None = None
        self.error: EndedEarlyError | None = None

    @property
    def spent_s(self) -> float:
        """The CPU seconds of all solves so far."""
        return self._spent_s

    @property
    def n_solves(self) -> int:
        """The number of solves so far, those of a batch once all of it has ended."""
        return len(self._seen)

    @property
    def n_instances(self) -> int:
        """The number of instances in these solves."""
        return len({one.task.instance.digest for one in self._seen})

    def setting(self, candidate: Candidate) -> Setting:
        """Return the setting of a candidate."""
        if candidate.name not in self._settings:
            self._settings[candidate.name] = setting_of(
                candidate, self._space, self._solver.catalogue
            )
        return self._settings[candidate.name]

    def __call__(self, results: Mapping[str, Result]) -> Plan | None:
        """Return the plan with the next batch, None once the tuning has ended."""
        try:
            if self._has_begun:
                batch = self._moves.send(self._costs(results))
            else:
                self._has_begun = True
                batch = next(self._moves)
        except StopIteration as end:
            self.outcome = end.value
            return None
        except EndedEarlyError as error:
            self.error = error
            return None
        self._batch = {solve: self._task(solve) for solve in batch}
        self._tasks |= {task.key: task for task in self._batch.values()}
        self._notify()
        used = {task.setting.name for task in self._tasks.values()}
        return replace(
            self._plan,
            settings=tuple(one for name, one in self._settings.items() if name in used),
            tasks=tuple(self._tasks.values()),
        )

    def _task(self, solve: Solve) -> Task:
        limits = self._limits if solve.cap_s is None else replace(self._limits, time_s=solve.cap_s)
        return Task(
            instance=self._instances[solve.pair.instance],
            setting=self.setting(solve.candidate),
            seed=solve.pair.seed,
            limits=limits,
            solver_version=self._solver.version,
            default_gap=self._solver.default_gap,
        )

    def _costs(self, results: Mapping[str, Result]) -> dict[Solve, Cost]:
        """Return the costs of the batch, with verdicts over all results known so far."""
        found = [results[task.key] for task in self._batch.values()]
        self._seen += found
        judged = {one.task.key: one for one in reconsidered(self._seen, code_base)[-len(found) :]}
        objective = self._objective()
        costs = {
            solve: cost_of(judged[task.key], objective, solve.cap_s)
            for solve, task in self._batch.items()
        }
        self._spent_s += sum(cost.cpu_s for cost in costs.values())
        return costs
