"""Tokens: how a record in a store is known again, so that each is written exactly once."""

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
"""MLflow's pages show no tag whose name begins so."""
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
"""What a store calls a record that it holds; it means something to that store alone."""


class RunKey(NamedTuple):
    """What a record of a campaign is, whatever a store calls it."""

    kind: str
    name: str = ""
    attempt: str = ""


SWEEP = RunKey("sweep")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExistingRun:
    """A record that a store holds.

    ``results`` is the digest of what it was written with, or empty; ``parent_id`` is the record
    it lies beneath, or empty.
    """

    record_id: RecordId
    status: str
    results: str = ""
    parent_id: str = ""

    @property
    def terminated(self) -> bool:
        """Whether it was written to its end; a record that was killed was not."""
        return self.status in TERMINATED


def former_name(name: str) -> str:
    """Return what version 0.1 called a tag that is hidden now."""
    return name.removeprefix(HIDDEN)


def tag_of(tags: Mapping[str, str], name: str) -> str:
    """Return a tag by its name, or by the one that version 0.1 gave it; empty if it is missing."""
    return tags.get(name) or tags.get(former_name(name), "")


def having(name: str, value: str) -> tuple[str, str]:
    """Return filters of MLflow that together find the runs with a tag; also those of version 0.1.

    A run that has it by both names is found twice: MLflow's filters know no "or".
    """
    return f"tags.`{name}` = '{value}'", f"tags.`{former_name(name)}` = '{value}'"


def run_key_of(tags: Mapping[str, str]) -> RunKey | None:
    """Return the token in a record's tags, or None if it is no record of a campaign."""
    kind, key, group = tags.get(KIND), tag_of(tags, KEY), tag_of(tags, GROUP)
    if kind == "task" and key:
        return RunKey(kind, key, tag_of(tags, ATTEMPT))
    if kind == "setting" and group:
        return RunKey(kind, group)
    return SWEEP if kind == SWEEP.kind else None


def attempt(result: Result) -> str:
    """Return what tells two results of one key apart: when it started, in ms since the epoch."""
    return attempt_of(result.execution)


def attempt_of(execution: ProcessStats) -> str:
    """Return the same of an execution that nobody has judged yet."""
    return str(round(execution.started_at * 1000))


def task_run_key(result: Result) -> RunKey:
    """Return the token of a result's task run; each attempt at a task has its own."""
    return RunKey("task", result.task.key, attempt(result))


def group_of(task: Task) -> str:
    """Return what the tasks of one setting run have in common, as 16 hex digits.

    That is all that is in a task's key but instance, seed and permutation: a setting that was
    changed under the same name, or a newer solver, gets a run of its own.
    """
    setting = task.setting
    content: list[Any] = [setting.name, setting.solver, dict(setting.params)]
    content += [task.solver_version, task.limits.identity()]
    content += [setting.include_identity] if setting.include else []
    return _digest(json.dumps(content, sort_keys=True))


def digest_of(results: Iterable[Result], left_out: str = "", among: str = "") -> str:
    """Return 16 hex digits for a set of results and the verdicts on them, whatever their order.

    ``left_out`` says why they do not count; empty if they do. ``among`` is the digest of all
    results that they are compared with; empty if they are not.
    """
    return _digest("\n".join(sorted(map(_line, results))) + left_out + among)


def _line(result: Result) -> str:
    run_key, verdict = task_run_key(result), result.verdict
    kind = verdict.kind or ""
    return f"{run_key.name} {run_key.attempt} {verdict.category} {kind} {verdict.reason}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]
