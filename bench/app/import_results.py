"""Import results of other tools: judge them, write them to a journal, upload them to MLflow."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

from bench import __version__
from bench.app.campaign.delivery import connect_to_mlflow, deliver, shown_before
from bench.app.campaign.session import IMPORT, IMPORTED_BY, CampaignSession, continue_sweep
from bench.app.campaign.target import Target
from bench.app.options import StoreOptions, clock_of, real, record_level_of, truth
from bench.app.progress import listener_of, tell
from bench.errors import TrackingError, UsageError
from bench.execution.request import folder_name
from bench.instances import references as reference_files
from bench.instances.instance_set import InstanceSet
from bench.interop import any_format, status_words
from bench.interop.any_format import SourceFormat
from bench.interop.reported import NO_NUMBER, ImportHints, ParsedFile, ReportedResult
from bench.journal import answers, manifest, origin
from bench.journal.campaign import SWEEP, held_together, record_level
from bench.journal.line import to_line
from bench.model.instances.reference import Reference
from bench.model.limits import Clock
from bench.model.planned_task import planned_task
from bench.model.record_level import RecordLevel
from bench.model.results.process_stats import IMPORTED, ProcessStats, Termination
from bench.model.results.result import Result
from bench.model.results.verdict import FAILURES, Category, Verdict
from bench.model.workspace import Workspace
from bench.report.listener import Listener
from bench.store.uri import resolve_uri
from bench.verification import external_claims
from bench.verification.judge import judge
from bench.verification.statuses import LIMITS

_UNTIMED = ProcessStats(termination=Termination.NORMAL, evidence="", started_at=0.0, wall_s=0.0)
_KEPT_AS_REPORTED = FAILURES | {Category.WRONG}


MISSING_TIMES = ("unknown", "limit")
"""The assumed duration of a solve without a time."""
WORDS_IN_CELLS = (
    "--na WORD names the mark of missing numbers, --status WORD=STATUS explains a status word"
)
SHOWN = 10
"""The number of lines of one kind that are shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOptions(StoreOptions):
    """The files to import, and values that the files do not contain.

    - ``files``: logs (``.out``) and tables (``.res``) of SCIP's check scripts, CSV files, trace
      files (``.trc``), results of BenchExec (``.xml``)
    - ``format``: ``out``, ``res``, ``csv``, ``trc`` or ``xml``; None depends on the suffix
    - ``map``: columns of a CSV file by the field of bench, e.g. ``{"instance": "problem"}``
    - ``status``: the meaning of status words that bench does not know, e.g. ``{"warning":
      "optimal"}``
    - ``wide``: columns of a CSV file that each contain the times of a setting; ``"all"`` is all
      columns that ``map`` does not name
    - ``na``: the text that marks a missing number, e.g. ``"?"``
    - ``missing_time``: the duration of a solve without a time: ``unknown``, or the time ``limit``
    - ``setting``: name of the setting; None is the name in the file, with the solver's version
    - ``time_limit``: time limit of the solves in seconds; ``clock``: the clock of their times,
      ``cpu`` or ``wall``
    - ``solu``: files with references; for an instance without a reference, the verdict in the file
      is kept
    - ``name``: name of the import and of its folder; None is the name of the first file
    - ``skip_unreadable``: skip solves that cannot be read, and import the others
    - ``tasks_in_mlflow``: whether each task has a run of its own in MLflow, below that of its
      setting, whose table has all of them in any case; None keeps the choice of an earlier call, at
      first yes
    - ``record``: what is uploaded to MLflow, see `bench.app.options.ExecutionOptions`
    - ``no_mlflow``: import only into the journal, without loading MLflow; ``bench sync`` uploads
      the results later
    - ``run_id``: existing run in MLflow for the results of a setting, instead of a new one
    - ``command``: the words after ``bench import``; kept with the results
    """

    files: str | Path | Sequence[str | Path] = field(kw_only=False)
    format: SourceFormat | str | None = None
    map: Mapping[str, str] = field(default_factory=dict)
    status: Mapping[str, str] = field(default_factory=dict)
    wide: str | Sequence[str] = ()
    na: str | Sequence[str] = ()
    missing_time: str = MISSING_TIMES[0]
    setting: str | None = None
    time_limit: float | None = None
    clock: Clock | str | None = None
    solu: Sequence[str | Path] = ()
    name: str | None = None
    skip_unreadable: bool = False
    tasks_in_mlflow: bool | str | None = None
    record: RecordLevel | str | None = None
    no_mlflow: bool = False
    run_id: str | None = None
    command: tuple[str, ...] = ()

    def paths(self) -> list[Path]:
        """Return the files."""
        files = [self.files] if isinstance(self.files, str | Path) else self.files
        return [Path(file) for file in files]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportResult:
    """The outcome of an import: the results of the files, and the number of new ones.

    ``readings`` has the content read from each file. ``undelivered`` is the reason why MLflow does
    not have the results, or None. ``experiment_id`` is their experiment, if it is known.
    ``for_mlflow`` is False if nothing was to be recorded there.
    """

    folder: Path
    where: Target
    readings: Mapping[Path, ParsedFile]
    results: tuple[Result, ...]
    n_new: int
    undelivered: str | None
    experiment_id: str | None
    for_mlflow: bool


