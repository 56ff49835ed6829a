"""Answers of other campaigns of the same work folder, found by the digest of the instance."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bench.journal import answers
from bench.journal.answers import INDEX
from bench.journal.campaign import held_together
from bench.journal.journal import JOURNAL, Journal
from bench.model.instances.instance import Instance
from bench.model.instances.problem import ProblemStatistics, Sense
from bench.model.instances.reference import Known, Reference
from bench.model.results.process_stats import ProcessStats, Termination
from bench.model.results.result import Result
from bench.model.results.solver_output import SolverOutput
from bench.model.results.verdict import Category, VerdictKind
from bench.model.setting import Setting
from bench.model.task import Task
from bench.verification.judge import judge
from tests.journal_lines import changed, without_checksum

SIZES: dict[str, Any] = dict.fromkeys(
    (
        *("n_vars", "n_bins", "n_ints", "n_conts", "n_conss", "n_nonzeros", "n_equalities"),
        *("n_bins_declared", "n_ints_declared"),
    ),
    1,
)
Claim = tuple[str, float | None, float | None]
Record = Callable[..., list[Result]]
BAD: list[Callable[[bytes], bytes]] = [
    lambda line: without_checksum(line)[:-3] + b"[}}\n",
    lambda line: changed(line, lambda result: result.pop("answer")),
    lambda line: changed(line, lambda result: result.update(task=[1])),
    lambda line: changed(line, lambda result: result["task"]["instance"].update(digest={"a": 1})),
    lambda line: changed(line, lambda result: result["task"]["instance"].update(digest="\ud800")),
    lambda line: changed(line, lambda result: result["answer"].update(primal_bound=10**400)),
    lambda line: changed(line, lambda result: result["answer"].update(primal_bound="low")),
    lambda line: changed(line, lambda result: result["answer"].update(problem=[1])),
    lambda line: without_checksum(line).replace(b"{}", b"[" * 100_000, 1),
]
"""Ways to damage a line, as a disk or a hand may."""
OPTIMAL: Claim = ("optimal", 3, 3)
INFEASIBLE: Claim = ("infeasible", None, None)


def result(
    claim: Claim,
    solver: str = "scip",
    *,
    digest: str = "d1",
    seed: int = 0,
    sense: Sense = Sense.MINIMIZE,
    reference: Reference | None = None,
    folder: Path,
) -> Result:
    """Return a judged result."""
    status, primal, dual = claim
    problem = ProblemStatistics(**SIZES, sense=sense, objective_offset=0)
    answer = SolverOutput(status=status, primal_bound=primal, dual_bound=dual, problem=problem)
    execution = ProcessStats(
        termination=Termination.NORMAL, evidence="seen", started_at=float(seed), wall_s=1.0
    )
    return Result(
        task=Task(
            instance=Instance(name="p", path=Path("p.mps"), digest=digest),
            setting=Setting(name="default", solver=solver),
            solver_version="1",
            seed=seed,
        ),
        answer=answer,
        execution=execution,
        verdict=judge(answer, execution, reference),
        reference=reference,
        folder=folder,
    )


@pytest.fixture
def record(tmp_path: Path) -> Record:
    """Return a function that records claims in a campaign, and says what is concluded there."""

    def make(name: str, *claims: Claim, **options: Any) -> list[Result]:
        folder = tmp_path / "work" / name
        found = [
            result(claim, seed=seed, folder=folder / "tasks", **options)
            for seed, claim in enumerate(claims)
        ]
        with Journal(folder) as journal:
            for one in found:
                journal.add(one)
        answers.update(folder.parent)
        return concluded(folder)

    return make


def concluded(folder: Path) -> list[Result]:
    """Return what is concluded from the journal of a campaign."""
    return held_together(folder, Journal(folder).results())


def kinds(results: list[Result]) -> list[VerdictKind | None]:
    """Return the kinds of verdicts."""
    return [one.verdict.kind for one in results]


@pytest.mark.parametrize(
    ("one", "other", "sense"),
    [
        (OPTIMAL, INFEASIBLE, Sense.MINIMIZE),
        (OPTIMAL, ("optimal", 4, 4), Sense.MINIMIZE),
        (OPTIMAL, ("optimal", 4, 4), Sense.MAXIMIZE),
        (OPTIMAL, ("timelimit", 2, 1), Sense.MINIMIZE),
        (OPTIMAL, ("timelimit", 4, 9), Sense.MAXIMIZE),
        (OPTIMAL, ("unbounded", None, None), Sense.MINIMIZE),
        (OPTIMAL, ("inforunbd", None, None), Sense.MINIMIZE),
    ],
)
def test_campaigns_of_a_work_folder_contradict_each_other(
    record: Record, tmp_path: Path, one: Claim, other: Claim, sense: Sense
) -> None:
    """Both are wrong, each names the other, and nothing of it is in a journal."""
    assert kinds(record("first", one, sense=sense)) == [None]
    (second,) = record("second", other, sense=sense)
    (first,) = concluded(tmp_path / "work" / "first")
    assert kinds([first, second]) == [VerdictKind.INCONSISTENT] * 2
    assert "default in first (scip, seed 0)" in second.verdict.reason
    assert "default in second (scip, seed 0)" in first.verdict.reason
    (kept,) = Journal(tmp_path / "work" / "first").results()
    assert not kept.verdict.bad


@pytest.mark.parametrize(
    ("one", "other", "sense"),
    [
        (OPTIMAL, ("timelimit", 5, 1), Sense.MINIMIZE),
        (OPTIMAL, ("timelimit", 2, 9), Sense.MAXIMIZE),
        (OPTIMAL, ("gaplimit", 3.2, 2.9), Sense.MINIMIZE),
        (("timelimit", None, 1), INFEASIBLE, Sense.MINIMIZE),
        (INFEASIBLE, ("inforunbd", None, None), Sense.MINIMIZE),
        (OPTIMAL, ("crashed", None, None), Sense.MINIMIZE),
    ],
)
def test_what_ended_earlier_contradicts_nothing(
    record: Record, one: Claim, other: Claim, sense: Sense
) -> None:
    """A value found in the time is no claim to be the best."""
    record("first", one, sense=sense)
    assert VerdictKind.INCONSISTENT not in kinds(record("second", other, sense=sense))


def test_another_solver_of_another_campaign_confirms(record: Record, tmp_path: Path) -> None:
    """Both of them; the same solver again does not."""
    record("first", OPTIMAL)
    (again,) = record("again", OPTIMAL)
    assert again.verdict.category is Category.UNCONFIRMED
    (second,) = record("second", OPTIMAL, solver="highs")
    assert second.verdict.confirmed_by == "scip"
    assert concluded(tmp_path / "work" / "first")[0].verdict.confirmed_by == "highs"


def test_other_instances_are_not_held_against_each_other(record: Record) -> None:
    """The digest counts, not the name."""
    record("first", OPTIMAL)
    assert kinds(record("second", INFEASIBLE, digest="d2")) == [None]


def test_what_a_newer_reference_proves_wrong_accuses_nobody(record: Record, tmp_path: Path) -> None:
    """The reference came after the first run; the next best claim takes its place."""
    record("first", ("optimal", 2, 2), ("timelimit", 9, 3.5))
    known = Reference(Known.OPTIMAL, value=3)
    (right,) = record("second", OPTIMAL, reference=known)
    assert right.verdict.category is Category.SOLVED
    assert VerdictKind.INCONSISTENT in kinds(concluded(tmp_path / "work" / "first"))


def test_a_later_verdict_on_the_same_task_counts(record: Record, tmp_path: Path) -> None:
    """As ``bench check`` adds it to the journal: what is wrong by now accuses nobody."""
    (first,) = record("first", INFEASIBLE)
    assert kinds(record("second", OPTIMAL)) == [VerdictKind.INCONSISTENT]
    known = Reference(Known.OPTIMAL, value=3)
    verdict = judge(first.answer, first.execution, known)
    with Journal(tmp_path / "work" / "first") as journal:
        journal.add(replace(first, reference=known, verdict=verdict))
    answers.update(tmp_path / "work")
    assert kinds(concluded(tmp_path / "work" / "second")) == [None]


def test_a_work_folder_without_an_index_gets_one(record: Record, tmp_path: Path) -> None:
    """And what is only read makes none."""
    record("first", OPTIMAL)
    index = tmp_path / "work" / INDEX
    index.unlink()
    assert kinds(concluded(tmp_path / "work" / "first")) == [None]
    assert not index.exists()
    assert kinds(record("second", INFEASIBLE)) == [VerdictKind.INCONSISTENT]


def test_campaigns_that_are_gone_moved_or_begun_anew_are_not_what_they_were(
    record: Record, tmp_path: Path
) -> None:
    """The index follows the journals."""
    work = tmp_path / "work"
    record("first", OPTIMAL, ("optimal", 3, 3), ("optimal", 3, 3))
    (work / "first").rename(work / "moved")
    (found,) = record("second", INFEASIBLE)
    assert "in moved" in found.verdict.reason
    shutil.rmtree(work / "moved")
    assert kinds(concluded(work / "second")) == [None]
    record("first", INFEASIBLE, INFEASIBLE, INFEASIBLE, INFEASIBLE)
    shutil.rmtree(work / "first")
    record("first", OPTIMAL, OPTIMAL, OPTIMAL, OPTIMAL, OPTIMAL)
    assert kinds(concluded(work / "second")) == [VerdictKind.INCONSISTENT]


@pytest.mark.parametrize("damage", ["index", "journal"])
def test_damage_costs_no_result(record: Record, tmp_path: Path, damage: str) -> None:
    """A damaged index is made anew, a damaged journal of another campaign left out."""
    record("first", OPTIMAL)
    path = tmp_path / "work" / (INDEX if damage == "index" else f"first/{JOURNAL}")
    path.write_text("damaged\n" * 100)
    expected = VerdictKind.INCONSISTENT if damage == "index" else None
    assert kinds(record("second", INFEASIBLE)) == [expected]


def test_a_damaged_line_hides_no_other(record: Record, tmp_path: Path) -> None:
    """It is left out by itself, whatever stands in it, with checksum or without."""
    record("first", ("optimal", 5, 5), OPTIMAL)
    path = tmp_path / "work" / "first" / JOURNAL
    first, second = path.read_bytes().splitlines(keepends=True)
    for damaged in (first.replace(b'"optimal"', b'"unknown"'), *(bad(first) for bad in BAD)):
        (tmp_path / "work" / INDEX).unlink(missing_ok=True)
        path.write_bytes(damaged + second)
        answers.update(tmp_path / "work")
        (found,) = record("second", INFEASIBLE)
        assert "seed 1" in found.verdict.reason
        shutil.rmtree(tmp_path / "work" / "second")


def test_a_line_taken_out_moves_the_others(record: Record, tmp_path: Path) -> None:
    """The index notices although the journal has grown beyond its former size since."""
    work = tmp_path / "work"
    record("first", *[("timelimit", 9, 1)] * 12, OPTIMAL, *[("timelimit", 9, 1)] * 12)
    path = work / "first" / JOURNAL
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:10], *lines[11:], lines[-1], lines[-1]]))
    assert path.stat().st_size > len(b"".join(lines))
    answers.update(work)
    assert kinds(record("second", INFEASIBLE)) == [VerdictKind.INCONSISTENT]


def test_campaigns_that_end_at_once_see_each_other(tmp_path: Path) -> None:
    """Whoever comes last sees all; nobody fails for want of the lock."""
    work = tmp_path / "work"
    claims = {f"run-{k}": INFEASIBLE if k % 2 else OPTIMAL for k in range(6)}
    for name, claim in claims.items():
        with Journal(work / name) as journal:
            journal.add(result(claim, folder=work / name / "tasks"))
    failures: list[BaseException] = []

    def update() -> None:
        try:
            answers.update(work)
        except BaseException as error:  # noqa: BLE001
            failures.append(error)

    threads = [threading.Thread(target=update) for _ in claims]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    for name in claims:
        assert kinds(concluded(work / name)) == [VerdictKind.INCONSISTENT]
