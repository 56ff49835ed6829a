"""Decide which of our views to write to an experiment, without overwriting a user's changes.

The written values are stored in a tag: a view that differs from it was changed by the user, one
that is missing was deleted, and both are left alone. The same applies to the experiment's
description, which has the newest conclusion.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import asdict, replace
from typing import Any, Protocol

from bench.store.run_keys import HIDDEN, former_name, tag_of
from bench.tracking.client import NOTE
from bench.tracking.ui.overview import Choices, Overview
from bench.tracking.ui.views import SHARED, View, address, hide_left_out, set_view, views

MEMORY = f"{HIDDEN}bench.views"
FORMER_MEMORY = former_name(MEMORY)
"""What version 0.1 called it; MLflow's pages show that name, with all of its content."""


class Experiments(Protocol):
    """The methods of MLflow's client that are used."""

    def get_experiment(self, experiment_id: str) -> Any:
        """Return an experiment; its ``tags`` are a dictionary."""
        ...

    def set_experiment_tag(self, experiment_id: str, key: str, value: Any) -> None:
        """Set one of its tags."""
        ...

    def delete_experiment_tag(self, experiment_id: str, key: str) -> None:
        """Remove one of its tags."""
        ...

    def search_runs(
        self, experiment_ids: list[str], filter_string: str, *, max_results: int
    ) -> object:
        """Return some runs, or raise if the filter is not supported."""
        ...


def offer_views(client: Experiments, experiment_id: str, overview: Overview) -> None:
    """Write the due tags to an experiment; a failure only loses the views."""
    with suppress(Exception):
        tags = client.get_experiment(experiment_id).tags
        hiding = _knows_is_null(client, experiment_id)
        now_ms = round(1000 * time.time())
        gone = _empty_sets(client, experiment_id, tags, overview, hiding=hiding)
        due = due_tags(
            tags, overview, now_ms, hiding=hiding, experiment_id=experiment_id, gone=gone
        )
        for name, value in due.items():
            if not value:
                client.delete_experiment_tag(experiment_id, name)
            else:
                client.set_experiment_tag(experiment_id, name, value)


def _empty_sets(
    client: Experiments,
    experiment_id: str,
    tags: Mapping[str, str],
    overview: Overview,
    *,
    hiding: bool,
) -> frozenset[str]:
    """Return the remembered instance sets that no setting has anymore.

    An edited sweep leaves such sets behind. They are looked for at the end of a sweep only,
    because each set takes a request.
    """
    memory = _memory(tag_of(tags, MEMORY))
    if not overview.note or not memory:
        return frozenset()
    earlier = (title for title in _overview(memory).sets if title not in overview.sets)
    return frozenset(
        title
        for title in earlier
        if not client.search_runs(
            [experiment_id], set_view(title, hiding=hiding).filter, max_results=1
        )
    )


def _knows_is_null(client: Experiments, experiment_id: str) -> bool:
    """Return whether a server's filters can hide runs that have a tag (not before version 3.10)."""
    try:
        client.search_runs([experiment_id], hide_left_out("", hiding=True), max_results=1)
    except Exception:  # noqa: BLE001 - whatever it is, the views do without it
        return False
    return True


def due_tags(  # noqa: PLR0913 - what is known of the experiment
    tags: Mapping[str, str],
    overview: Overview,
    now_ms: int,
    *,
    hiding: bool = True,
    experiment_id: str = "0",
    gone: Collection[str] = (),
) -> dict[str, str]:
    """Return the tags to set in an experiment that has these tags; nothing if all are up to date.

    An empty one is to be removed: the view of an instance set that is no longer among the newest,
    or the tag of version 0.1. Data of earlier campaigns is kept. ``now_ms`` is in ms since the
    epoch; ``hiding``: filters may hide excluded runs; ``gone``: instance sets without settings.
    """
    memory = _memory(tag_of(tags, MEMORY))
    earlier = _overview(memory) if memory else overview
    together = overview.after(earlier)
    together = replace(together, sets=tuple(each for each in together.sets if each not in gone))
    written: dict[str, str] = dict(memory["written"]) if memory else {}
    due: dict[str, str] = {}

    def write(name: str, key: str, value: str, *, is_same: bool) -> None:
        current = tags.get(name)
        if (current and _hash(current)) == written.get(key) and not is_same:
            due[name] = value
            written[key] = _hash(value)

    shown = views(together, hiding=hiding)
    for rank, view in enumerate(shown):
        name = SHARED + view.key
        value = _envelope(view, now_ms - rank)
        write(name, view.key, value, is_same=_same(tags.get(name), view))
    if together.note:
        note = f"{together.note} [All settings, best first]({address(experiment_id)})"
        write(NOTE, NOTE, note, is_same=tags.get(NOTE) == note)
    for title in earlier.sets:
        key = set_view(title, hiding=hiding).key
        ours = tags.get(SHARED + key)
        if title not in together.sets and ours and _hash(ours) == written.pop(key, None):
            due[SHARED + key] = ""
    now = json.dumps({**_remembered(together), "written": written}, sort_keys=True)
    former = {FORMER_MEMORY: ""} if FORMER_MEMORY in tags else {}
    return due | ({MEMORY: now} if now != tags.get(MEMORY) else {}) | former


def _remembered(overview: Overview) -> dict[str, Any]:
    known = asdict(overview)
    names = known.pop("choices")
    return {**known, "choices": names["names"], "axes": names["axes"]}


def _overview(memory: Mapping[str, Any]) -> Overview:
    """Return the stored overview; version 0.1 stored only choices."""
    return Overview(
        choices=Choices(tuple(memory["choices"]), tuple(memory["axes"])),
        started_ms=memory.get("started_ms", 0),
        sets=tuple(memory.get("sets", ())),
        sweep_id=memory.get("sweep_id", ""),
        slow_s=memory.get("slow_s"),
        note=memory.get("note", ""),
    )


def _envelope(view: View, moment_ms: int) -> str:
    """Return the value of a view's tag; the menu shows the latest first."""
    moments = {"createdAt": moment_ms, "updatedAt": moment_ms}
    return json.dumps({"name": view.name, **moments, "state": view.state()})


def _same(current: str | None, view: View) -> bool:
    try:
        found = json.loads(current or "")
        return bool(found["name"] == view.name and found["state"] == view.state())
    except (ValueError, TypeError, KeyError):
        return False


def _memory(text: str) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = json.loads(text)
        return found if {"choices", "axes", "written"} <= set(found) else None
    except (ValueError, TypeError):
        return None


def _hash(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()[:12]