def import_results(
    options: ImportOptions, *, when_imported: Callable[[ImportResult], object] = lambda _: None
) -> ImportResult:
    """Add results of other tools to a journal of their own, and upload them to MLflow.

    ``when_imported`` is called once all of them are in the journal, before MLflow gets them.
    Existing results are not added again; a result that has changed since counts as a newer attempt.
    Raise UsageError if a file, or without ``skip_unreadable`` a solve in it, cannot be read, and if
    the folder of this name contains a sweep that was executed.
    """
    listener = listener_of(options.progress)
    files = options.paths()
    if not files:
        raise UsageError("no file to import was given")
    hints = _hints(options)
    references = reference_files.read([Path(file) for file in options.solu])
    form = None if options.format is None else _format(options.format)
    readings = {file: any_format.read(file, form, hints) for file in files}
    _refuse_unreadable(readings, listener, skip=options.skip_unreadable)
    every = [one for reading in readings.values() for one in reading.reported]
    reported, notes = any_format.once(any_format.completed(one, references) for one in every)
    tell(listener, first(notes))
    name = options.name or any_format.unpacked_name(files[0]).stem
    where = Target(resolve_uri(options.given_uri()), options.target_experiment(), options.run_id)
    command = options.command or tuple(map(str, files))
    tasks_in_mlflow = truth("tasks_in_mlflow", options.tasks_in_mlflow)
    wanted = record_level_of(options.record)
    session = continue_sweep(Path(options.work_dir), name, fresh=False, what=IMPORT)
    record = wanted or record_level(
        session.folder, manifest.sound(session.folder), origin.read(session.folder)
    )
    now = time.time()
    taken: list[Result] = []
    with closing(session.journal):
        found = [_result(one, references, session.folder, now) for one in reported]
        fresh = [
            (one, result)
            for one, result in zip(reported, found, strict=True)
            if _is_new(result, session.results.get(result.task.key))
        ]
        results = session.results | {result.task.key: result for _, result in fresh}
        _write_manifest(
            list(results.values()),
            session,
            now,
            name=name,
            where=where,
            command=command,
            tasks_in_mlflow=tasks_in_mlflow,
            record=record,
        )
        for one, result in fresh:
            taken.append(
                _write_result(one, _newer(result, session.results.get(result.task.key)), session)
            )
        answers.update(session.folder.parent)
        results = session.results | {result.task.key: result for result in taken}
        keys = [one.task.key for one in reported]
        imported = ImportResult(
            folder=session.folder,
            where=where,
            readings=readings,
            results=tuple(held_together(session.folder, map(results.__getitem__, keys))),
            n_new=len(taken),
            undelivered=None,
            experiment_id=None,
            for_mlflow=not options.no_mlflow,
        )
        with shown_before(when_imported, imported):
            if options.no_mlflow:
                return imported
            undelivered, experiment_id = _upload(session.folder, where, listener)
    return replace(imported, undelivered=undelivered, experiment_id=experiment_id)


def first(lines: Sequence[str]) -> list[str]:
    """Return the first lines, and the number of others."""
    more = [f"... and {len(lines) - SHOWN} more lines like these"] if len(lines) > SHOWN else []
    return [*lines[:SHOWN], *more]


def _hints(options: ImportOptions) -> ImportHints:
    if options.wide and options.setting is not None:
        raise UsageError(
            "--setting names one setting, but --wide reads several; remove one of the two options"
        )
    if options.missing_time not in MISSING_TIMES:
        raise UsageError(
            f"unknown value {options.missing_time!r} of missing_time; known: "
            f"{', '.join(MISSING_TIMES)}"
        )
    return ImportHints(
        setting=options.setting,
        time_limit_s=real(options.time_limit),
        clock=None if options.clock is None else clock_of(options.clock),
        columns=options.map,
        statuses=status_words.checked(options.status),
        missing=frozenset(word.strip().lower() for word in _words(options.na)),
        wide=_words(options.wide),
        missing_time_is_limit=options.missing_time == "limit",
    )


def _words(words: str | Sequence[str]) -> tuple[str, ...]:
    return (words,) if isinstance(words, str) else tuple(words)


