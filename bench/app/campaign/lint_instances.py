"""Lint the instances of a plan before a solver reads them."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from bench.app.campaign.execution_config import ExecutionConfig
from bench.app.campaign.plan import Plan, defect, with_instances
from bench.app.progress import tell
from bench.execution import compare_readers
from bench.execution.linter import Linter
from bench.instances.files import file_format
from bench.instances.lint.findings import Subject, cached, with_findings
from bench.model.instances.finding import LintFinding
from bench.model.instances.instance import Instance
from bench.model.results.result import Result
from bench.model.task import Task
from bench.report.listener import Listener


class StoppedLintError(Exception):
    """The lint was stopped; its findings at that time say nothing about the file."""


CACHE = ".lint"
"""The folder within the work folder for stored findings."""
SHOWN = 10


def lint_instances(
    instances: Iterable[Instance], work_dir: Path | None, listener: Listener
) -> list[Instance]:
    """Return the instances with the findings of the lint, stored in the work folder by content.

    An error becomes the instance's defect. Warnings become its ``lint`` and are passed to the
    listener, one line per instance. Without a work folder nothing is stored.
    """
    folder = work_dir and work_dir / CACHE
    found = list(instances)
    listener.step_started("lint", len(found), "file")
    try:
        with Linter() as linter:
            for at, one in enumerate(found):
                listener.step_advanced(0, one.name)
                if one.defect is None:
                    found[at] = with_findings(one, _findings(one, linter, folder))
                listener.step_advanced(1)
    finally:
        listener.step_ended()
    tell(listener, warnings(found))
    return found


def lint_first(plan: Plan, work_dir: Path, listener: Listener, config: ExecutionConfig) -> Plan:
    """Return the plan, with those instances linted that must be before the first task.

    These are all up to the first that can be executed, or all if no core is left for linting during
    the tasks. Raise BenchError if none can be executed.
    """
    todo = list(plan.instance_set.instances)
    n_at_once = 1 if config.spare_cpus else len(todo)
    while todo:
        now, todo = todo[:n_at_once], todo[n_at_once:]
        plan = with_instances(plan, lint_instances(now, work_dir, listener))
        paths = {instance.path for instance in now}
        if any(task.instance.path in paths and defect(task) is None for task in plan.tasks):
            break
    plan.check_executable(listener.message)
    return plan


def lint_refused(plan: Plan, results: Iterable[Result], work_dir: Path, listener: Listener) -> Plan:
    """Return the plan, with those instances linted that were rejected before.

    Their tasks count as finished only if the instances are still rejected.
    """
    refused = {result.task.instance.digest for result in results if defect(result.task)}
    again = [
        one
        for one in plan.instance_set.instances
        if one.digest in refused and one.lint is None and one.defect is None
    ]
    return with_instances(plan, lint_instances(again, work_dir, listener)) if again else plan


class LintAhead:
    """Lints instances in a thread, ahead of the tasks."""

    def __init__(
        self,
        instances: Iterable[Instance],
        work_dir: Path | None,
        listener: Listener,
        cpus: frozenset[int],
    ) -> None:
        """Take the instances in the order in which they are needed; None lints nothing.

        Instances that are linted already, or have a defect, stay unchanged. The lint runs on these
        CPUs.
        """
        self._todo = [
            one
            for one in dict.fromkeys(instances)
            if work_dir is not None and one.lint is None and one.defect is None
        ]
        self._folder = work_dir and work_dir / CACHE
        self._listener = listener
        self._cpus = cpus
        self._waiting = {one.path for one in self._todo}
        self._found: dict[Path, Instance] = {}
        self._error: Exception | None = None
        self._is_over = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._lint, name="bench-lint", daemon=True)

    def __enter__(self) -> Self:
        """Start linting."""
        if self._todo:
            self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop linting at once."""
        self._is_over = True
        if self._todo:
            self._thread.join()

    def linted(self, task: Task) -> Task:
        """Wait for the lint of the task's instance, and return the task with its findings.

        Raise the exception that prevents linting.
        """
        path = task.instance.path
        if path not in self._waiting:
            return task
        with self._changed:
            self._changed.wait_for(lambda: path in self._found or self._error is not None)
        if path not in self._found and self._error is not None:
            raise self._error
        return replace(task, instance=self._found[path])

    def _lint(self) -> None:
        odd: list[Instance] = []
        with Linter(should_continue=lambda: not self._is_over, cpus=self._cpus) as linter:
            for one in self._todo:
                try:
                    found = with_findings(one, _findings(one, linter, self._folder))
                except Exception as error:  # noqa: BLE001 - raised where the instance is needed
                    self._set(one, None, error)
                    return
                self._set(one, found, None)
                odd += [found] if found.lint and found.defect is None else []
                if odd[-1:] == [found] and len(odd) <= SHOWN:
                    tell(self._listener, warnings([found]))
        tell(self._listener, warnings(odd)[SHOWN:])

    def _set(self, one: Instance, found: Instance | None, error: Exception | None) -> None:
        with self._changed:
            if found is not None:
                self._found[one.path] = found
            self._error = error
            self._changed.notify_all()


def warnings(instances: Iterable[Instance]) -> list[str]:
    """Return a line for each instance with warnings, the first few in full."""
    odd = [(one.path, one.lint) for one in instances if one.defect is None and one.lint]
    lines = [f"Warning: {path}: {_first_of(texts)}" for path, texts in odd[:SHOWN]]
    if len(odd) > SHOWN:
        lines.append(f"Warning: {len(odd) - SHOWN} more with warnings; see bench instances lint")
    return lines


def _first_of(texts: Sequence[str]) -> str:
    more = f" (and {len(texts) - 1} more: bench instances lint)" if len(texts) > 1 else ""
    return f"{texts[0]}{more}"


def _findings(instance: Instance, linter: Linter, folder: Path | None) -> list[LintFinding]:
    def make() -> list[LintFinding]:
        found = linter.lint(instance.path)
        if not linter.should_continue():
            raise StoppedLintError
        return found

    if folder is None:
        return make()
    subject = Subject(
        digest=instance.digest,
        file_format=file_format(instance.path),
        readers=compare_readers.versions(),
    )
    return cached(subject, folder, make)
