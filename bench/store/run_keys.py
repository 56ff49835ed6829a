"""Run keys: the identity of a record in a store, so that each is written exactly once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, NewType

from bench.model.results.process_stats import ProcessStats
from bench.model.results.result import Result
from bench.model.task import Task

HIDDEN = "mlflow."
"""MLflow's pages hide tags with this prefix."""
CAMPAIGN = f"{HIDDEN}bench.campaign_id"
GROUP = f"{HIDDEN}bench.group"
KEY = f"{HIDDEN}bench.key"
ATTEMPT = f"{HIDDEN}bench.attempt"
RESULTS = f"{HIDDEN}bench.results"
KIND = "bench.kind"
LEFT_OUT = "bench.left_out"
COMMAND = "bench.command"
INSTANCE_SET = "instance_set"
CONCLUSION = "conclusion"
BASELINE = f"{HIDDEN}bench.baseline"
CAMPAIGN_NAME = "bench.campaign"
RECORD = f"{HIDDEN}bench.record"
TERMINATED = frozenset({"FINISHED", "FAILED"})

_DIGITS = 16


RecordId = NewType("RecordId", str)
"""The id of a record in its store, which has a meaning only there."""


class RunKey(NamedTuple):
    """The identity of a campaign's record, in any store."""

    kind: str
    name: str = ""
    attempt: str = ""


SWEEP = RunKey("sweep")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExistingRun:
    """A record in a store.

    ``results`` is the digest of its results, or empty; ``parent_id`` is its parent record, or
    empty.
    """

    record_id: RecordId
    status: str
    results: str = ""
    parent_id: str = ""

    @property
    def terminated(self) -> bool:
        """Whether it was written completely; a record that was killed was not."""
        return self.status in TERMINATED


def former_name(name: str) -> str:
    """Return the name in version 0.1 of a tag that is hidden now."""
    return name.removeprefix(HIDDEN)


def tag_of(tags: Mapping[str, str], name: str) -> str:
    """Return a tag by its name, or by that of version 0.1; empty if it is missing."""
    return tags.get(name) or tags.get(former_name(name), "")


def having(name: str, value: str) -> tuple[str, str]:
    """Return MLflow filters that together find the runs with a tag, including those of version 0.1.

    A run that has it by both names is found twice, because MLflow's filters have no "or".
    """
    return f"tags.`{name}` = '{value}'", f"tags.`{former_name(name)}` = '{value}'"


def run_key_of(tags: Mapping[str, str]) -> RunKey | None:
    """Return the run key in a record's tags, or None if it is not a record of a campaign."""
    kind, key, group = tags.get(KIND), tag_of(tags, KEY), tag_of(tags, GROUP)
    if kind == "task" and key:
        return RunKey(kind, key, tag_of(tags, ATTEMPT))
    if kind == "setting" and group:
        return RunKey(kind, group)
    return SWEEP if kind == SWEEP.kind else None


def attempt(result: Result) -> str:
    """Return the value that distinguishes results of one key: the start, in ms since the epoch."""
    return attempt_of(result.execution)


def attempt_of(execution: ProcessStats) -> str:
    """Return the same for an execution that is not judged yet."""
    return str(round(execution.started_at * 1000))


def task_run_key(result: Result) -> RunKey:
    """Return the run key of a result's task run; each attempt at a task has its own."""
    return RunKey("task", result.task.key, attempt(result))


def group_of(task: Task) -> str:
    """Return the common part of a setting run's tasks, as 16 hex digits.

    This is the task's key without instance, seed and permutation: a setting that was changed under
    the same name, or a newer solver, gets a run of its own.
    """
    setting = task.setting
    content: list[Any] = [setting.name, setting.solver, dict(setting.params)]
    content += [task.solver_version, task.limits.identity()]
    content += [setting.include_identity] if setting.include else []
    return _digest(json.dumps(content, sort_keys=True))


def digest_of(results: Iterable[Result], left_out: str = "", among: str = "") -> str:
    """Return 16 hex digits for a set of results and their verdicts, in any order.

    ``left_out`` is the reason why they do not count; empty if they do. ``among`` identifies the
    comparison: the digest of all results, or a baseline; empty if there is neither.
    """
    return _digest("\n".join(sorted(map(_line, results))) + left_out + among)


def _line(result: Result) -> str:
    run_key, verdict = task_run_key(result), result.verdict
    kind = verdict.kind or ""
    return f"{run_key.name} {run_key.attempt} {verdict.category} {kind} {verdict.reason}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]
