"""The campaigns in a store: finished runs of settings and sweeps, and their tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.journal.row_reading import results_of
from bench.store.run_keys import BASELINE, KEY, KIND, RecordId, tag_of

if TYPE_CHECKING:
    import pandas as pd

    from bench.model.results.result import Result

SETTING = "setting"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRun:
    """A finished run of a setting or sweep, with its table of results."""

    record_id: RecordId
    name: str
    status: str
    ended_ms: int
    description: str
    tags: Mapping[str, str]
    table: pd.DataFrame

    @property
    def is_setting(self) -> bool:
        """Whether it is the run of a setting; else it is that of a sweep."""
        return self.tags.get(KIND) == SETTING

    @property
    def is_task(self) -> bool:
        """Whether it also has all data of its only task."""
        return self.is_setting and bool(tag_of(self.tags, KEY))


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCampaign:
    """The runs of one campaign, those of its settings first.

    ``is_running``: there are unfinished runs, which are not included. ``left_out`` names the
    settings whose runs are excluded, because the campaign's present plan does not contain them.
    """

    name: str
    runs: Sequence[StoredRun]
    is_running: bool
    left_out: Sequence[str] = ()

    @property
    def results(self) -> list[Result]:
        """The results of all its settings; TrackingError if a table cannot be read."""
        return [one for run in self.runs if run.is_setting for one in results_of(run.table)]

    @property
    def baseline(self) -> str | None:
        """The baseline of its settings; None if it is unknown."""
        return next((run.tags[BASELINE] for run in self.runs if BASELINE in run.tags), None)
