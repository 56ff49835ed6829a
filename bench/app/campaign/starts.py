"""Start solutions: the file of each instance, and its check before any task."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache, partial
from hashlib import sha256
from pathlib import Path

from bench.app.campaign.plan import Plan
from bench.errors import UsageError
from bench.execution.linter import Linter
from bench.execution.start_check import StartCheck, check_start
from bench.instances.labels import listed
from bench.model.instances.instance import Instance
from bench.model.setting import Setting
from bench.model.start import Start
from bench.report.listener import Listener
from bench.solvers import registry

ENDINGS = (".sol", ".sol.gz")
PLACEHOLDER = "{instance}"


def with_starts(plan: Plan) -> Plan:
    """Return the plan with the start of each task whose setting has one; notes name the others.

    Raise UsageError for a solver that accepts no start, or a setting without a start for any
    instance.
    """
    settings = [each for each in plan.settings if each.start]
    if not settings:
        return plan
    _check_solvers(settings)
    instances = plan.instance_set.instances
    found = {each.start: _starts(each.start, instances) for each in settings}
    notes = [_note(text, starts, instances) for text, starts in found.items()]
    return replace(
        plan,
        tasks=tuple(
            replace(task, start=found[task.setting.start].get(task.instance.path))
            if task.setting.start
            else task
            for task in plan.tasks
        ),
        remarks=(*plan.remarks, *filter(None, notes)),
    )


def checked_starts(plan: Plan, listener: Listener) -> Plan:
    """Return the plan with the checked starts; infeasible ones are reported.

    Raise UsageError for a file that is not a solution of its instance.
    """
    pairs = {
        (task.instance.path, task.start.path): task.instance
        for task in plan.tasks
        if task.start is not None and task.instance.defect is None
    }
    if not pairs:
        return plan
    checks: dict[tuple[Path, str], StartCheck] = {}
    listener.step_started("check starts", len(pairs), "file")
    try:
        with Linter() as reader:
            for (path, start), instance in pairs.items():
                listener.step_advanced(0, instance.name)
                misread = tuple(name for name, _ in instance.misread_by)
                found = reader.look(partial(check_start, path, misread), Path(start))
                checks[path, start] = _checked(found)
                listener.step_advanced(1)
    finally:
        listener.step_ended()
    for (_, start), check in checks.items():
        if check.refusal:
            raise UsageError(f"--start {start}: {check.refusal}")
        if not check.feasible:
            listener.message(f"Warning: start {start} {check.text}; the solver gets it anyway")
    return replace(
        plan,
        tasks=tuple(
            replace(
                task,
                start=replace(task.start, check=checks[task.instance.path, task.start.path].text),
            )
            if task.start is not None and (task.instance.path, task.start.path) in checks
            else task
            for task in plan.tasks
        ),
    )


def _checked(found: StartCheck | str) -> StartCheck:
    if isinstance(found, str):
        return StartCheck(text=f"was not checked: {found}", feasible=False)
    return found


def _check_solvers(settings: Iterable[Setting]) -> None:
    for each in settings:
        if not registry.declaration(each.solver).takes_start:
            raise UsageError(
                f"solver {each.solver!r} does not support a start solution; remove --start, or "
                "give it to a named setting with only: and a solver that does"
            )


def _starts(text: str, instances: Sequence[Instance]) -> dict[Path, Start]:
    """Return the start of each instance that has one, by the instance's path."""
    found = {each.path: _file(text, each, n_instances=len(instances)) for each in instances}
    starts = {path: _start(file) for path, file in found.items() if file is not None}
    if starts:
        return starts
    if not (PLACEHOLDER in text or Path(text).exists()):
        raise UsageError(f"--start {text}: no such file or folder")
    if Path(text).is_file():
        raise UsageError(
            f"--start {text}: one file, and {len(instances)} instances, none of them named "
            f"{_stem(Path(text))!r}; give a folder with a file INSTANCE.sol for each, or a path "
            f"with {PLACEHOLDER}"
        )
    first = _candidates(text, instances[0], n_instances=len(instances))[0]
    raise UsageError(
        f"--start {text}: no solution was found there for any of the instances; that of "
        f"{instances[0].name} would be {first}"
    )


def _file(text: str, instance: Instance, *, n_instances: int) -> Path | None:
    """Return the solution file for an instance, None if there is none."""
    candidates = _candidates(text, instance, n_instances=n_instances)
    return next((each for each in candidates if each.is_file()), None)


def _candidates(text: str, instance: Instance, *, n_instances: int) -> list[Path]:
    """Return the files that may be the solution for an instance, the usual one first."""
    if PLACEHOLDER in text:
        return [Path(text.replace(PLACEHOLDER, instance.name))]
    if Path(text).is_dir():
        return [Path(text) / f"{instance.name}{ending}" for ending in ENDINGS]
    if n_instances == 1 or _stem(Path(text)) == instance.name:
        return [Path(text)]
    return []


def _stem(path: Path) -> str:
    return path.name.removesuffix(".gz").removesuffix(".sol")


@cache
def _digest(path: Path, _changed: float) -> str:
    return sha256(path.read_bytes()).hexdigest()


def _start(path: Path) -> Start:
    try:
        digest = _digest(path.absolute(), path.stat().st_mtime)
    except OSError as error:
        raise UsageError(f"--start {path}: cannot be read: {error.strerror}") from error
    return Start(path=str(path.absolute()), digest=digest)


def _note(text: str, starts: dict[Path, Start], instances: Sequence[Instance]) -> str:
    without = [each.label for each in instances if each.path not in starts]
    if not without:
        return ""
    n = len(instances)
    return (
        f"start {text}: no solution for {len(without)} of {n} instances; they are solved without "
        f"one: {listed(without)}"
    )
