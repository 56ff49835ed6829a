"""Choose a setting for each instance; a separate process reads its statistics."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.execution.process import launch
from bench.execution.process.fork_servers import fork_server
from bench.model.instances.instance import Instance
from bench.report.listener import Listener
from bench.selection.selector import Choice, Selector
from bench.solvers import registry


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceChoice:
    """The choice for an instance; ``error`` is the reason if its statistics could not be read."""

    instance: Instance
    choice: Choice
    error: str | None = None


def choose(selector: Selector, instance: Instance, folder: Path) -> InstanceChoice:
    """Return the choice for an instance: the single best setting if the instance cannot be read.

    Call it after `preload`; the folder must exist.
    """
    answer = launch.inspect(instance, selector.solver, folder)
    return InstanceChoice(
        instance=instance, choice=selector.choose(answer.problem), error=answer.error
    )


def preload(selector: Selector) -> list[str]:
    """Return the modules that the fork server is to load for reading and solving."""
    return [fork_server.PRELOAD_READERS, registry.load(selector.solver).preload]


def choose_all(
    selector: Selector, instances: Sequence[Instance], listener: Listener
) -> list[InstanceChoice]:
    """Return a choice for each instance, in their order."""
    fork_server.prepare(preload(selector))
    listener.step_started("read", len(instances), "file")
    found = []
    try:
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            for instance in instances:
                found.append(choose(selector, instance, Path(folder)))
                listener.step_advanced(1)
    finally:
        listener.step_ended()
    return found


def choice_notes(title: str, found: Sequence[InstanceChoice]) -> Iterator[str]:
    """Yield lines about the choices, and about instances with unusual statistics."""
    if len(found) == 1:
        chosen = found[0].choice
        yield f"{title} chose {chosen.setting.name}: {chosen.reason}"
    else:
        counts = Counter(one.choice.setting.name for one in found)
        told = ", ".join(f"{name} for {n}" for name, n in counts.most_common())
        yield f"{title} chose {told} of {len(found)} instances"
    for one in found:
        if one.error is not None:
            taken = one.choice.setting.name
            why = f"no setting could be chosen, so {taken} is used"
            yield f"{one.instance.label}: {why}: {one.error}"
        for note in one.choice.notes:
            yield f"{one.instance.label}: {note}"
