"""``bench instances collect``, executed as a user would."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Bench = Callable[..., Any]


def test_collected_instances_keep_names_contents_and_references(
    bench: Bench, tmp_path: Path, root: Path
) -> None:
    """Files and generated ones, compressed; known values stand beside them."""
    file = root / "instances" / "mkp-5x40.lp"
    done = bench("instances", "collect", file, "--generate", "set_cover:7", "-o", "out/all")
    folder = tmp_path / "out" / "all"
    names = ["mkp-5x40.lp.gz", "references.solu", "set_cover-7.mps.gz"]
    assert sorted(path.name for path in folder.iterdir()) == names
    assert done.out.splitlines() == ["out/all/mkp-5x40.lp.gz", "out/all/set_cover-7.mps.gz"]
    assert gzip.decompress((folder / names[0]).read_bytes()) == file.read_bytes()
    assert (folder / names[1]).read_text() == "=opt= mkp-5x40 17487.0\n"
    assert "set_cover-7" in bench("instances", "list", folder).out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "no instance was given"),
        (("--generate", "cover"), "unknown family 'cover'"),
        (("--generate", "set_cover:x"), "expected FAMILY:SEED"),
        (("no.mps",), "no.mps: no such file"),
        (("knapsack.mps", "twice/knapsack.mps"), "two instances are called knapsack.mps"),
        (("-o", "twice", "knapsack.mps"), "twice: the folder exists and is not empty"),
    ],
)
def test_what_cannot_be_collected_is_one_line(
    bench: Bench, knapsack: Path, tmp_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    """And no folder is made."""
    (tmp_path / "twice").mkdir()
    (tmp_path / "twice" / knapsack.name).write_text(knapsack.read_text())
    err = bench("instances", "collect", "-o", "out", *arguments, code=2).err
    assert words in err
    assert err.count("\n") == 1
    assert not (tmp_path / "out").exists()
