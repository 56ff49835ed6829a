"""Lint of whole files: the real ones, and what is no file of any format."""

from __future__ import annotations

import gzip
import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench.instances.files import find
from bench.instances.lint.file import lint
from bench.model.instances.finding import Severity, has_errors

EXPECTED = {
    "1448.lp": "empty model",
    "1449a.lp": "warning: no End",
    "1449b.lp": "warning: no End",
    "1451.lp": "a constant among a row's terms; HiGHS ignores it",
    "3015.mps": "",
    "3932.cip": "",
    "Side-coef.cip": "'5321/100' is not a number",
    "Side-coeftest.lp": "'53/1' is not a number",
    "comment.mps": "warning: text '*Comment' after a row's name",
    "conic.mps": "warning: section CSECTION",
    "dD2e.mps": "'1.0D3' is not a number; SCIP reads 1.0, HiGHS 1.0e3",
    "e226.mps": "warning: objective constant minus '-7.113'",
    "egout.cip": "'1033/50' is not a number",
    "fixed-binary.lp": "",
    "flugpl_rational.mps": "'9/10' is not a number; solvers silently read 9",
    "garbage.ems": "unknown extension",
    "garbage.lp": "empty model",
    "garbage.mps": "no section at all",
    "milp_obj_test.mps": "",
    "nan0.mps": "'nan' is not a number",
    "nan1.mps": "'nan' is not a number",
    "nan2.mps": "'nan' is not a number",
    "no-newline-eof.lp": "",
    "qjh.mps": "warning: section QSECTION",
    "qjh_uncon.mps": "warning: section QSECTION",
    "shortlines.mps": "",
    "silly-names.mps": "the name 'OBJSENSE'; HiGHS takes it for a section",
    "spec_sections.mps": "warning: section CSECTION",
    "test_locale.cip": "",
    "warnings.mps": "row 'R11' is not defined in ROWS",
}
"""What each broken file gives: an error, a warning, or nothing."""


@pytest.mark.parametrize("name", EXPECTED)
def test_every_broken_file_gives_what_is_wrong_with_it(shared: Path, name: str) -> None:
    """What readers read alike, or refuse with an error of their own, is no error."""
    found = lint(shared / "instances" / "broken" / name)
    expected = EXPECTED[name]
    is_error = bool(expected) and not expected.startswith("warning: ")
    assert bool(found) == bool(expected), found
    assert has_errors(found) == is_error, found
    texts = [f"{'warning: ' * (one.severity is Severity.WARNING)}{one.message}" for one in found]
    assert not expected or any(text.startswith(expected) for text in texts), texts


def test_no_broken_file_is_left_out(shared: Path) -> None:
    """The list above has them all."""
    files = {path.name for path in (shared / "instances" / "broken").iterdir()}
    assert files - {"index.csv", "broken.solu"} == EXPECTED.keys()


@pytest.mark.slow
def test_real_files_give_no_error(shared: Path) -> None:
    """The two warnings there are, are about text after ENDATA and nothing else."""
    folders = [str(shared / "instances" / name) for name in ("visible", "hard")]
    found = {one.path.name: lint(one.path) for one in find(folders)}
    odd = {name: [one.message for one in findings] for name, findings in found.items() if findings}
    assert odd == {"dcmulti.mps": ["text after ENDATA; it is ignored"]}


def test_bundled_files_give_no_finding(root: Path) -> None:
    """What is generated here is clean."""
    found = {one.name: lint(one.path) for one in find([str(root / "instances")])}
    assert found
    assert not any(found.values()), found


@pytest.mark.parametrize("cut", [1, 10, 100])
def test_a_truncated_gzip_file_is_one_error(tmp_path: Path, base: str, cut: int) -> None:
    """HiGHS reads what is left of it as a smaller problem."""
    path = tmp_path / "a.mps.gz"
    path.write_bytes(gzip.compress(base.encode())[:-cut])
    (found,) = lint(path)
    assert found.severity is Severity.ERROR
    assert found.message.startswith("damaged gzip file")


