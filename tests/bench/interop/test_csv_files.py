"""Reading tables of others."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.errors import UsageError
from bench.interop.any_format import once
from bench.interop.csv_files import read
from bench.interop.reported import ImportHints, ParsedFile
from bench.interop.status_words import meaning
from bench.model.results.verdict import Category

MAP = {"instance": "problem", "time": "seconds", "status": "how"}
HEAD = "problem,seconds,how,value,config\n"


def table(rows: str, **columns: str) -> ParsedFile:
    """Return what a table of this header and these rows reports."""
    return read(HEAD + rows, "a.csv", "a", ImportHints(columns=MAP | columns, time_limit_s=60))


def test_columns_are_named_by_a_map() -> None:
    """The setting is the file's name where no column tells it."""
    (one,) = table("p,1.5,ok,7,\n", primal="value").reported
    assert (one.task.instance.name, one.task.setting.name) == ("p", "a")
    assert (one.answer.solve_time_s, one.answer.primal_bound) == (1.5, 7)
    assert (one.category, one.task.limits.time_s) == (Category.UNCONFIRMED, 60)
    assert one.execution(0.0).evidence == "imported from a.csv:2: ok"


def test_the_columns_that_bench_writes_need_no_map() -> None:
    """So does a table whose columns have the fields' own names."""
    text = (
        "instance;setting;solve_time_s;n_nodes;verdict;status;primal_bound\nx;s;2;9;wrong;optimal;1"
    )
    (one,) = read(text, "b.csv", "b", ImportHints()).reported
    assert (one.task.setting.name, one.answer.n_nodes, one.category) == ("s", 9, Category.WRONG)


def test_without_a_status_reaching_the_time_limit_decides() -> None:
    """Less is solved, no time at all is a failure."""
    text = "instance,time\na,59\nb,60\nc,\n"
    found = [
        one.category for one in read(text, "a.csv", "a", ImportHints(time_limit_s=60)).reported
    ]
    assert found == [Category.UNCONFIRMED, Category.LIMIT, Category.CRASHED]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("p,x,ok,1,", "a.csv:2: seconds 'x' is not a number"),
        ("p,1_0,ok,1,", "a.csv:2: seconds '1_0' is not a number"),
        ("p,-1,ok,1,", "a.csv:2: seconds -1 is negative"),
        ("p,inf,ok,1,", "a.csv:2: seconds inf is not finite"),
        ("p,1,odd,1,", "a.csv:2: unknown status 'odd'; explain it with --status odd=..."),
        ("p,1,ok", "a.csv:2: 3 cells, but the header has 5"),
        (",1,ok,1,", "a.csv:2: instance name '' is empty or not printable"),
        ("p\x1b[2J,1,ok,1,", "a.csv:2: instance name 'p\\x1b[2J' is empty or not printable"),
    ],
)
def test_a_row_that_cannot_be_read_is_named(row: str, message: str) -> None:
    """By file, line, column and reason; it is not reported as anything."""
    reading = table(f"{row}\nq,1,ok,1,\n")
    assert reading.problems == (message,)
    assert [one.task.instance.name for one in reading.reported] == ["q"]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"time": "secnds"}, "no column 'secnds'; did you mean 'seconds'"),
        ({"tme": "seconds"}, "--map tme=seconds: unknown field; did you mean 'time'"),
        ({}, "no column 'instance'; name it with --map instance=COLUMN"),
    ],
)
def test_a_column_that_is_not_there_is_named(columns: dict[str, str], message: str) -> None:
    """With what was probably meant, and what there is."""
    with pytest.raises(UsageError, match=message):
        read(f"{HEAD}p,1,ok,1,\n", "a.csv", "a", ImportHints(columns=columns))


def test_repeated_rows_are_said_and_the_last_one_counts() -> None:
    """The same instance, setting and seed twice is one task."""
    kept, notes = once(table("p,1,ok,1,\nq,1,ok,1,\np,2,ok,1,\n").reported)
    assert [(one.task.instance.name, one.answer.solve_time_s) for one in kept] == [
        ("q", 1),
        ("p", 2),
    ]
    assert notes == ["a.csv:4: repeats a.csv:2 (p, a, seed 0); the last one counts"]


def test_status_words_are_known_in_many_spellings() -> None:
    """Those of solvers, check scripts and other harnesses; own words can be explained."""
    for word, status in (
        ("OK", "optimal"),
        ("Time Limit", "timelimit"),
        ("TO", "timelimit"),
        ("out of memory", "memlimit"),
        ("fail (abort)", None),
    ):
        found = meaning(word)
        assert found is not None
        assert found.status == status
    assert meaning("warning") is None
    own = meaning("warning", {"Warning": "optimal"})
    assert own is not None
    assert own.category is Category.UNCONFIRMED


