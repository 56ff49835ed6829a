"""Reading and writing SCIP's ``.set`` files."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyscipopt import Model

from bench.errors import UsageError
from bench.interop.set_files import SetEntry, parse, read, write
from bench.model.parameters import Parameter, ParameterKind
from bench.model.setting import ParameterValue
from bench.solvers.scip.catalogue import read_catalogue

CATALOGUE = read_catalogue()
OF_EVERY_KIND: dict[str, ParameterValue] = {
    "branching/preferbinary": True,
    "branching/scorefac": 0.1 + 0.2,
    "branching/scorefunc": "q",
    "heuristics/undercover/fixingalts": "nl i#=x ä",
    "limits/nodes": 2**63 - 1,
    "limits/time": 1e20,
    "misc/catchctrlc": False,
    "nlp/solver": "",
    "separating/maxrounds": -1,
}


def _values(text: str) -> dict[str, str]:
    return {name: entry.value for name, entry in parse(text, "my.set").items()}


@pytest.mark.parametrize(
    "line",
    [
        "limits/time = 5",
        "limits/time=5",
        "  limits/time\t=\t5  ",
        "limits/time = 5 # seconds",
        'limits/time = 5#seconds = "five"',
        'limits/time = "5"',
        'limits/time = "5" # seconds',
        "limits/time = 5\r",
    ],
)
def test_spaces_quotes_and_comments_around_a_value_do_not_count(line: str) -> None:
    """Every way to write the line gives the same value."""
    assert _values(line) == {"limits/time": "5"}


def test_blank_lines_and_comment_lines_are_skipped() -> None:
    """Only lines with a value count, and their numbers are those of the file."""
    assert parse("# head\n\n \t\n#\na = 1\n", "my.set") == {"a": SetEntry("1", 5)}


def test_a_byte_order_mark_and_crlf_line_ends_are_accepted() -> None:
    """A file saved by a Windows editor reads like any other."""
    assert _values("\ufeffa = 1\r\n\r\nb = 2\r\n") == {"a": "1", "b": "2"}


def test_a_quoted_text_keeps_its_spaces_hashes_and_equals_signs() -> None:
    """Between quotes everything belongs to the value."""
    assert _values('a = " x # y = z "') == {"a": " x # y = z "}


def test_an_empty_text_is_a_value() -> None:
    """Two quotes with nothing between them are the empty text."""
    assert _values('a = ""') == {"a": ""}


def test_an_empty_file_has_no_entries() -> None:
    """Nothing in it is nothing wrong."""
    assert _values("") == {}


def test_the_same_value_twice_is_accepted() -> None:
    """A harmless repetition is not an error."""
    assert parse("a = 1\na = 1\n", "my.set") == {"a": SetEntry("1", 1)}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a = 1\n\nlimits/time 5", 'my.set:3: expected "name = value", got "limits/time 5"'),
        ("limits time = 5", 'my.set:1: expected "name = value", got "limits time = 5"'),
        ("= 5", 'my.set:1: expected "name = value", got "= 5"'),
        ("limits/time: 5", 'my.set:1: expected "name = value", got "limits/time: 5"'),
        ("limits/time # = 5", 'my.set:1: expected "name = value", got "limits/time # = 5"'),
        ("a =", 'my.set:1: a has no value; expected "name = value"'),
        ("a = # none", 'my.set:1: a has no value; expected "name = value"'),
        (
            "a = x y",
            'my.set:1: expected one value for a, got "x y"; a text with spaces needs quotes',
        ),
        ("a = 1 fix", 'my.set:1: "fix" is not supported; remove it after the value of a'),
        (
            'a = "x',
            'my.set:1: expected one pair of quotes around the whole value, got "x',
        ),
        (
            'a = "x" # "y"',
            'my.set:1: expected one pair of quotes around the whole value, got "x" # "y"',
        ),
        ("a = 1\na = 2", "my.set:2: a = 2, but line 1 sets 1; keep one of them"),
        ("x" * 99, f'my.set:1: expected "name = value", got "{"x" * 60}..."'),
        ("a\x1b[2J b", 'my.set:1: expected "name = value", got "a?[2J b"'),
    ],
)
def test_a_wrong_line_is_refused_with_file_line_and_fix(text: str, message: str) -> None:
    """One line says where it is, what is wrong and what is expected."""
    with pytest.raises(UsageError) as caught:
        parse(text, "my.set")
    assert str(caught.value) == message


def test_an_emphasis_line_is_refused_with_the_way_around() -> None:
    """Emphasis settings hide which parameters change, so they must be written out."""
    with pytest.raises(UsageError, match=r"my\.set:1: emphasis lines are not read; .*--emphasis"):
        parse("emphasis: feasibility\n", "my.set")


@pytest.mark.parametrize(
    "content",
    [b"a = 1\0", b"\x1f\x8b\x08\x00", "a = 1".encode("utf-16"), "# für\n".encode("latin-1")],
)
def test_a_file_that_is_not_text_is_refused(tmp_path: Path, content: bytes) -> None:
    """Binary files and other encodings are named as what they are."""
    path = tmp_path / "my.set"
    path.write_bytes(content)
    with pytest.raises(UsageError, match="not a text file in UTF-8; expected lines"):
        read(path, CATALOGUE)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    """The message names the file and the reason."""
    with pytest.raises(UsageError, match=r"no\.set: cannot be read: No such file"):
        read(tmp_path / "no.set", CATALOGUE)


def test_a_folder_is_refused(tmp_path: Path) -> None:
    """The message names the folder and the reason."""
    with pytest.raises(UsageError, match="cannot be read: Is a directory"):
        read(tmp_path, CATALOGUE)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("limits/tme = 5", "unknown parameter 'limits/tme'; did you mean 'limits/time'"),
        ("limits/time = abc", "parameter limits/time = 'abc': expected a number"),
        ("limits/time = -1", "parameter limits/time = '-1': outside [0, 1e+20]"),
        ("limits/nodes = 1.5", "parameter limits/nodes = '1.5': expected a whole number"),
    ],
)
def test_a_value_that_the_solver_would_refuse_is_refused_with_its_line(
    tmp_path: Path, line: str, message: str
) -> None:
    """What SCIP's own reader passes over in silence is an error here."""
    path = tmp_path / "my.set"
    path.write_text(f"# head\n{line}\n")
    with pytest.raises(UsageError) as caught:
        read(path, CATALOGUE)
    assert str(caught.value).startswith(f"{path}:2: {message}")


