"""Plug-ins of other packages, by their entry points."""

from __future__ import annotations

from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import pytest

from bench.plugins import Registry, entry_points
from bench.solvers.registry import BUILT_IN, declaration

GROUP = "bench.test.plugins"


def install(folder: Path, name: str) -> None:
    """Let a package with an entry point be installed in a folder."""
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[{GROUP}]\n{name} = {name}:THING\n")


@pytest.fixture
def searches(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the groups that are looked for in all installed packages from now on."""
    found: list[str] = []
    real: Callable[..., metadata.EntryPoints] = metadata.entry_points

    def counted(*, group: str) -> metadata.EntryPoints:
        found.append(group)
        return real(group=group)

    monkeypatch.setattr(metadata, "entry_points", counted)
    return found


def test_installed_packages_are_looked_through_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, searches: list[str]
) -> None:
    """A solver that is no built-in one is asked for with every task."""
    install(tmp_path, "first")
    monkeypatch.syspath_prepend(tmp_path)
    registry = Registry("thing", GROUP, {"own": "own:THING"})
    for _ in range(5):
        assert list(registry.names()) == ["own", "first"]
        assert registry.target("first") == "first:THING"
    assert searches == [GROUP]


def test_a_package_on_a_new_search_path_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was found is for its search path alone."""
    assert not entry_points(GROUP)
    install(tmp_path, "second")
    monkeypatch.syspath_prepend(tmp_path)
    assert [point.name for point in entry_points(GROUP)] == ["second"]


@pytest.mark.parametrize("solver", BUILT_IN)
def test_a_built_in_solver_needs_no_other_packages(
    monkeypatch: pytest.MonkeyPatch, searches: list[str], solver: str
) -> None:
    """Each task's process asks for what its solver declares, and would search anew."""
    monkeypatch.syspath_prepend("/a/new/search/path")
    declaration(solver)
    assert searches == []
