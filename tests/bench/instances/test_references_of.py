"""References belong to files, not to names."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.errors import UsageError
from bench.instances.files import find
from bench.instances.references import References, references_of


@pytest.fixture(autouse=True)
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the working folder, with x.lp in the folders a and b, and y.lp in b."""
    for name, value in (("a/x", 1), ("b/x", 2), ("b/y", 3)):
        path = tmp_path / f"{name}.lp"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"min\n x\nst\n c: x >= {value}\nend\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def values(found: References, *words: str) -> dict[str, float | None]:
    """Return the known values by label."""
    known = {one.label: found.of(one) for one in find(words)}
    return {label: one.value for label, one in known.items() if one is not None}


def given(text: str, *words: str, name: str = "given.solu") -> dict[str, float | None]:
    """Return the known values of instances by a file that is given."""
    Path(name).write_text(text)
    return values(references_of(find(words), [Path(name)]), *words)


def test_a_file_beside_instances_speaks_of_its_folder_alone() -> None:
    """Of a name that is only elsewhere, too."""
    Path("a/all.solu").write_text("=opt= x 1\n=opt= y 7\n")
    Path("b/all.solu").write_text("=opt= x 2\n")
    words = ("a", "b")
    assert values(references_of(find(words), []), *words) == {"a/x": 1.0, "b/x": 2.0}
    Path("b/all.solu").unlink()
    assert values(references_of(find(words), []), *words) == {"a/x": 1.0}


def test_a_given_name_of_two_contents_is_refused_with_both_paths() -> None:
    """Alone, each of them can be meant; a copy is the same instance."""
    for text in ("=opt= x 1\n", "=opt= x.lp 1\n", "=opt= elsewhere/x.lp 1\n"):
        with pytest.raises(UsageError, match=r"given.solu:1: x may be a/x\.lp or b/x\.lp, which"):
            given(text, "a", "b")
        assert given(text, "a") == {"x": 1.0}
    with pytest.raises(UsageError, match=r"table.csv:2: x may be a/x\.lp or b/x\.lp"):
        given("name,opt\nx,1\n", "a", "b", name="table.csv")
    Path("b/x.lp").write_bytes(Path("a/x.lp").read_bytes())
    assert given("=opt= x 1\n", "a", "b") == {"x": 1.0}


def test_a_folder_tells_which_file_is_meant() -> None:
    """With or without format; the other one is not known then."""
    both = {"a/x": 1.0, "b/x": 2.0}
    assert given("=opt= a/x 1\n=opt= b/x.lp 2\n", "a", "b") == both
    assert given("=opt= a/x 1\n=opt= y 3\n", "a", "b") == {"a/x": 1.0, "y": 3.0}
    assert given("=opt= a/x 1\n", "b") == given("=opt= a/x.lp 1\n", "b") == {}
    Path("a/x.lp").unlink()
    assert given("=opt= a/x 1\n", "b/x.lp") == {"x": 1.0}


def test_what_is_given_goes_over_what_lies_beside_and_the_last_file_counts() -> None:
    """For each instance by itself."""
    Path("a/all.solu").write_text("=opt= x 1\n")
    Path("1.solu").write_text("=opt= a/x 5\n=opt= y 6\n")
    Path("2.solu").write_text("=opt= y 7\n")
    found = references_of(find(["a", "b"]), [Path("1.solu"), Path("2.solu")])
    assert values(found, "a", "b") == {"a/x": 5.0, "y": 7.0}


def test_two_formats_beside_one_list_are_told_apart_by_their_file_names() -> None:
    """The name alone is used for neither, and a note says so."""
    Path("b/y.mps").write_text("NAME\n")
    Path("b/all.solu").write_text("=opt= y 3\n")
    found = references_of(find(["b"]), [])
    assert values(found, "b") == {}
    (note,) = found.notes
    assert note.startswith("b/all.solu:1: y may be b/y.lp or b/y.mps")
    assert note.endswith("not used")
    Path("b/all.solu").write_text("=opt= y.mps 3\n=opt= y.lp 4\n")
    assert values(references_of(find(["b"]), []), "b") == {"b/y.mps": 3.0, "b/y.lp": 4.0}
    Path("b/all.solu").write_text("=opt= y.mps 3\n")
    assert values(references_of(find(["b"]), []), "b") == {"b/y.mps": 3.0}


def test_entries_that_contradict_each_other_are_refused_where_both_are_meant() -> None:
    """By name, or by two ways to write the file."""
    for text in ("=opt= x 1\n=opt= x 2\n", "=opt= a/x 1\n=opt= a/x.lp 2\n"):
        with pytest.raises(UsageError, match=r"given.solu:2: .* for .*x, but .* in given.solu:1"):
            given(text, "a/x.lp")