def test_what_scip_writes_is_read_back_to_its_values(tmp_path: Path) -> None:
    """All parameters of a changed model, written by SCIP, come back with SCIP's values."""
    path = tmp_path / "all.set"
    model = Model()
    model.setParams(OF_EVERY_KIND)
    model.setParam("branching/scorefac", 0.25)
    model.writeParams(str(path), comments=True, onlychanged=False, verbose=False)
    assert read(path, CATALOGUE) == model.getParams()


def _read_by_scip(text: str) -> dict[str, ParameterValue]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "written.set"
        path.write_text(text, encoding="utf-8")
        model = Model()
        model.readParams(str(path))
        return dict(model.getParams())


def test_scip_reads_what_is_written_for_every_kind_of_parameter() -> None:
    """Bool, integer, long, real, char and text arrive in SCIP as they were given."""
    seen = _read_by_scip(write(OF_EVERY_KIND, CATALOGUE))
    assert {name: seen[name] for name in OF_EVERY_KIND} == OF_EVERY_KIND


def test_the_written_text_is_sorted_and_does_not_depend_on_the_order_given() -> None:
    """Equal parameters give equal bytes."""
    text = write(OF_EVERY_KIND, CATALOGUE)
    assert text == write(dict(reversed(OF_EVERY_KIND.items())), CATALOGUE)
    assert text.splitlines() == sorted(text.splitlines())


def test_nothing_to_write_is_an_empty_text() -> None:
    """No parameters, no bytes."""
    assert write({}, CATALOGUE) == ""


@pytest.mark.parametrize("value", ['a"b', "a\nb", "a\0", "x" * 2000])
def test_a_text_that_scip_could_not_read_back_is_refused(value: str) -> None:
    """Quotes, control characters and overlong lines do not get into a file."""
    with pytest.raises(
        UsageError, match=r"parameter nlp/solver = .*cannot be written to a \.set file"
    ):
        write({"nlp/solver": value}, CATALOGUE)


def test_a_value_that_is_not_allowed_is_not_written() -> None:
    """Writing checks like reading."""
    with pytest.raises(UsageError, match="outside"):
        write({"limits/time": -1.0}, CATALOGUE)


def _value_of(known: Parameter) -> st.SearchStrategy[ParameterValue]:
    match known.kind:
        case ParameterKind.BOOL:
            return st.booleans()
        case ParameterKind.INT:
            return st.integers(
                None if known.low is None else int(known.low),
                None if known.high is None else int(known.high),
            )
        case ParameterKind.REAL:
            return st.floats(known.low, known.high, allow_nan=False, allow_infinity=False)
        case ParameterKind.CHAR:
            return st.sampled_from(known.choices)
        case ParameterKind.STRING:
            return st.text(
                st.characters(
                    codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters='"'
                ),
                max_size=40,
            )


PARAMETERS = st.dictionaries(
    st.sampled_from(list(CATALOGUE)), st.none(), min_size=1, max_size=12
).flatmap(lambda names: st.fixed_dictionaries({n: _value_of(CATALOGUE[n]) for n in names}))


@given(PARAMETERS)
def test_what_is_written_is_read_back_to_the_same_values(
    params: dict[str, ParameterValue],
) -> None:
    """Reading undoes writing for any allowed values."""
    entries = parse(write(params, CATALOGUE), "written.set")
    assert {name: CATALOGUE.check(name, entry.value) for name, entry in entries.items()} == params


@settings(max_examples=60, deadline=None)
@given(PARAMETERS)
def test_scip_reads_what_is_written_for_any_allowed_values(
    params: dict[str, ParameterValue],
) -> None:
    """SCIP's own reader arrives at the values that were written."""
    seen = _read_by_scip(write(params, CATALOGUE))
    assert {name: seen[name] for name in params} == params


@given(st.text() | st.text(alphabet='ab/=:"# \t\r\n\ufeff5'))
def test_any_text_is_parsed_or_refused_in_one_line(text: str) -> None:
    """Nothing but UsageError ever comes out, and its message is a single line."""
    message = ""
    try:
        parse(text, "my.set")
    except UsageError as error:
        message = str(error)
    assert len(message.splitlines()) <= 1
