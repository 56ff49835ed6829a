"""A tuning as a plan that grows: what it asks for becomes tasks, and results become costs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from bench.app.campaign.plan import Plan
from bench.model.instances.instance import Instance
from bench.model.limits import Limits
from bench.model.parameters import Catalogue
from bench.model.results.result import Result
from bench.model.setting import Setting
from bench.model.task import Task
from bench.solvers.readers import code_base
from bench.tuning.candidate import Candidate, setting_of
from bench.tuning.race import RaceState, Rules, Solve
from bench.tuning.sampling import Sampling
from bench.tuning.scores import Cost, Objective, cost_of
from bench.tuning.space import Space
from bench.tuning.tuning import Tuned, tuning
from bench.verification.consistency import reconsidered


@dataclass(frozen=True, slots=True, kw_only=True)
class SolverFacts:
    """What tasks need to know of the solver that is tuned."""

    name: str
    version: str
    catalogue: Catalogue
    default_gap: float | None


class GrowingPlan:
    """Returns, when it is called with results, the plan with the next batch of a tuning.

    ``outcome`` is there once the tuning has ended. ``notify`` is called after each batch.
    """

    def __init__(  # noqa: PLR0913 - what a tuning consists of
        self,
        plan: Plan,
        rules: Rules,
        space: Space,
        sampling: Sampling,
        state: RaceState,
        *,
        why_budget_s: float,
        solver: SolverFacts,
        limits: Limits,
        notify: Callable[[], None] = lambda: None,
    ) -> None:
        """Begin with nothing solved; ``plan`` has the training set, and no task yet."""
        self._plan = plan
        self._instances: Sequence[Instance] = plan.instance_set.instances
        self._state = state
        self._space, self._solver, self._limits = space, solver, limits
        self._notify = notify
        self._moves = tuning(rules, space, sampling, state, why_budget_s)
        self._batch: dict[Solve, Task] = {}
        self._tasks: dict[str, Task] = {}
        self._settings: dict[str, Setting] = {}
        self._seen: list[Result] = []
        self._spent_s = 0.0
        self._has_begun = False
        self.outcome: Tuned | None = None

    @property
    def spent_s(self) -> float:
        """The CPU seconds of all solves so far."""
        return self._spent_s

    @property
    def n_solves(self) -> int:
        """How many solves were asked for so far."""
        return len(self._tasks)

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
        """Return the costs of the batch, by verdicts over all results that were known by now."""
        found = [results[task.key] for task in self._batch.values()]
        self._seen += found
        judged = {one.task.key: one for one in reconsidered(self._seen, code_base)[-len(found) :]}
        objective = self._state.objective or Objective.CPU
        costs = {
            solve: cost_of(judged[task.key], objective, solve.cap_s)
            for solve, task in self._batch.items()
        }
        self._spent_s += sum(cost.cpu_s for cost in costs.values())
        return costs
