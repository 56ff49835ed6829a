"""Statistics made small: what says nothing is left out, the rest is there and compressed."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from bench.execution.process.compress import compress_statistics
from bench.model.workspace import Workspace


def compressed(folder: Path, content: bytes) -> bytes:
    """Return what the statistics of a task are after they were compressed."""
    room = Workspace(folder)
    room.statistics.write_bytes(content)
    compress_statistics(room)
    assert not room.statistics.exists()
    return gzip.decompress(room.compressed_statistics.read_bytes())


def test_zeros_empty_parts_and_descriptions_are_left_out(tmp_path: Path) -> None:
    """Numbers and words stay as they are."""
    plugin = {"description": "a heuristic that", "calls": 0, "found": 3, "time": 0.25}
    idle = {"description": "another that", "calls": 0, "solutions": []}
    content = {"status": "optimal", "gap": None, "heuristics": {"rins": plugin, "alns": idle}}
    kept = json.loads(compressed(tmp_path, json.dumps(content).encode()))
    assert kept == {"status": "optimal", "heuristics": {"rins": {"found": 3, "time": 0.25}}}


@pytest.mark.parametrize("content", [b"plain text\n", b"", b"[" * 100_000, b"\xff\xfe", b"[0, 1]"])
def test_what_is_no_table_is_kept_whole(tmp_path: Path, content: bytes) -> None:
    """Other solvers write text."""
    assert compressed(tmp_path, content) == content


def test_the_same_statistics_make_the_same_bytes(tmp_path: Path) -> None:
    """There is no moment of their making in it, and a file without statistics is no error."""
    made = []
    for name in ("a", "b"):
        room = Workspace(tmp_path / name)
        room.folder.mkdir()
        compress_statistics(room)
        assert not room.compressed_statistics.exists()
        room.statistics.write_text('{"nodes": 12}')
        compress_statistics(room)
        made.append(room.compressed_statistics.read_bytes())
    assert made[0] == made[1]


def test_what_a_solver_has_linked_in_its_place_is_not_followed(tmp_path: Path) -> None:
    """The file that it leads to stays."""
    other = tmp_path / "other.json"
    other.write_text("{}")
    room = Workspace(tmp_path)
    room.statistics.symlink_to(other)
    compress_statistics(room)
    assert other.exists()
    assert not room.compressed_statistics.exists()
