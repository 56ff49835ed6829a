"""What instances are called where several have the same name or the same content."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.instances.labels import listed, same_contents, with_labels
from bench.model.instances.instance import Instance


def instance(path: str, digest: str) -> Instance:
    """Return the instance of a file."""
    return Instance(name=Path(path).stem, path=Path(path), digest=digest)


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        (["a/x.lp", "b/y.lp"], ["x", "y"]),
        (["a/x.lp", "b/x.lp", "b/y.lp"], ["a/x", "b/x", "y"]),
        (["a/s/x.lp", "b/s/x.lp"], ["a/s/x", "b/s/x"]),
        (["s/x.lp", "b/s/x.lp", "b/x.lp"], ["labels/s/x", "b/s/x", "labels/b/x"]),
        (["a/x.lp", "a/x.mps"], ["a/x.lp", "a/x.mps"]),
        (["a/x.lp", "a/x.mps", "b/x.mps"], ["a/x.lp", "a/x.mps", "b/x.mps"]),
    ],
)
def test_a_name_of_several_contents_has_as_much_of_the_folder_as_it_takes(
    paths: list[str], expected: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files of one folder have their formats."""
    (folder := tmp_path / "labels").mkdir()
    monkeypatch.chdir(folder)
    found = with_labels(instance(path, str(number)) for number, path in enumerate(paths))
    assert [one.label for one in found] == expected
    assert {one.name for one in found} <= {"x", "y"}


def test_copies_keep_their_name() -> None:
    """It is one instance; what is broken has no content to compare."""
    found = with_labels([instance("a/x.lp", "1"), instance("b/x.lp", "1")])
    assert [one.label for one in found] == ["x", "x"]
    found = with_labels([instance("a/x.lp", "1"), instance("b/x.lp", "")])
    assert [one.label for one in found] == ["a/x", "b/x"]


def test_files_of_one_content_are_named() -> None:
    """A few of them."""
    files = [instance(f"{name}.lp", "1" if name in "acd" else name) for name in "abcd"]
    assert same_contents(files) == [
        "a.lp, c.lp and d.lp have the same content and count once in comparisons"
    ]
    assert listed(["a", "b"]) == "a and b"
    assert listed([*"abcdefg"]) == "a, b, c, d and 3 more"
    assert listed(["a\nb", "ä"]) == "a\\nb and ä"
    assert listed([]) == ""
