"""``bench instances fetch``, executed as a user would."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from bench.instances.sets import download

Bench = Callable[..., Any]


def test_the_known_sets_are_listed_with_their_licence(bench: Bench) -> None:
    """Without a name."""
    out = bench("instances", "fetch").out
    assert "miplib2017-benchmark: MIPLIB 2017, benchmark set (240 instances" in out
    assert "licence: " in out


def test_an_unknown_set_is_one_line(bench: Bench) -> None:
    """With the nearest name."""
    err = bench("instances", "fetch", "miplib2017", code=2).err
    assert "did you mean 'miplib2017-benchmark'?" in err


def test_a_dead_server_is_one_line(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing but the manifest is left, and no traceback."""
    monkeypatch.setattr(download, "PAUSES_S", ())
    tree = {
        "name": "dead",
        "title": "Dead",
        "home": "http://127.0.0.1:9/",
        "licence": "none",
        "citation": "none",
        "checked": "not checked",
        "address": "http://127.0.0.1:9/{name}.mps.gz",
        "instances": ["a"],
    }
    (tmp_path / "dead.yaml").write_text(yaml.safe_dump(tree))
    ended = bench("instances", "fetch", "dead.yaml", code=1, env={"NO_PROXY": "127.0.0.1"})
    assert "http://127.0.0.1:9/a.mps.gz: connection refused" in ended.err
    assert [path.name for path in (tmp_path / "dead").glob("*.mps*")] == []
