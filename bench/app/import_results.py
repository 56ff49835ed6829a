"""Taking in results of others: judged, once in a journal, delivered like those of a sweep."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from tqdm import tqdm

from bench import __version__
from bench.app.campaign_session import Opened, continued
from bench.app.target import Target
from bench.errors import TrackingError, UsageError
from bench.execution.process.request import folder_name
from bench.instances.instance_set import InstanceSet
from bench.interop.reported import Reported
from bench.journal import manifest, origin
from bench.journal.campaign import SWEEP
from bench.journal.journal import Journal
from bench.journal.line import to_line
from bench.model.answer import Answer
from bench.model.execution import Execution, Termination
from bench.model.planned_task import planned
from bench.model.problem import ProblemStatistics, Sense
from bench.model.reference import Reference
from bench.model.result import Result
from bench.model.verdict import FAILURES, Category, Verdict
from bench.model.workspace import Workspace
from bench.report.sweep_report import Reporting
from bench.tracking.courier import mlflow_connection
from bench.tracking.sync import Delivery
from bench.verification.consistency import reconsidered
from bench.verification.judge import judge
from bench.verification.statuses import LIMITS

COMMAND = ("bench", "import")
_UNTIMED = Execution(termination=Termination.NORMAL, evidence="", started_at=0.0, wall_s=0.0)
_KEPT_AS_SAID = FAILURES | {Category.WRONG}


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenIn:
    """What came of an import: the results of the files, and how many of them are new.

    ``undelivered`` says why MLflow has not got them, or is None. ``experiment_id`` is where they
    are, as far as that is known.
    """

    folder: Path
    results: tuple[Result, ...]
    n_new: int
    undelivered: str | None
    experiment_id: str | None


def take_in(
    name: str,
    reported: Sequence[Reported],
    references: Mapping[str, Reference],
    work_dir: Path,
    where: Target,
) -> TakenIn:
    """Add to the import of this name what it has not got yet, and deliver all of it.

    A result that has changed since counts as the newer attempt. UsageError where the folder of
    this name holds a sweep that was executed.
    """
    opened = _opened(work_dir, name)
    now = time.time()
    taken: list[Result] = []
    with closing(opened.journal):
        found = [_result(one, references, opened.folder, now) for one in reported]
        fresh = [
            (one, result)
            for one, result in zip(reported, found, strict=True)
            if _is_new(result, opened.results.get(result.task.key))
        ]
        results = opened.results | {result.task.key: result for _, result in fresh}
        _write_down(name, list(results.values()), where, opened, now)
        for one, result in fresh:
            taken.append(_kept(one, _newer(result, opened.results.get(result.task.key)), opened))
        undelivered, experiment_id = _delivered(opened.folder, where)
    results = opened.results | {result.task.key: result for result in taken}
    return TakenIn(
        folder=opened.folder,
        results=tuple(reconsidered(results[one.task.key] for one in reported)),
        n_new=len(taken),
        undelivered=undelivered,
        experiment_id=experiment_id,
    )


def verdict(one: Reported, execution: Execution, reference: Reference | None) -> Verdict:
    """Return what the judge says with a reference, else what the file itself concludes.

    A failure or an error that the file knows of stays one; without a value there is nothing to
    judge.
    """
    untold = one.answer.status == "optimal" and one.answer.primal_bound is None
    if reference is None or one.category in _KEPT_AS_SAID or untold:
        reached = LIMITS.get(one.answer.status or "") if one.category is Category.LIMIT else None
        return Verdict(one.category, f"{one.said}, says {one.where}", one.kind or reached)
    return judge(_as_claimed(one), execution, reference, gap_limit=one.task.limits.gap)


def _as_claimed(one: Reported) -> Answer:
    """Return the answer with what its status implies: "optimal" is that the bounds are equal."""
    answer = one.answer
    if answer.status == "optimal" and answer.dual_bound is None:
        answer = replace(answer, dual_bound=answer.primal_bound)
    return answer if answer.problem else replace(answer, problem=_directed(one.sense))


def _directed(sense: Sense) -> ProblemStatistics:
    """Return a problem of which nothing but the direction is known; it is kept nowhere."""
    return ProblemStatistics(
        n_vars=0,
        n_bins=0,
        n_ints=0,
        n_conts=0,
        n_conss=0,
        n_nonzeros=None,
        n_equalities=None,
        n_bins_declared=0,
        n_ints_declared=0,
        sense=sense,
        objective_offset=0.0,
    )


def _opened(work_dir: Path, name: str) -> Opened:
    opened = continued(work_dir, name, fresh=False)
    found = manifest.read(opened.folder)
    if found is not None and found.command[:2] != COMMAND:
        opened.journal.close()
        raise UsageError(f"{name!r} is a sweep that was executed; choose another --name")
    return opened


def _result(one: Reported, references: Mapping[str, Reference], folder: Path, now: float) -> Result:
    reference = references.get(one.task.instance.name)
    execution = one.execution(now)
    return Result(
        task=one.task,
        answer=one.answer,
        execution=execution,
        verdict=verdict(one, execution, reference),
        folder=folder / "tasks" / folder_name(one.task),
        reference=reference,
    )


def _is_new(result: Result, known: Result | None) -> bool:
    return known is None or _content(result) != _content(known)


def _content(result: Result) -> bytes:
    """Return all that a file says of a task; not when it was read, and where it lay."""
    reason = result.verdict.reason.partition(", says ")[0]
    plain = replace(
        result,
        execution=replace(_UNTIMED, peak_mib=result.execution.peak_mib),
        verdict=replace(result.verdict, reason=reason),
        folder=Path(),
    )
    return to_line(plain, Path())


def _newer(result: Result, known: Result | None) -> Result:
    """Return the result with a start after that of the known one: that tells attempts apart."""
    execution = result.execution
    if known is None or execution.started_at > known.execution.started_at:
        return result
    later = known.execution.started_at + 0.001
    return replace(result, execution=replace(execution, started_at=later))


def _kept(one: Reported, result: Result, opened: Opened) -> Result:
    """Put the log into the task's folder and the result into the journal."""
    if one.log:
        result.folder.mkdir(parents=True, exist_ok=True)
        Workspace(result.folder).log.write_text(one.log, encoding="utf-8")
    opened.journal.add(result)
    return result


