"""Correction: update the runs of a campaign to changed verdicts if there is no journal."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from bench.journal.row_reading import results_of, with_verdicts
from bench.journal.table import TABLE, verdict_columns, write_frame
from bench.model.results.result import Result
from bench.store.failure import RefusedError
from bench.store.run_keys import COMMAND, RESULTS, RecordId, RunKey, digest_of, task_run_key
from bench.store.truncation import truncate_metrics, truncate_tags
from bench.tracking.record_store import RecordStore
from bench.tracking.records.descriptions import repeat, revised_description, task_description
from bench.tracking.records.fields import span_ms, verdict_metrics, verdict_tags
from bench.tracking.records.record import FAILED, FINISHED, Record, stepped
from bench.tracking.records.record_builder import KILLED
from bench.tracking.run_metrics import MetricsBuilder, RunMetrics
from bench.tracking.stored_campaigns import StoredCampaign, StoredRun

OLDER = "The report and the comparison are older than the correction of the verdicts."
"""The text in place of a sweep's headline and report, which need traces that a store has only
thinned.
"""

TaskRuns = Callable[[RecordId], Mapping[RunKey, RecordId]]
"""The records of tasks below that of a setting: the id of each attempt at each task."""


def correct(
    campaign: StoredCampaign,
    now: Sequence[Result],
    connect: Callable[[], RecordStore],
    task_runs: TaskRuns,
    metrics_builder: MetricsBuilder,
) -> list[str]:
    """Write the verdicts of ``now`` to the campaign's runs; return what the store refused.

    For tasks: tags, description, status and whether they are solved; for settings and sweep: the
    numbers and the table. A campaign whose tables are up to date is not touched. If one setting
    changes, all are compared again: first those without a change of their own. In each run the
    table comes last, so that the next correction completes an interrupted one. ``connect`` is
    called if there is something to write. Raise TrackingError if the store fails.
    """
    judged = {result.task.key: result for result in now}
    corrections = [_Correction.of(run, judged) for run in campaign.runs]
    if not any(each.changed for each in corrections):
        return []
    n_settings = sum(each.run.is_setting for each in corrections)
    among = digest_of(now) if n_settings > 1 else ""
    refused: list[str] = []
    for each in sorted(corrections, key=lambda each: bool(each.changed)):
        run, own = each.run, each.results
        if not each.changed and not (among and run.is_setting):
            continue
        try:
            store = connect()
            if run.is_setting and not run.is_task and each.changed:
                _correct_tasks(each.changed, store, task_runs(run.record_id))
            if run.is_setting:
                run_metrics, digest = metrics_builder.setting(own, now), digest_of(own, "", among)
            else:
                run_metrics, digest = metrics_builder.sweep(own), digest_of(own)
            _correct_run(run, own, run_metrics, digest, store)
        except RefusedError as error:
            refused.append(str(error))
    return refused


@dataclass(frozen=True, slots=True)
class _Correction:
    """A run, its results with the present verdicts, and those with a changed verdict."""

    run: StoredRun
    results: Sequence[Result]
    changed: Sequence[Result]

    @classmethod
    def of(cls, run: StoredRun, judged: Mapping[str, Result]) -> Self:
        """Compare the table of a run with the new judgement, by the task's key."""
        before = results_of(run.table)
        own = [judged.get(old.task.key, old) for old in before]
        pairs = zip(own, before, strict=True)
        changed = [one for one, old in pairs if verdict_columns(one) != verdict_columns(old)]
        return cls(run, own, changed)


def _correct_tasks(
    changed: Sequence[Result], store: RecordStore, record_ids: Mapping[RunKey, RecordId]
) -> None:
    for result in changed:
        run_key = task_run_key(result)
        if run_key in record_ids:
            store.revise(record_ids[run_key], _of_task(result))


def _correct_run(
    run: StoredRun,
    own: Sequence[Result],
    run_metrics: RunMetrics,
    digest: str,
    store: RecordStore,
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder) / TABLE
        write_frame(with_verdicts(run.table, own), table)
        record = replace(_of_run(run, own, run_metrics, digest), artifacts=(table,))
        store.close_setting(run.record_id, record, record.status)


def _of_task(result: Result) -> Record:
    """Return the part of a task's record that changes with the verdict."""
    started_ms, ended_ms = span_ms(result)
    description = task_description(result)
    return Record(
        name=result.task.instance.label,
        params={},
        metrics=truncate_metrics(verdict_metrics(result)),
        tags=truncate_tags(verdict_tags(result)),
        started_ms=started_ms,
        ended_ms=ended_ms,
        status=FAILED if result.verdict.bad else FINISHED,
        description=description,
    )


def _of_run(run: StoredRun, own: Sequence[Result], run_metrics: RunMetrics, digest: str) -> Record:
    """Return the part of a setting's or sweep's record that changes with verdicts.

    Whether a setting with several tasks is finished does not depend on verdicts.
    """
    task = _of_task(own[-1]) if run.is_task else None
    found = (task.description if task else "", run_metrics.description)
    description = _description(run, own, "\n\n".join(filter(None, found)))
    return Record(
        name=run.name,
        params={},
        metrics=(task.metrics if task else {}) | truncate_metrics(run_metrics.metrics),
        series=stepped(run_metrics.series, run.ended_ms) if run.status != KILLED else {},
        tags=(task.tags if task else {}) | truncate_tags({**run_metrics.tags, RESULTS: digest}),
        started_ms=run.ended_ms,
        ended_ms=run.ended_ms,
        status=task.status if task else run.status,
        description=description,
    )


def _description(run: StoredRun, own: Sequence[Result], found: str) -> str:
    """Return the description with the findings above the extent."""
    old = run.description
    if run.is_setting:
        return revised_description(old, own, above=found)
    command = repeat(run.tags.get(COMMAND, ""))
    return revised_description(old, own, above=f"{OLDER}\n\n{found}", beneath=command)
