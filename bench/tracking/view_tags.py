"""Which of our views are to be written into an experiment, so that a user's own ones stay.

What was written is remembered in a tag ``bench.views`` beside them: a view that differs from it
was changed by the user, one that is gone was deleted, and both are left alone.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Protocol

from bench.model.setting import Setting
from bench.tracking.views import SHARED, View, views

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


def choices(settings: Iterable[Setting]) -> list[str]:
    """Return the knobs, and the parameters in which the settings differ.

    Of a single setting these are all parameters. The weights that alpha and l1_ratio stand for
    are left out.
    """
    known = list(settings)
    knobs = dict.fromkeys(name for setting in known for name in setting.knobs)
    params = dict.fromkeys(name for setting in known for name in setting.params)
    return [
        *knobs,
        *(
            name
            for name in params
            if not name.startswith(_SAID_BY_KNOBS)
            and (len(known) == 1 or len({str(each.params.get(name)) for each in known}) > 1)
        ),
    ]


def offer_views(client: Experiments, experiment_id: str, names: Sequence[str]) -> None:
    """Write what is due into an experiment; whatever goes wrong costs no more than the views."""
    with suppress(Exception):
        tags = client.get_experiment(experiment_id).tags
        for name, value in due_tags(tags, names, round(1000 * time.time())).items():
            client.set_experiment_tag(experiment_id, name, value)


def due_tags(tags: Mapping[str, str], names: Sequence[str], now_ms: int) -> dict[str, str]:
    """Return the tags to set in an experiment that has these tags; nothing if all is up to date.

    ``names`` are the params in which settings differ; those of earlier campaigns are kept beside
    them, eight at most. ``now_ms`` is in ms since the epoch.
    """
    memory = _memory(tags.get(MEMORY, ""))
    together = list(dict.fromkeys([*memory["choices"], *names]))[:_MOST_CHOICES]
    written: dict[str, str] = dict(memory["written"])
    due: dict[str, str] = {}
    for rank, view in enumerate(views(together)):
        current = tags.get(SHARED + view.key)
        remembered = written.get(view.key)
        if (current and _hash(current)) == remembered and not _same(current, view):
            due[SHARED + view.key] = value = _envelope(view, now_ms - rank)
            written[view.key] = _hash(value)
    now = json.dumps({"choices": together, "written": written}, sort_keys=True)
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


def _memory(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
        return {"choices": list(found["choices"]), "written": dict(found["written"])}
    except (ValueError, TypeError, KeyError):
        return {"choices": [], "written": {}}


def _hash(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()[:12]
