"""A campaign: execute tasks, judge their outcomes, and write them to the journal first."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from functools import cache
from itertools import takewhile
from pathlib import Path

from bench.app.campaign.plan import defect
from bench.execution.process import messages
from bench.execution.protocol import Executor, execute_tasks
from bench.instances.references import References
from bench.journal import line
from bench.journal.journal import Journal
from bench.model.instances.reference import Reference
from bench.model.results.process_stats import ProcessStats, Termination
from bench.model.results.result import Outcome, Result
from bench.model.results.solver_output import SolverOutput
from bench.model.results.verdict import Verdict, VerdictKind
from bench.model.results.verification import Level, Verification
from bench.model.task import Task
from bench.verification.external_claims import completed, lacks_value, sense_of
from bench.verification.judge import judge


def execute_and_judge(  # noqa: PLR0913 - two of them only steer
    tasks: Iterable[Task],
    executor: Executor,
    references: References,
    journal: Journal,
    *,
    should_continue: Callable[[], bool] = lambda: True,
    linted: Callable[[Task], Task] = lambda task: task,
) -> Generator[Result]:
    """Yield a result for every task; it is in the journal before it is yielded.

    A task that failed because of the machine has no result. A task whose instance has a defect for
    its solver is not executed; its result gives the reason. If ``should_continue`` returns False,
    no further task is started. Closing the generator detaches from the running tasks: a local
    executor ends them. ``linted`` is called with each task before it starts, and may wait for the
    lint.
    """
    rejected: deque[Outcome] = deque()

    def usable() -> Iterator[Task]:
        for task in map(linted, takewhile(lambda _: should_continue(), tasks)):
            why = defect(task)
            if why is None:
                yield task
            else:
                rejected.append(_rejected(task, why))

    with closing(execute_tasks(executor, usable())) as outcomes:
        for outcome in outcomes:
            while rejected:
                yield judge_and_record(rejected.popleft(), references, journal)
            yield judge_and_record(outcome, references, journal)
    while rejected:
        yield judge_and_record(rejected.popleft(), references, journal)


@cache
def load_ahead() -> None:
    """Import the modules that read and write results, in a thread, during the first solve."""

    def load() -> None:
        messages.adapters()
        line.adapter()

    threading.Thread(target=load, name="bench-load-ahead", daemon=True).start()


def judge_again(result: Result, references: References) -> Result:
    """Return the result with its present verdict, by a newer reference if there is one.

    A verdict of another tool stays as long as there is no reference, or no value to compare with
    it. So does the verdict on invalid numbers, which no recorded value can contradict.
    """
    reference = references.of(result.task.instance) or result.reference
    if result.verdict.kind is VerdictKind.INVALID_NUMBERS:
        return result
    if reference is None and not result.verdict.ipet:
        return result
    answer = result.answer
    if result.execution.imported:
        if lacks_value(answer):
            return result
        answer = completed(answer, sense_of(answer))
    verdict = _verdict(replace(result, answer=answer), reference)
    return replace(result, reference=reference, verdict=verdict)


def _verdict(outcome: Outcome | Result, reference: Reference | None) -> Verdict:
    return judge(
        outcome.answer,
        outcome.execution,
        reference,
        outcome.verification,
        gap_limit=outcome.task.limits.gap,
    )


def judge_and_record(outcome: Outcome, references: References, journal: Journal) -> Result:
    """Judge an outcome, write the result to the journal, and return it."""
    reference = references.of(outcome.task.instance)
    result = Result(
        task=outcome.task,
        answer=outcome.answer,
        execution=outcome.execution,
        verdict=_verdict(outcome, reference),
        folder=outcome.folder,
        reference=reference,
        verification=outcome.verification,
    )
    journal.add(result)
    return result


def _rejected(task: Task, defect: str) -> Outcome:
    execution = ProcessStats(
        termination=Termination.REFUSED,
        evidence="not executed",
        started_at=time.time(),
        wall_s=0.0,
    )
    return Outcome(
        task=task,
        answer=SolverOutput(error=defect),
        execution=execution,
        folder=Path(),
        verification=Verification(level=Level.NONE, skipped="not executed"),
    )
