"""Reading the logs of SCIP's check scripts, and of the shell."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.errors import UsageError
from bench.interop.any_format import read as read_file
from bench.interop.check_logs import read
from bench.interop.reported import ImportHints, ReportedResult
from bench.model.instances.problem import Sense
from bench.model.limits import Clock, Limits
from bench.model.results.verdict import Category

SCIP_3 = """\
@01 /home/ada/check/instances/MIP/tiny.cip.gz ===========
-----------------------------
@03 1480739102
SCIP version 3.2.1 [precision: 8 byte] [memory: block] [mode: debug] [LP solver: SoPlex 2.2.1]
SCIP> set limits time 3600
limits/time = 3600
misc/permutationseed = 4
read problem </home/ada/check/instances/MIP/tiny.cip.gz>
original problem has 9 variables (5 bin, 1 int, 1 impl, 2 cont) and 7 constraints

SCIP Status        : solving was interrupted [time limit reached]
Solving Time (sec) : 3600.07
Solving Nodes      : 668 (total of 669 nodes in 2 runs)
Primal Bound       : +1.10000000000000e+01 (1 solution)
Dual Bound         : +2.20000000000000e+01
Gap                : 100.00 %

SCIP Status        : solving was interrupted [time limit reached]
Original Problem   :
  Objective sense  : maximize
LP                 :       Time      Calls Iterations  Iter/call   Iter/sec
  primal LP        :       0.00          1         10      10.00          -
  dual LP          :       0.10          4        200      50.00    2000.00
  barrier LP       :       0.00          0          0       0.00          -
  diving/probing LP:       0.00          1          3       3.00          -
  strong branching :       0.00          9       5000     500.00          -
B&B Tree           :
Solution           :
  First Solution   : +8.00000000000000e+00   (in run 1, after 1 nodes, 1.05 seconds, depth 0)
  Avg. Gap         :      14.37 % (175.83 primal-dual integral)
@04 1480742710
=ready=
"""


def only(text: str, hints: ImportHints | None = None) -> ReportedResult:
    """Return the single report of a log."""
    reading = read(text, "old.out", "old", hints or ImportHints())
    assert not reading.problems
    (one,) = reading.reported
    return one


def test_a_log_of_todays_scip_has_everything(check_log: Path) -> None:
    """Bounds, nodes over all runs, LP iterations as SCIP counts them, sizes, times, seed."""
    one, *_ = read_file(check_log, None, ImportHints()).reported
    task, answer = one.task, one.answer
    assert (task.instance.name, task.setting.name) == ("auction-50x200", "fast@scip-10.0.2")
    assert (task.setting.solver, task.solver_version, task.seed) == ("scip", "10.0.2", 2)
    assert task.limits == Limits(time_s=60, memory_mib=None, nodes=3, clock=Clock.CPU, threads=None)
    assert (answer.status, answer.primal_bound, answer.dual_bound) == ("optimal", 4782, 4782)
    assert (answer.n_nodes, answer.n_lp_iterations, answer.n_solutions) == (2, 2282, 91)
    assert (answer.solve_time_s, answer.presolve_time_s, answer.gap) == (0.33, 0, 0)
    assert answer.problem is not None
    assert (answer.problem.n_bins, answer.problem.n_conss) == (200, 90)
    assert answer.problem.sense is Sense.MAXIMIZE
    assert (one.started_at, one.wall_s) == (1795212600, 1)
    assert one.category is Category.UNCONFIRMED


def test_limits_infeasibility_and_a_crash_are_told_apart(check_log: Path) -> None:
    """Each ends as SCIP or the log says; infinite bounds are no bounds."""
    _, limit, infeasible, crash = read_file(check_log, None, ImportHints()).reported
    assert (limit.answer.status, limit.category) == ("nodelimit", Category.LIMIT)
    assert (limit.answer.dual_bound, limit.answer.gap) == (1276.38891586916, 0.0177)
    assert infeasible.answer.status == "infeasible"
    assert infeasible.answer.primal_bound is infeasible.answer.dual_bound is None
    assert crash.answer.error == "no status in the log: Segmentation fault"
    assert crash.answer.status is None


def test_an_old_log_is_read_by_its_words() -> None:
    """SCIP 3 prints its sense, integral and permutation elsewhere."""
    one = only(SCIP_3)
    answer = one.answer
    assert (one.task.instance.name, one.task.permutation) == ("tiny", 4)
    assert (answer.status, answer.n_nodes, answer.n_lp_iterations) == ("timelimit", 669, 213)
    assert (answer.first_primal_bound, answer.first_incumbent_time_s) == (8, 1.05)
    assert (answer.primal_dual_integral, one.sense) == (175.83, Sense.MAXIMIZE)
    assert one.task.limits.clock is Clock.WALL


def test_a_log_without_an_end_is_not_taken_for_a_crash(check_log: Path) -> None:
    """The complete parts are there, and a line says which one was cut off and where."""
    text = check_log.read_text()
    cut = text[: text.index("Solving Nodes      : 3")]
    reading = read(cut, "cut.out", "cut", ImportHints())
    assert [one.task.instance.name for one in reading.reported] == ["auction-50x200"]
    assert reading.problems == (
        "cut.out:70: the log of gap-5x20 has no end; was the file cut off?",
    )


def test_a_solution_that_scip_itself_finds_infeasible_is_wrong() -> None:
    """The words of checksol decide over the status."""
    text = SCIP_3.replace("@04", "best solution is not feasible in original problem\n@04")
    assert only(text).category is Category.WRONG


def test_the_log_of_a_single_solve_needs_no_check_script() -> None:
    """Without @01 the instance is the file that was read."""
    body = "\n".join(SCIP_3.splitlines()[3:-2])
    assert only(body).task.instance.name == "tiny"


def test_what_the_user_says_goes_over_the_log() -> None:
    """Setting, time limit and clock."""
    task = only(SCIP_3, ImportHints(setting="old", time_limit_s=10, clock=Clock.CPU)).task
    assert (task.setting.name, task.limits.time_s, task.limits.clock) == ("old", 10, Clock.CPU)


def test_the_settings_are_named_by_the_file_loaded_or_by_the_logs_name() -> None:
    """SCIP's scripts name a log check.TESTSET.BINARY.SETTINGS.out, with seed and permutation."""
    stem = "check.short.scip-3.2.1.linux.x86_64.gnu.opt.spx.none.queue.cuts-s1-p2"
    (one,) = read(SCIP_3, "x.out", stem, ImportHints()).reported
    assert one.task.setting.name == "cuts@scip-3.2.1"


