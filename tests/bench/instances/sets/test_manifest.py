"""Manifests of benchmark sets."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from bench.errors import UsageError
from bench.instances.sets import manifest

GOOD = {
    "name": "two",
    "title": "Two",
    "home": "http://localhost/",
    "licence": "none",
    "citation": "none",
    "checked": "here",
    "address": "http://localhost/{name}.mps.gz",
    "instances": ["a", "b c"],
}


def written(folder: Path, **changes: object) -> str:
    """Write a manifest with these changes and return its path."""
    path = folder / "set.yaml"
    path.write_text(yaml.safe_dump(GOOD | changes))
    return str(path)


def test_every_manifest_of_bench_is_one() -> None:
    """Each can be read, is named like its file, and says how far it was checked."""
    for name in manifest.known():
        found = manifest.read(name)
        assert found.name == name
        assert found.licence
        assert found.checked


def test_the_benchmark_set_of_miplib_has_240_instances() -> None:
    """Its digests are not known, and it says that nobody has seen the set for it."""
    found = manifest.read("miplib2017-benchmark")
    assert len(found.instances) == len(set(found.instances)) == 240
    assert not found.sha256
    assert "no file was downloaded" in found.checked


def test_an_address_is_quoted(tmp_path: Path) -> None:
    """A blank in a name is none in an address."""
    files = manifest.read(written(tmp_path)).files
    assert [file.address for file in files] == [
        "http://localhost/a.mps.gz",
        "http://localhost/b%20c.mps.gz",
    ]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"instances": ["../a"]}, "not a plain file name"),
        ({"others": {".hidden": "http://localhost/x"}}, "not a plain file name"),
        ({"instances": ["a", "a"]}, "a.mps.gz is listed twice"),
        ({"instances": []}, "there are no files in it"),
        ({"instances": 3}, "instances: "),
        ({"address": "http://localhost/a.mps.gz"}, "{name} is missing"),
        ({"address": "file:///etc/{name}"}, "expected an address of http or https"),
        ({"sha256": {"c.mps.gz": "0" * 64}}, "there is no file 'c.mps.gz'"),
        ({"sha256": {"a.mps.gz": "0" * 63}}, "expected 64 hexadecimal digits"),
        ({"colour": "red"}, "colour: "),
    ],
)
def test_what_is_wrong_in_a_manifest_is_one_line(
    tmp_path: Path, changes: dict[str, object], message: str
) -> None:
    """With the file and the place."""
    path = written(tmp_path, **changes)
    with pytest.raises(UsageError) as caught:
        manifest.read(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", [b"a: [", b"\xff\xfe\x00", b"3", b""])
def test_a_file_that_is_no_manifest_is_one_line(tmp_path: Path, content: bytes) -> None:
    """Whatever it is instead."""
    path = tmp_path / "set.yaml"
    path.write_bytes(content)
    with pytest.raises(UsageError) as caught:
        manifest.read(str(path))
    assert "\n" not in str(caught.value)


def test_an_unknown_set_is_answered_with_the_nearest() -> None:
    """A typing error costs one line."""
    with pytest.raises(UsageError, match="did you mean 'miplib2017-benchmark'"):
        manifest.read("miplib2017-bench")
    with pytest.raises(UsageError, match=r"none.yaml: cannot be read"):
        manifest.read("none.yaml")
