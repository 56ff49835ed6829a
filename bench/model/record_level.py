"""How much of a model leaves this machine: what MLflow's store gets."""

from __future__ import annotations

from enum import StrEnum


class RecordLevel(StrEnum):
    """What a store gets; each level adds to those before it.

    ``NONE`` is params, metrics and tags without any file. ``TABLES`` adds tables, figures and the
    report. Up to here all texts that may quote names of rows and columns are withheld
    (`bench.verification.withhold`). ``LOGS`` adds those texts, the logs and the solvers'
    statistics. ``ALL`` adds solutions, parameters and what the sweep was declared in.
    """

    NONE = "none"
    TABLES = "tables"
    LOGS = "logs"
    ALL = "all"

    def includes(self, other: RecordLevel) -> bool:
        """Whether what this other level gives a store is given at this level, too."""
        levels = list(RecordLevel)
        return levels.index(self) >= levels.index(other)

    @property
    def has_texts(self) -> bool:
        """Whether texts may be recorded that quote names of rows and columns."""
        return self.includes(RecordLevel.LOGS)


def strictest(*levels: RecordLevel) -> RecordLevel:
    """Return the level that gives away the least; ALL where there is none."""
    return min(levels, key=list(RecordLevel).index, default=RecordLevel.ALL)