def _format(name: str) -> SourceFormat:
    if name not in list(SourceFormat):
        raise UsageError(f"unknown format {name!r}; known: {', '.join(SourceFormat)}")
    return SourceFormat(name)


def _refuse_unreadable(
    readings: Mapping[Path, ParsedFile], listener: Listener, *, skip: bool
) -> None:
    lines = [line for reading in readings.values() for line in reading.problems]
    tell(listener, first(lines))
    if lines and not skip:
        no_number = any(line.endswith(NO_NUMBER) for line in lines)
        words = f"; {WORDS_IN_CELLS}" if no_number else ""
        error = UsageError(
            f"{len(lines)} solves cannot be read, so nothing was imported; use --skip-unreadable "
            f"to import the others{words}"
        )
        for line in lines:
            error.add_note(line)
        raise error
    if not any(reading.reported for reading in readings.values()):
        raise UsageError("none of the solves can be read, so nothing was imported")


def verdict(one: ReportedResult, execution: ProcessStats, reference: Reference | None) -> Verdict:
    """Return the verdict by a reference, else the conclusion in the file.

    A failure or an error in the file remains one; without a value there is nothing to judge.
    """
    if (
        reference is None
        or one.category in _KEPT_AS_REPORTED
        or external_claims.lacks_value(one.answer)
    ):
        reached = LIMITS.get(one.answer.status or "") if one.category is Category.LIMIT else None
        return Verdict(one.category, f"{one.said}, says {one.where}", one.kind or reached)
    return judge(
        external_claims.completed(one.answer, one.sense),
        execution,
        reference,
        gap_limit=one.task.limits.gap,
    )


def _result(
    one: ReportedResult, references: Mapping[str, Reference], folder: Path, now: float
) -> Result:
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
    """Return the content of a file about a task, without the time of reading and the path."""
    reason = result.verdict.reason.partition(", says ")[0]
    plain = replace(
        result,
        execution=replace(_UNTIMED, peak_mib=result.execution.peak_mib),
        verdict=replace(result.verdict, reason=reason),
        folder=Path(),
    )
    return to_line(plain, Path())


def _newer(result: Result, known: Result | None) -> Result:
    """Return the result with a start after that of the known one, which distinguishes attempts."""
    execution = result.execution
    if known is None or execution.started_at > known.execution.started_at:
        return result
    later = known.execution.started_at + 0.001
    return replace(result, execution=replace(execution, started_at=later))


def _write_result(one: ReportedResult, result: Result, session: CampaignSession) -> Result:
    """Put the log into the task's folder and the result into the journal."""
    if one.log:
        result.folder.mkdir(parents=True, exist_ok=True)
        Workspace(result.folder).log.write_text(one.log, encoding="utf-8")
    session.journal.add(result)
    return result


def _write_manifest(  # noqa: PLR0913 - all that is known of an import
    results: Sequence[Result],
    session: CampaignSession,
    now: float,
    *,
    name: str,
    where: Target,
    command: tuple[str, ...],
    tasks_in_mlflow: bool | None,
    record: RecordLevel,
) -> None:
    tasks = [result.task for result in results]
    instances = InstanceSet.of(name, [task.instance for task in tasks])
    sources = dict.fromkeys(_file(result) for result in results)
    identity = session.identity(name=name, kind=SWEEP, command=(*IMPORTED_BY, *command))
    manifest.write(
        session.folder,
        manifest.Manifest(
            campaign_id=identity.campaign_id,
            name=identity.name,
            kind=identity.kind,
            command=identity.command,
            created_at=identity.created_at,
            jobs=1,
            instance_set=name,
            baseline=None,
            settings=tuple({task.setting.name: task.setting for task in tasks}.values()),
            tasks=tuple(map(planned_task, tasks)),
            directory=str(Path.cwd()),
            record=record,
        ),
    )
    origin.begin(
        session.folder,
        tracking_uri=where.uri,
        experiment=where.experiment,
        run_id=where.run_id,
        instance_set=instances,
        tasks=tasks,
        session=origin.RecordedSession(started_at=now, provenance={"bench.version": __version__}),
        params={"imported_from": ", ".join(sources)},
        identity=identity,
        tasks_in_mlflow=tasks_in_mlflow,
        record=record,
    )


def _file(result: Result) -> str:
    """Return the name of the file that a result was imported from."""
    where = result.execution.evidence.removeprefix(IMPORTED)
    return Path(where.rpartition(": ")[0].rpartition(":")[0]).name


def _upload(folder: Path, where: Target, listener: Listener) -> tuple[str | None, str | None]:
    """Return the reason why something is not uploaded, and the id of the experiment of the rest."""
    try:
        found = deliver(folder, where, connect_to_mlflow, listener)
    except TrackingError as error:
        return str(error), None
    return next(iter(found.refused), None), found.experiment_id
