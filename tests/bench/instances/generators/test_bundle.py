"""The bundled files: generated, complete, small, referenced, and of all classes."""

from __future__ import annotations

import gzip
from functools import cache
from pathlib import Path

import pytest

from bench.instances import references
from bench.instances.generators.bundle import BUNDLE, Bundled, write_bundle
from bench.instances.generators.linear_model import LinearModel
from bench.model.instances.reference import Known

FOLDER = Path(__file__).parents[4] / "instances"
FILES = {path.name for path in FOLDER.iterdir() if path.name.endswith((".mps.gz", ".lp"))}
REFERENCES = references.read([FOLDER / "bundled.solu"])


@cache
def models() -> dict[str, LinearModel]:
    """Return the problem of each bundled file by its stem."""
    return {bundled.stem: bundled.model() for bundled in BUNDLE}


def _listed(name: str) -> list[str]:
    return (FOLDER / name).read_text(encoding="utf-8").splitlines()


def _kind(model: LinearModel) -> str:
    kinds = {
        ("binary" if c.is_binary else "integer") if c.is_integral else "real" for c in model.columns
    }
    return " ".join(sorted(kinds))


@pytest.mark.parametrize("bundled", BUNDLE, ids=lambda bundled: bundled.stem)
def test_every_bundled_file_is_regenerated_byte_for_byte(bundled: Bundled) -> None:
    """The uncompressed bytes follow from family, sizes and seed on every machine."""
    stored = (FOLDER / bundled.file_name).read_bytes()
    text = gzip.decompress(stored) if bundled.file_name.endswith(".gz") else stored
    assert text == bundled.text()


def test_the_folder_holds_the_bundle_and_no_other_instance() -> None:
    """No file is left over and none is missing."""
    assert {bundled.file_name for bundled in BUNDLE} == FILES


def test_the_bundle_is_rich_and_small() -> None:
    """At least 20 files of 8 families in both formats, under 2 MiB together."""
    assert len(FILES) >= 20
    assert len({bundled.family for bundled in BUNDLE}) >= 8
    assert {bundled.suffix for bundled in BUNDLE} == {".mps.gz", ".lp"}
    assert sum((FOLDER / name).stat().st_size for name in FILES) < 2 * 2**20


@pytest.mark.slow
def test_stems_are_unique() -> None:
    """A name in the .solu file means one instance."""
    assert len(models()) == len(BUNDLE)


@pytest.mark.slow
def test_every_kind_of_variables_occurs() -> None:
    """Pure binary, general integer, mixed with either, and continuous."""
    kinds = {_kind(model) for model in models().values()}
    assert {"binary", "integer", "binary real", "integer real", "real"} <= kinds


def test_both_senses_and_equations_occur() -> None:
    """Some maximise; in some, at least half of the rows are equations."""
    shares = [
        sum(row.lower == row.upper for row in model.rows) / len(model.rows)
        for model in models().values()
    ]
    assert {model.maximise for model in models().values()} == {False, True}
    assert sum(share >= 0.5 for share in shares) >= 5


def test_every_instance_has_a_reference() -> None:
    """The .solu file covers the bundle and nothing else."""
    assert set(REFERENCES) == set(models())


def test_infeasible_unbounded_and_optimal_instances_occur() -> None:
    """The one without a known value is unbounded."""
    known = [reference.known for reference in REFERENCES.values()]
    assert known.count(Known.INFEASIBLE) >= 2
    assert known.count(Known.OPTIMAL) >= 20
    assert [n for n, r in REFERENCES.items() if r.known is Known.UNKNOWN] == ["arbitrage-4"]


def test_all_test_lists_the_whole_bundle() -> None:
    """all.test names every file once, in the order of the bundle."""
    assert _listed("all.test") == [bundled.file_name for bundled in BUNDLE]


def test_quick_test_lists_about_a_dozen_of_all_kinds() -> None:
    """quick.test names existing files of every kind, one infeasible and one unbounded."""
    quick = _listed("quick.test")
    stems = {name.removesuffix(".mps.gz").removesuffix(".lp") for name in quick}
    assert set(quick) <= FILES
    assert 10 <= len(quick) == len(stems) <= 15
    assert {_kind(models()[stem]) for stem in stems} == {
        _kind(model) for model in models().values()
    }
    assert {REFERENCES[stem].known for stem in stems} == {r.known for r in REFERENCES.values()}


def test_the_readme_describes_every_file() -> None:
    """Each instance has a line in the table of the folder."""
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert all(f"| `{bundled.file_name}` |" in readme for bundled in BUNDLE)


def test_files_written_twice_are_the_same(tmp_path: Path) -> None:
    """A compressed file holds neither the time nor its name."""
    names = {"gap-5x20.lp", "cfl-10x20.mps.gz"}
    first = {path.name: path.read_bytes() for path in write_bundle(tmp_path, names)}
    assert {path.name: path.read_bytes() for path in write_bundle(tmp_path, names)} == first
    assert set(first) == names
