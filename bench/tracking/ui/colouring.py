"""Colours of settings in the MLflow UI.

The UI gives a run one of 20 colours by its id, so two of five settings often have the same. The tag
``mlflow.runColor`` overrides this; the UI stores a user's choice there too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any, Protocol

from bench.model.colours import COLOURS
from bench.store.run_keys import CAMPAIGN, KIND, tag_of

COLOUR = "mlflow.runColor"

_LATEST = 100


class Runs(Protocol):
    """The methods of MLflow's client that are used."""

    def search_runs(
        self, experiment_ids: list[str], filter_string: str, *, max_results: int
    ) -> Iterable[Any]:
        """Return the latest runs; their ``data.tags`` are dictionaries."""
        ...

    def set_tag(self, run_id: str, key: str, value: Any) -> object:
        """Set a tag of one of them."""
        ...


def give_colour(client: Runs, experiment_id: str, run_id: str, campaign_id: str | None) -> None:
    """Give the run of a setting the colour that is rarest among the latest of an experiment.

    Rarest in its own campaign first. An existing colour is kept. A failure only loses the colour.
    """
    with suppress(Exception):
        settings = f"tags.`{KIND}` = 'setting'"
        latest = list(client.search_runs([experiment_id], settings, max_results=_LATEST))
        if any(run.info.run_id == run_id and COLOUR in run.data.tags for run in latest):
            return
        own = [run for run in latest if tag_of(run.data.tags, CAMPAIGN) == campaign_id]
        client.set_tag(run_id, COLOUR, rarest(*map(_colours, (own, latest))))


def rarest(*used: Sequence[str]) -> str:
    """Return the colour that is rarest in the first list, then in the next; the first of ties."""
    return min(COLOURS, key=lambda colour: [colours.count(colour) for colours in used])


def _colours(runs: Iterable[Any]) -> list[str]:
    return [run.data.tags.get(COLOUR, "") for run in runs]
