"""Files that are written completely or not at all."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from bench.model.whole_files import written_whole


def _fail(path: Path) -> None:
    with written_whole(path) as partial:
        partial.write_text("ne")
        raise OSError(errno.ENOSPC, "full")


def test_the_file_is_replaced_at_the_end(tmp_path: Path) -> None:
    """Nothing else is left."""
    path = tmp_path / "a"
    with written_whole(path) as partial:
        partial.write_text("new")
        assert not path.exists()
    assert [each.name for each in tmp_path.iterdir()] == ["a"]
    assert path.read_text() == "new"


def test_after_an_error_the_file_is_as_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error is that of writing, also if nothing can be removed: a read-only file system."""
    path = tmp_path / "a"
    path.write_text("old")
    with pytest.raises(OSError, match="full"):
        _fail(path)
    assert [each.name for each in tmp_path.iterdir()] == ["a"]

    def refuse(_: Path, *, missing_ok: bool) -> None:
        raise OSError(errno.EROFS, f"read-only {missing_ok}")

    monkeypatch.setattr(Path, "unlink", refuse)
    with pytest.raises(OSError, match="full"):
        _fail(path)
    assert path.read_text() == "old"
