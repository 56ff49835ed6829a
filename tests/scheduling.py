"""Which worker of xdist executes which tests, where several do."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadGroupScheduling

ALONE = "tests-alone"
"""The file in which workers tell which tests are handed out alone."""


class Scheduling(LoadGroupScheduling):  # type: ignore[misc] # xdist has no types
    """Hands out the tests of a module together, but for slow ones that share nothing with others.

    What a module sets up for its tests is then set up by one worker alone. Tests of a group
    (``xdist_group``) stay together.
    """

    def __init__(self, config: pytest.Config, log: Producer | None = None) -> None:
        """Keep the order of the tests: xdist would begin with the modules that have most."""
        super().__init__(config, log)
        config.option.loadscopereorder = False

    @cached_property
    def _alone(self) -> frozenset[str]:
        path = _shared(self.config) / ALONE
        return frozenset(path.read_text("utf-8").split("\n"))

    def _split_scope(self, nodeid: str) -> str:
        scope = str(super()._split_scope(nodeid))
        return scope if scope != nodeid or nodeid in self._alone else nodeid.partition("::")[0]

    def _pending_of(self, workload: dict[str, dict[str, bool]]) -> int:
        """Forget what is finished: xdist counts through all of it after each test."""
        for scope in [scope for scope, tests in workload.items() if all(tests.values())]:
            del workload[scope]
        return int(super()._pending_of(workload))


def tell_alone(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tell the process that hands out tests which ones go out alone; a worker calls this."""
    alone = [
        item.nodeid
        for item in items
        if item.get_closest_marker("slow") and not _shares_a_fixture(item)
    ]
    path = _shared(config) / ALONE
    partial = path.with_name(f"{path.name}-{config.workerinput['workerid']}")  # type: ignore[attr-defined]
    partial.write_text("\n".join(alone), "utf-8")
    partial.replace(path)


def _shares_a_fixture(item: pytest.Item) -> bool:
    """Return whether a test uses what its module sets up once."""
    used = item._fixtureinfo.name2fixturedefs.values()  # type: ignore[attr-defined]
    return any(each.scope == "module" for definitions in used for each in definitions)


def _shared(config: pytest.Config) -> Path:
    """Return the folder that the processes of a session share."""
    own: Path = config._tmp_path_factory.getbasetemp()  # type: ignore[attr-defined]
    return own.parent if hasattr(config, "workerinput") else own