def test_a_wrong_checksum_is_one_error_also_after_endata(tmp_path: Path, base: str) -> None:
    """The file is read to its end, whatever its format."""
    packed = bytearray(gzip.compress(base.encode()))
    packed[-6] ^= 1
    for name in ("a.mps.gz", "a.opb.gz"):
        (tmp_path / name).write_bytes(packed)
        (found,) = lint(tmp_path / name)
        assert "CRC" in found.message


def test_a_compressed_file_is_linted_as_the_plain_one(tmp_path: Path, base: str) -> None:
    """Lines count in the uncompressed text, also where the name hides the compression."""
    text = base.replace(" R2 3", " R2 3/4").encode()
    (tmp_path / "a.mps").write_bytes(text)
    (tmp_path / "b.mps").write_bytes(gzip.compress(text))
    assert lint(tmp_path / "a.mps") == lint(tmp_path / "b.mps") != []


@pytest.mark.parametrize("name", ["missing.mps", "folder.mps", "empty.mps", "empty.lp.gz"])
def test_what_cannot_be_read_is_one_error(tmp_path: Path, name: str) -> None:
    """Nothing raises."""
    (tmp_path / "folder.mps").mkdir()
    (tmp_path / "empty.mps").touch()
    (tmp_path / "empty.lp.gz").write_bytes(gzip.compress(b""))
    (found,) = lint(tmp_path / name)
    assert found.severity is Severity.ERROR
    assert found.line is None


def test_other_formats_are_only_unpacked(tmp_path: Path) -> None:
    """Nothing is said of text that is not understood."""
    (tmp_path / "a.opb").write_text("* anything\n")
    assert lint(tmp_path / "a.opb") == []


VOCABULARY = """
    NAME ROWS COLUMNS RHS RANGES BOUNDS ENDATA OBJSENSE OBJNAME QUADOBJ SOS N G L E x y R1 c 1
    -1e30 nan inf 1/2 0x1 'MARKER' 'INTORG' 'INTEND' UP FR SC BV MAX $ * \\ Minimize st End
    VARIABLES CONSTRAINTS END <x>
"""
WORDS = st.sampled_from(VOCABULARY.split())
TEXTS = st.lists(
    st.tuples(st.sampled_from(["", " ", "\t"]), st.lists(WORDS, max_size=7)), max_size=30
).map(lambda lines: "\n".join(start + " ".join(words) for start, words in lines).encode())


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    content=st.one_of(st.binary(max_size=300), TEXTS), suffix=st.sampled_from(["mps", "lp", "cip"])
)
def test_no_bytes_make_it_raise(tmp_path: Path, content: bytes, suffix: str) -> None:
    """Random bytes and random words of the formats give findings, in order of their lines."""
    path = tmp_path / f"a.{suffix}"
    path.write_bytes(content)
    found = lint(path)
    lines = [one.line for one in found if one.line is not None]
    assert lines == sorted(lines)
    assert all(one.message.isprintable() for one in found)


@pytest.mark.parametrize("name", ["flugpl.mps", "stein27_inf.lp", "4sHB.cip"])
def test_damaged_real_files_never_make_it_raise(shared: Path, tmp_path: Path, name: str) -> None:
    """Cut anywhere, or with words and bytes changed."""
    data = (shared / "instances" / "visible" / name).read_bytes()
    draw = random.Random(1)
    for _ in range(100):
        broken = bytearray(data[: draw.randrange(len(data))])
        for _ in range(draw.randrange(5)):
            at = draw.randrange(len(broken) + 1)
            broken[at : at + draw.randrange(20)] = draw.randbytes(draw.randrange(5))
        path = tmp_path / name
        path.write_bytes(broken)
        lint(path)


def test_a_cut_mps_file_is_always_an_error(shared: Path, tmp_path: Path) -> None:
    """Wherever it is cut, down to the last letter of ENDATA."""
    data = (shared / "instances" / "visible" / "flugpl.mps").read_bytes().rstrip()
    path = tmp_path / "a.mps"
    for size in range(0, len(data), 41):
        path.write_bytes(data[:size])
        assert has_errors(lint(path)), size
