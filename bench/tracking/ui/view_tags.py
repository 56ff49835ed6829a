"""Which of our views are to be written into an experiment, so that a user's own ones stay.

What was written is remembered in a tag ``bench.views`` beside them: a view that differs from it
was changed by the user, one that is gone was deleted, and both are left alone.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol

from bench.model.setting import Setting
from bench.tracking.ui.views import SHARED, View, views

MEMORY = "bench.views"

_SAID_BY_KNOBS = "cutselection/hybrid/"
_MOST_CHOICES = 8


class Experiments(Protocol):
    """What is needed of MLflow's client."""

    def get_experiment(self, experiment_id: str) -> Any:
        """Return an experiment; its ``tags`` are a dictionary."""
        ...

    def set_experiment_tag(self, experiment_id: str, key: str, value: Any) -> None:
        """Set one of its tags."""
        ...


@dataclass(frozen=True, slots=True)
class Choices:
    """The params in which settings differ, and those of them that every setting has."""

    names: tuple[str, ...] = ()
    axes: tuple[str, ...] = ()

    def after(self, earlier: Choices) -> Choices:
        """Return the choices of these settings and earlier ones together."""
        axes = tuple(name for name in earlier.axes if name in self.axes)
        names = tuple(dict.fromkeys([*earlier.names, *self.names]))
        return Choices(names[:_MOST_CHOICES], axes)


def choices(settings: Iterable[Setting]) -> Choices:
    """Return the knobs, and the parameters in which the settings differ.

    Of a single setting these are all parameters. The weights that alpha and l1_ratio stand for
    are left out.
    """
    known = list(settings)
    knobs = dict.fromkeys(name for setting in known for name in setting.knobs)
    params = dict.fromkeys(name for setting in known for name in setting.params)
    telling = [
        name
        for name in params
        if not name.startswith(_SAID_BY_KNOBS)
        and (len(known) == 1 or len({str(each.params.get(name)) for each in known}) > 1)
    ]
    names = (*knobs, *telling)
    common = (all(name in {**one.params, **one.knobs} for one in known) for name in names)
    return Choices(names, tuple(itertools.compress(names, common)))


def offer_views(client: Experiments, experiment_id: str, names: Choices) -> None:
    """Write what is due into an experiment; whatever goes wrong costs no more than the views."""
    with suppress(Exception):
        tags = client.get_experiment(experiment_id).tags
        for name, value in due_tags(tags, names, round(1000 * time.time())).items():
            client.set_experiment_tag(experiment_id, name, value)


def due_tags(tags: Mapping[str, str], names: Choices, now_ms: int) -> dict[str, str]:
    """Return the tags to set in an experiment that has these tags; nothing if all is up to date.

    The choices of earlier campaigns are kept, eight at most. ``now_ms`` is in ms since the epoch.
    """
    memory = _memory(tags.get(MEMORY, ""))
    earlier = Choices(tuple(memory["choices"]), tuple(memory["axes"])) if memory else None
    together = names.after(earlier or names)
    written: dict[str, str] = dict(memory["written"]) if memory else {}
    due: dict[str, str] = {}
    for rank, view in enumerate(views(together.names, together.axes)):
        current = tags.get(SHARED + view.key)
        remembered = written.get(view.key)
        if (current and _hash(current)) == remembered and not _same(current, view):
            due[SHARED + view.key] = value = _envelope(view, now_ms - rank)
            written[view.key] = _hash(value)
    known = {"choices": together.names, "axes": together.axes, "written": written}
    now = json.dumps(known, sort_keys=True)
    return due | ({MEMORY: now} if now != tags.get(MEMORY) else {})


def _envelope(view: View, moment_ms: int) -> str:
    """Return the value of a view's tag; the menu shows the latest first."""
    moments = {"createdAt": moment_ms, "updatedAt": moment_ms}
    return json.dumps({"name": view.name, **moments, "state": view.state()})


def _same(current: str | None, view: View) -> bool:
    if current is None:
        return False
    found = json.loads(current)
    return bool(found["name"] == view.name and found["state"] == view.state())


def _memory(text: str) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = json.loads(text)
        return found if {"choices", "axes", "written"} <= set(found) else None
    except (ValueError, TypeError):
        return None


def _hash(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()[:12]