@settings(deadline=None)
@given(st.text(max_size=60))
def test_whatever_stands_in_a_row_is_read_or_refused(row: str) -> None:
    """No other error than one line."""
    with suppress(UsageError):
        table(row)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("setting,instance,time," + ",".join(map(str, range(20_000))), "20003 columns"),
        ("setting,instance,time\n" + "a" * 200_000 + ",b,1", "not a CSV file: field larger"),
    ],
)
def test_a_table_beyond_all_bounds_is_refused(text: str, words: str) -> None:
    """At once: nobody has so many columns, or such names."""
    with pytest.raises(UsageError, match=words):
        read(text, "t.csv", "s", ImportHints())


WIDE = "name,size,Quick,Slow\na,5,1.5,T\nb,6,,3\nc,7,?,60\n"


def wide(*columns: str, text: str = WIDE, **hints: Any) -> list[tuple[object, ...]]:
    """Return instance, setting, time and category of each result of a wide table."""
    usual = {"wide": columns, "time_limit_s": 60, "statuses": {"T": "timelimit"}}
    given: dict[str, Any] = usual | hints
    found = read(text, "w.csv", "w", ImportHints(**given))
    assert not found.problems
    return [
        (one.task.instance.name, one.task.setting.name, one.answer.solve_time_s, one.category)
        for one in found.reported
    ]


def test_a_wide_table_has_a_column_for_each_setting() -> None:
    """Its cells are times, words, or what stands for a missing number; the first names a row."""
    assert wide("Quick", "Slow", missing=frozenset("?")) == [
        ("a", "Quick", 1.5, Category.UNCONFIRMED),
        ("a", "Slow", None, Category.LIMIT),
        ("b", "Quick", None, Category.CRASHED),
        ("b", "Slow", 3, Category.UNCONFIRMED),
        ("c", "Quick", None, Category.CRASHED),
        ("c", "Slow", 60, Category.LIMIT),
    ]


def test_all_columns_that_are_not_mapped_are_settings_on_request() -> None:
    """A column that is something else can be mapped, here the time limit of each row."""
    text = "problem,limit,Quick,Slow\na,9,1,10\n"
    found = wide(
        "all",
        text=text,
        time_limit_s=None,
        columns={"time_limit": "limit", "instance": "problem"},
    )
    assert found == [
        ("a", "Quick", 1, Category.UNCONFIRMED),
        ("a", "Slow", 10, Category.LIMIT),
    ]


def test_a_missing_time_counts_as_the_limit_on_request() -> None:
    """Without a status it is a timeout then; without a limit it is an error."""
    found = wide("Quick", "Slow", missing=frozenset("?"), missing_time_is_limit=True)
    assert [row[2] for row in found] == [1.5, 60, 60, 3, 60, 60]
    assert [row[3] for row in found if row[1] == "Quick"][1:] == [Category.LIMIT, Category.LIMIT]
    given = ImportHints(wide=("Quick",), missing_time_is_limit=True)
    (problem, *_) = read("name,Quick\na,\n", "w.csv", "w", given).problems
    assert (
        problem
        == "w.csv:2: the solve has neither a time nor a time limit; give a limit with --time-limit"
    )


@pytest.mark.parametrize(
    ("hints", "message"),
    [
        ({"wide": ("Quik",)}, "--wide: no column 'Quik'; did you mean 'Quick'"),
        ({"wide": ("name",)}, "--wide: column 'name' is already used by --map"),
        (
            {"wide": ("Quick",), "columns": {"time": "Slow"}},
            "--map time=Slow: with --wide this field comes from",
        ),
    ],
)
def test_columns_that_cannot_be_settings_are_refused(
    hints: dict[str, object], message: str
) -> None:
    """With what to do."""
    with pytest.raises(UsageError, match=message):
        read(WIDE, "w.csv", "w", ImportHints(**hints))  # type: ignore[arg-type]


def test_two_columns_of_one_name_are_refused() -> None:
    """Both would be the first."""
    hints = ImportHints(wide=("all",))
    with pytest.raises(UsageError, match="there are two columns 'Quick'; rename one"):
        read("name,Quick,Quick\na,1,2\n", "w.csv", "w", hints)


def test_a_cell_that_is_no_number_is_named_by_its_column() -> None:
    """It may be a word that has to be explained."""
    (problem,) = read("name,Quick\na,>60\n", "w.csv", "w", ImportHints(wide=("Quick",))).problems
    assert problem == "w.csv:2: Quick '>60' is not a number"
    assert wide("Quick", text="name,Quick\na,>60\n", statuses={">60": "timelimit"}) == [
        ("a", "Quick", None, Category.LIMIT)
    ]


def test_a_word_for_a_verdict_is_explained_like_a_status() -> None:
    """Case and blanks do not count."""
    text = "instance,time,verdict\na,1,PASS\nb,2,Time Out\n"
    found = read(text, "a.csv", "a", ImportHints(statuses={"pass": "optimal"})).reported
    assert [one.category for one in found] == [Category.UNCONFIRMED, Category.LIMIT]