def _write_down(
    name: str, results: Sequence[Result], where: Target, opened: Opened, now: float
) -> None:
    tasks = [result.task for result in results]
    instances = InstanceSet.of(name, [task.instance for task in tasks])
    sources = dict.fromkeys(_file(result) for result in results)
    manifest.write(
        opened.folder,
        manifest.Manifest(
            campaign_id=opened.campaign_id,
            name=name,
            kind=SWEEP,
            command=(*COMMAND, *sys.argv[2:]),
            created_at=opened.created_at,
            jobs=1,
            instance_set=name,
            baseline=None,
            settings=tuple({task.setting.name: task.setting for task in tasks}.values()),
            tasks=tuple(map(planned, tasks)),
        ),
    )
    origin.begin(
        opened.folder,
        tracking_uri=where.uri,
        experiment=where.experiment,
        run_id=where.run_id,
        instance_set=instances,
        tasks=tasks,
        session=origin.Session(started_at=now, provenance={"bench.version": __version__}),
        params={"imported_from": ", ".join(sources)},
    )


def _file(result: Result) -> str:
    """Return the name of the file that a result was imported from."""
    where = result.execution.evidence.removeprefix("imported from ")
    return Path(where.rpartition(": ")[0].rpartition(":")[0]).name


def _delivered(folder: Path, where: Target) -> tuple[str | None, str | None]:
    """Return why something is not delivered, and the id of the experiment where the rest is."""
    journal = Journal(folder)
    delivery = Delivery(folder, Reporting(folder))
    try:
        delivery.attach(mlflow_connection(where.uri, where.experiment, where.run_id)())
        total = journal.count()
        with tqdm(desc="MLflow", total=total, file=sys.stderr, disable=None, leave=False) as bar:
            delivery.follow(journal.size(), bar.update)
            delivery.finish(journal.size())
    except TrackingError as error:
        return str(error), delivery.place
    return next(iter(delivery.refused.values()), None), delivery.place
