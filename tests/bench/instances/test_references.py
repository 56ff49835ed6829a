"""References from files, ``.solu`` and CSV."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.errors import UsageError
from bench.instances import references, solu
from bench.instances.reference_table import ReferenceColumns
from bench.model.instances.reference import Known, Reference


def test_a_missing_file_is_a_usage_error(tmp_path: Path) -> None:
    """The message names the file."""
    with pytest.raises(UsageError, match=r"none\.solu: cannot be read"):
        references.read([tmp_path / "none.solu"])


def test_an_instance_may_be_listed_by_its_file(tmp_path: Path) -> None:
    """With folder and suffix, or without; the exact name counts first."""
    path = tmp_path / "x.solu"
    path.write_text("=opt= sets/p0201.mps.gz 7615\n=opt= gap4_2.txt 644\n=inf= p0201.lp\n")
    with pytest.raises(UsageError, match=r"x\.solu:3: =inf= for p0201, but =opt= 7615\.0 in .*:1"):
        references.read([path])
    path.write_text(path.read_text() + "=opt= p0201 7\n")
    found = references.read([path])
    assert found["p0201"] == Reference(Known.OPTIMAL, 7.0)
    assert found["gap4_2.txt"] == Reference(Known.OPTIMAL, 644.0)


def test_later_files_go_over_earlier_ones(tmp_path: Path) -> None:
    """What the user gives goes over what lies beside the instances."""
    for name, value in (("a.solu", 1), ("b.solu", 2)):
        (tmp_path / name).write_text(f"=opt= x {value}\n")
    found = references.read([tmp_path / "a.solu", tmp_path / "b.solu"])
    assert found == {"x": Reference(Known.OPTIMAL, 2.0)}


@pytest.mark.parametrize("pool", ["visible", "hard"])
def test_an_index_of_real_instances_says_the_same_as_its_solu_file(shared: Path, pool: str) -> None:
    """But that a .solu file has no word for unbounded."""
    folder = shared / "instances" / pool
    table = references.read([folder / "index.csv"])
    listed = references.read([folder / f"{pool}.solu"])
    differing = {name for name in listed if table[name] != listed[name]}
    assert differing == ({"gas11"} if pool == "visible" else set())
    assert table.get("gas11", Reference(Known.UNBOUNDED)) == Reference(Known.UNBOUNDED)


MIPLIB = """\
InstanceInst.,StatusStat.,VariablesVari.,ObjectiveObj.
30n20b8,easy,18380,302
fhnw-binpack4-4,easy,520,Infeasible
neos-2629914-sudost,hard,496,-2.5e2
open1,open,7,12.5*
open2,open,7,-
easy3,easy,7,
"""


def test_the_table_of_miplib_is_read_as_it_is(tmp_path: Path) -> None:
    """Its statuses, its ``Infeasible`` in place of a value, and its asterisk."""
    path = tmp_path / "collection.csv"
    path.write_text("\ufeff" + MIPLIB)
    assert references.read([path]) == {
        "30n20b8": Reference(Known.OPTIMAL, 302.0),
        "fhnw-binpack4-4": Reference(Known.INFEASIBLE),
        "neos-2629914-sudost": Reference(Known.OPTIMAL, -250.0),
        "open1": Reference(Known.BEST, 12.5),
        "open2": Reference(Known.UNKNOWN),
        "easy3": Reference(Known.UNKNOWN),
    }


def test_columns_are_named_and_an_offset_is_added(tmp_path: Path) -> None:
    """Also with semicolons, in any order and with blanks."""
    path = tmp_path / "own.csv"
    path.write_text("z; constant ;model;note\n-18.7519;7.113;e226;a\n3;;b;\n")
    columns = ReferenceColumns.of("instance=model, objective=z, offset=constant")
    found = references.read([path], columns)
    assert found["e226"].value == pytest.approx(-11.6389)
    assert found["b"] == Reference(Known.OPTIMAL, 3.0)


def test_a_column_called_best_holds_best_known_values(tmp_path: Path) -> None:
    """Not optimal ones, unless a status says so."""
    path = tmp_path / "best.csv"
    path.write_text("problem,best\na,3\n")
    assert references.read([path]) == {"a": Reference(Known.BEST, 3.0)}
    path.write_text("problem,best,status\na,3,optimal\nb,4,unbounded\nc,5,unknown\n")
    assert references.read([path]) == {
        "a": Reference(Known.OPTIMAL, 3.0),
        "b": Reference(Known.UNBOUNDED),
        "c": Reference(Known.BEST, 5.0),
    }


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a,b\n", "no column for the instance; there are: a, b; name it, e.g. --solu-columns"),
        ("", "no column for the instance; there are: none"),
        ("name,b\n", "no column for the objective; there are: name, b"),
        ("name,opt\na,1\nb,one\n", "x.csv:3: 'one' is not a number"),
        ("name,opt\na,nine\n", "x.csv:2: 'nine' is not a number"),
        ("name,opt\na,inf\n", "x.csv:2: inf is infinite"),
        ("name,opt\n,1\n", "x.csv:2: the instance name is missing"),
        ("name,opt,status\na,1,solvedish\n", "x.csv:2: unknown status 'solvedish'; known:"),
        ("name,opt\na,1\na,2\n", "x.csv:3: =opt= 2.0 for a, but =opt= 1.0 in "),
    ],
)
def test_what_is_wrong_with_a_table_is_one_line(tmp_path: Path, text: str, words: str) -> None:
    """With the line, and the columns that there are."""
    path = tmp_path / "x.csv"
    path.write_text(text)
    with pytest.raises(UsageError) as caught:
        references.read([path])
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_named_column_must_be_there(tmp_path: Path) -> None:
    """Case counts for a name that the user gives."""
    path = tmp_path / "x.csv"
    path.write_text("Name,Opt\n")
    with pytest.raises(UsageError, match="no column 'opt'; there are: Name, Opt"):
        references.read([path], ReferenceColumns(objective="opt"))


@pytest.mark.parametrize("text", ["", "instance", "instance=", "row=x", "status=a,status=b"])
def test_what_is_no_choice_of_columns_is_refused(text: str) -> None:
    """With what is expected."""
    with pytest.raises(UsageError, match=r"--solu-columns .*expected instance=NAME,objective=NAME"):
        ReferenceColumns.of(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("=best= a 9\n=bestdual= a 8\n", Reference(Known.BEST, 9.0, 8.0)),
        ("=bestdual= a 8\n=best= a 9\n", Reference(Known.BEST, 9.0, 8.0)),
        ("=opt= a 9\n=unkn= a\n", Reference(Known.OPTIMAL, 9.0)),
        ("=best= a 9\n=opt= a 8\n", Reference(Known.OPTIMAL, 8.0)),
        ("=opt= a 8\n=feas= a\n", Reference(Known.OPTIMAL, 8.0)),
        ("=opt= a 568.1007\n=opt= a 568.10070000001\n", Reference(Known.OPTIMAL, 568.10070000001)),
        ("=unkn= a\n=inf= a\n", Reference(Known.INFEASIBLE)),
    ],
)
def test_lines_on_one_instance_are_put_together(text: str, expected: Reference) -> None:
    """What says more goes over what says less, in any order."""
    assert solu.parse(text, "x.solu") == {"a": expected}


@pytest.mark.parametrize(
    "lines",
    [
        ("=opt= a 1", "=opt= a 2"),
        ("=opt= a 1", "=inf= a"),
        ("=unbd= a", "=opt= a 1"),
        ("=feas= a", "=inf= a"),
        ("=bestdual= a 1", "=bestdual= a 2"),
    ],
)
def test_lines_that_contradict_each_other_are_an_error(lines: tuple[str, str]) -> None:
    """With both places, in either order."""
    for first, second in (lines, lines[::-1]):
        with pytest.raises(UsageError, match=r"x\.solu:2: .* for a, but .* in x\.solu:1; remove"):
            solu.parse(f"{first}\n{second}\n", "x.solu")
