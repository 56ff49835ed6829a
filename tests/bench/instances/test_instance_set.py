"""Instance sets as MLflow datasets."""

from __future__ import annotations

import json
from pathlib import Path

from bench.instances.instance_set import InstanceSet
from bench.model.instances.instance import Instance


def _instance(name: str, folder: str = "/data") -> Instance:
    return Instance(name=name, path=Path(folder) / f"{name}.mps", digest=name * 8)


def test_an_instance_counts_once() -> None:
    """Tasks of several seeds name it several times."""
    assert len(InstanceSet.of("x", [_instance("a"), _instance("b"), _instance("a")]).instances) == 2


def test_the_digest_depends_on_contents_alone() -> None:
    """Neither order nor place nor the name of the set matters."""
    here = InstanceSet.of("x", [_instance("a"), _instance("b")])
    there = InstanceSet.of("y", [_instance("b", "/other"), _instance("a", "/other")])
    assert here.digest == there.digest
    assert here.digest != InstanceSet.of("x", [_instance("a")]).digest
    assert len(here.digest) <= 36


def test_the_source_lists_the_files_with_their_digests() -> None:
    """What was measured can be found and checked again."""
    source = json.loads(InstanceSet.of("x", [_instance("a"), _instance("b")]).source())
    assert source["uri"] == "/data"
    assert source["files"][1] == {"path": "/data/b.mps", "sha256": "b" * 8}


def test_a_source_too_long_for_mlflow_says_how_much_is_missing() -> None:
    """Thousands of files do not fail the sweep."""
    source = InstanceSet.of("x", [_instance(f"i{n}") for n in range(5000)]).source()
    content = json.loads(source)
    assert len(source) < 65_535
    assert len(content["files"]) + content["n_not_listed"] == 5000


def test_an_empty_set_has_a_source_too() -> None:
    """Nothing special happens."""
    assert json.loads(InstanceSet.of("x", []).source())["files"] == []
