"""How much data about a model is uploaded to MLflow."""

from __future__ import annotations

from enum import StrEnum


class RecordLevel(StrEnum):
    """The data that a store gets; each level adds to the levels before it.

    ``NONE`` is params, metrics and tags without any file. ``TABLES`` adds tables, figures and the
    report. At both levels, all messages that may quote names of rows and columns are withheld
    (`bench.verification.withhold`). ``LOGS`` adds these messages, the logs and the solvers'
    statistics. ``ALL`` adds solutions, parameters and the files that declare the sweep.
    """

    NONE = "none"
    TABLES = "tables"
    LOGS = "logs"
    ALL = "all"

    def includes(self, other: RecordLevel) -> bool:
        """Return whether this level includes all data of the other level."""
        levels = list(RecordLevel)
        return levels.index(self) >= levels.index(other)

    @property
    def has_texts(self) -> bool:
        """Return whether messages that quote names of rows and columns may be recorded."""
        return self.includes(RecordLevel.LOGS)


def strictest(*levels: RecordLevel) -> RecordLevel:
    """Return the level that reveals the least; ALL if there is none."""
    return min(levels, key=list(RecordLevel).index, default=RecordLevel.ALL)