@pytest.mark.parametrize("path", ["../../etc/passwd", "/", "..", "a/../..", "C:\\x\\..\\y"])
def test_no_path_of_a_log_leads_anywhere(path: str) -> None:
    """Of a path in a log the last part is kept, as a name."""
    text = SCIP_3.replace("/home/ada/check/instances/MIP/tiny.cip.gz", path)
    for one in read(text, "x.out", "x", ImportHints()).reported:
        assert one.task.instance.path.name == str(one.task.instance.path)


def test_another_text_is_no_log() -> None:
    """Neither a section nor SCIP's version."""
    with pytest.raises(UsageError, match=r"x\.out: not a log of SCIP"):
        read("CPLEX> optimize\n", "x.out", "x", ImportHints())


@settings(deadline=None)
@given(st.data())
def test_whatever_stands_in_a_log_is_read_or_refused(data: st.DataObject) -> None:
    """A line replaced by anything never ends in another error."""
    lines = SCIP_3.splitlines()
    place = data.draw(st.integers(0, len(lines) - 1))
    head = lines[place][: data.draw(st.integers(0, 30))]
    tail = data.draw(st.text() | st.floats().map(str) | st.integers().map(str))
    lines[place] = head + tail
    with suppress(UsageError):
        read("\n".join(lines), "x.out", "x", ImportHints())


def test_published_logs_of_three_versions_are_read_whole(shared: Path) -> None:
    """46 instances each: 44 solved and 2 infeasible, names as in the .solu file."""
    logs = sorted((shared / "tables" / "scip_check").glob("*.out"))
    assert len(logs) == 3
    known = (shared / "tables" / "scip_check" / "short.solu").read_text().split()
    for log in logs:
        reading = read_file(log, None, ImportHints())
        assert not reading.problems
        assert {one.task.instance.name for one in reading.reported} <= set(known)
        counts = Counter(one.answer.status for one in reading.reported)
        assert counts == {"optimal": 44, "infeasible": 2}
        assert all(one.answer.n_lp_iterations is not None for one in reading.reported)
