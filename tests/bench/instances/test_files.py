"""Finding instances."""

from __future__ import annotations

import gzip
import hashlib
import os
from pathlib import Path

import pytest

from bench.instances.files import file_format, find, instance_name

CONTENT = b"NAME x\nROWS\n N c\nCOLUMNS\nRHS\nENDATA\n"


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("p0201.mps.gz", "p0201"),
        ("gap4_2.txt.lp", "gap4_2.txt"),
        ("MANN_a9.clq.lp", "MANN_a9.clq"),
        ("BELL5.MPS", "BELL5"),
        ("noextension", "noextension"),
    ],
)
def test_the_name_is_the_file_name_without_its_format(file: str, name: str) -> None:
    """Names are those that .solu files use."""
    assert instance_name(Path(file)) == name


def test_the_digest_is_of_the_uncompressed_bytes(tmp_path: Path) -> None:
    """The same problem, compressed or not, is the same instance."""
    (tmp_path / "a.mps").write_bytes(CONTENT)
    (tmp_path / "b.mps.gz").write_bytes(gzip.compress(CONTENT, mtime=0))
    (tmp_path / "c.mps").write_bytes(gzip.compress(CONTENT, mtime=0))
    digests = {instance.digest for instance in find([str(tmp_path)])}
    assert digests == {hashlib.sha256(CONTENT).hexdigest()}


def test_a_test_list_names_paths_relative_to_itself(tmp_path: Path) -> None:
    """A .test list works from any folder, with comments and blank lines."""
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.mps").write_bytes(CONTENT)
    (tmp_path / "mine.test").write_text("# a list\n\nsub/a.mps  # the only one\n")
    assert [one.name for one in find([str(tmp_path / "mine.test")])] == ["a"]


def test_each_file_comes_once_however_often_it_is_named(tmp_path: Path) -> None:
    """A file, its folder and a glob that matches it make one instance."""
    file = tmp_path / "a.mps"
    file.write_bytes(CONTENT)
    found = find([str(file), str(tmp_path), str(tmp_path / "*.mps")])
    assert [one.path for one in found] == [file]


def test_one_text_may_hold_several_names(tmp_path: Path) -> None:
    """MLflow hands over one quoted text for all instances."""
    for name in "ab":
        (tmp_path / f"{name}.mps").write_bytes(CONTENT)
    found = find([f"{tmp_path / 'a.mps'} {tmp_path / 'b.mps'}"])
    assert [one.name for one in found] == ["a", "b"]


def test_a_path_with_blanks_stays_whole(tmp_path: Path) -> None:
    """A blank in a name does not split it."""
    (tmp_path / "a b.mps").write_bytes(CONTENT)
    assert [one.name for one in find([str(tmp_path / "a b.mps")])] == ["a b"]


@pytest.mark.parametrize(
    ("file", "content", "words"),
    [
        ("a.mps", None, "no such file"),
        ("a.mps", b"", "empty file"),
        ("a.xyz", CONTENT, "unknown extension"),
        ("a.mps.gz", gzip.compress(CONTENT, mtime=0)[:-4], "damaged gzip file"),
        ("a.mps.gz", gzip.compress(CONTENT, mtime=0)[:-8] + b"\0" * 8, "damaged gzip file"),
        ("empty.test", b"# nothing\n", "names no file"),
        ("binary.test", b"\xff\xfe\0", "not a text file"),
        ("own.test", b"own.test", "names itself"),
    ],
)
def test_what_cannot_be_used_says_why(
    tmp_path: Path, file: str, content: bytes | None, words: str
) -> None:
    """A bad file becomes an instance with a defect that names the file; nothing raises."""
    path = tmp_path / file
    if content is not None:
        path.write_bytes(content)
    (instance,) = find([str(path)])
    assert instance.defect is not None
    assert words in instance.defect
    assert str(path) in instance.defect


@pytest.mark.parametrize("word", ["x" * 5000, "x" * 300 + ".mps", "a\0b.mps"])
def test_what_is_no_file_name_says_so(tmp_path: Path, word: str) -> None:
    """On the command line and in a list, cut short in the message."""
    (tmp_path / "some.test").write_text(word)
    for argument in (word, str(tmp_path / "some.test")):
        (instance,) = find([argument])
        assert instance.defect is not None
        assert "no file name" in instance.defect
        assert len(instance.defect) < 200


def test_lists_that_name_each_other_end(tmp_path: Path) -> None:
    """What else they name is found."""
    (tmp_path / "a.mps").write_bytes(CONTENT)
    (tmp_path / "one.test").write_text("other.test\na.mps")
    (tmp_path / "other.test").write_text("one.test")
    found = find([str(tmp_path / "one.test")])
    assert [one.defect is None for one in found] == [False, True]


def test_a_list_that_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    """A pipe has nothing to read until somebody writes."""
    os.mkfifo(tmp_path / "pipe.test")
    (instance,) = find([str(tmp_path / "pipe.test")])
    assert "not a regular file" in (instance.defect or "")


@pytest.mark.parametrize("word", ["", "*.mps"])
def test_a_folder_or_glob_without_instances_says_so(tmp_path: Path, word: str) -> None:
    """Nothing found is a defect, not an empty success."""
    (instance,) = find([str(tmp_path / word) if word else str(tmp_path)])
    assert instance.defect is not None


def test_formats_are_told_by_the_name_in_any_case() -> None:
    """Upper case and .gz do not matter."""
    assert file_format(Path("X.MPS.GZ")) == "mps"
    assert file_format(Path("x.tar.gz")) is None
