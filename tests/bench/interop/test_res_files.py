"""Reading and writing SCIP's ``.res`` tables."""

from __future__ import annotations

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.errors import UsageError
from bench.interop.reported import ImportHints
from bench.interop.res_files import ResRow, ResTable, completed, parse, read, write
from bench.model.instances.problem import Sense
from bench.model.results.verdict import Category

TABLE = """\
------------------+------+--- Original --+----------------+----------------+------+---------+
Name              | Type | Conss |  Vars |   Dual Bound   |  Primal Bound  | Gap% |  Iters  |\
  Nodes |  Time |
------------------+------+-------+-------+----------------+----------------+------+---------+
one                   BP      12      34            38576            38576    0.0       437 \
       1    16.3 ok
two                  MIP       1       2            1e+20            1e+20   --        7158 \
    1201     7.2 ok
three                MIP       1       2              500              400   25.0      7158 \
    1201  3600.0 timeout
four                 MIP       1       2              499              400  Large      7158 \
    1201  3600.0 gaplimit
five                  --       0       0           -1e+20            1e+20   --           0 \
       0     0.0 fail (abort)
six                  MIP       1       2                1                3   --           0 \
       0     5.0 fail (objective value)
------------------+------+-------+-------+----------------+----------------+------+---------+

------------------------------[Nodes]---------------[Time]------
  Cnt  Pass  Time  Fail  total(k)     geom.     total     geom.
    6     2     2     2         4       4.0       4.0       4.0
@02 timelimit: 3600
@01 SCIP(4.0.0)spx(2.2.1.4):cuts [GitHash: b2e641e]
"""


def test_a_row_has_bounds_counts_time_and_the_check_scripts_verdict() -> None:
    """Two infinite bounds and "ok" say that the instance is infeasible, as its reference did."""
    reading = read(TABLE, "a.res", ImportHints())
    assert not reading.problems
    found = [(one.answer.status, one.category) for one in reading.reported]
    assert found == [
        ("optimal", Category.SOLVED),
        ("infeasible", Category.SOLVED),
        ("timelimit", Category.LIMIT),
        ("gaplimit", Category.LIMIT),
        (None, Category.CRASHED),
        ("optimal", Category.WRONG),
    ]
    one, two, three, *_ = reading.reported
    assert (one.task.setting.name, one.task.limits.time_s) == ("cuts@scip-4.0.0", 3600)
    assert (one.answer.n_nodes, one.answer.n_lp_iterations) == (1, 437)
    assert one.answer.solve_time_s == 16.3
    assert (two.answer.primal_bound, two.answer.gap) == (None, None)
    assert (three.answer.gap, three.sense) == (0.25, Sense.MAXIMIZE)
    assert one.where == "a.res:4"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("16.3 ok", "x ok", "a.res:4: Time 'x' is not a number"),
        ("16.3 ok", "-1 ok", "a.res:4: time -1 is negative or too large"),
        ("16.3 ok", "1e99 ok", "a.res:4: time 1e+99 is negative or too large"),
        ("16.3 ok", "nan ok", "a.res:4: Time 'nan' is not a number"),
        ("16.3 ok", "16.3 odd", "a.res:4: unknown status 'odd'; explain it with --status"),
        ("437", "", "a.res:4: 10 cells, expected 11: 'one"),
    ],
)
def test_a_row_that_cannot_be_read_is_named(old: str, new: str, message: str) -> None:
    """File, line, column and reason; the other rows are read."""
    reading = read(TABLE.replace(old, new, 1), "a.res", ImportHints())
    assert len(reading.reported) == 5
    assert reading.problems[0].startswith(message)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (TABLE[:900], "is missing; the file may be truncated"),
        ("hello\n", "not a table of SCIP's check scripts"),
        (TABLE.replace("timelimit: 3600", "timelimit: soon"), "in the footer: could not"),
    ],
)
def test_a_text_that_is_no_whole_table_is_refused(text: str, message: str) -> None:
    """A cut table says nothing of solver and setting."""
    with pytest.raises(UsageError, match=message):
        read(text, "a.res", ImportHints())


def test_a_name_that_was_cut_is_completed_where_only_one_fits() -> None:
    """Scripts cut names at 18 characters, older ones keep the beginning, newer ones the end."""
    known = {"10:20:4.5:0.5:100:long": 1, "Insertions_3_inf.col": 2, "Insertions_3_inf.com": 3}
    assert completed("10:20:4.5:0.5:100:", known) == "10:20:4.5:0.5:100:long"
    assert completed("Insertions_3_inf.c", known) == "Insertions_3_inf.c"
    assert completed("sertions_3_inf.col", known) == "Insertions_3_inf.col"
    assert completed("Insert", known) == "Insert"


_NAMES = st.text(string.ascii_letters + string.digits + ":+_.-", min_size=1, max_size=40).filter(
    lambda name: not name.startswith("---")
)
_NUMBERS = st.none() | st.floats(0, 1e9).map(lambda value: float(f"{value:.9g}"))
_COUNTS = st.none() | st.integers(0, 10**9).map(float)
_ROWS = st.builds(
    ResRow,
    name=_NAMES,
    status=st.sampled_from(["ok", "timeout", "fail (abort)", "solved not verified"]),
    dual=_NUMBERS,
    primal=_NUMBERS,
    gap_percent=st.none() | st.integers(0, 9999).map(lambda value: value / 10),
    iterations=_COUNTS,
    nodes=_COUNTS,
    time_s=st.none() | st.integers(0, 10**8).map(lambda value: value / 100),
)
_TABLES = st.builds(
    ResTable,
    rows=st.lists(_ROWS, max_size=5).map(tuple),
    solver=st.sampled_from(["scip", "highs"]),
    version=st.sampled_from(["10.0.2", "unknown"]),
    setting=st.sampled_from(["default", "alpha=0.1 l1_ratio=0.5", "cuts@scip-3.2"]),
    time_limit_s=st.none() | st.sampled_from([60.0, 0.1, 1e20]),
    seed=st.integers(0, 5),
    permutation=st.integers(0, 5),
)


@pytest.mark.slow
@settings(deadline=None)
@given(st.lists(_TABLES, min_size=1, max_size=3))
def test_what_is_written_is_read_back(tables: list[ResTable]) -> None:
    """All rows, and what each footer says."""
    found, problems = parse(write(tables), "a.res")
    assert not problems
    assert [_without_lines(table) for table in found] == [_without_lines(one) for one in tables]


def _without_lines(table: ResTable) -> tuple[object, ...]:
    rows = [
        (r.name, r.status, r.dual, r.primal, r.gap_percent, r.iterations, r.nodes, r.time_s)
        for r in table.rows
    ]
    return (rows, table.solver, table.version, table.setting, table.time_limit_s, table.seed)
