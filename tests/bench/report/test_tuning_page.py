"""The page of a tuning: race, ablation, importance, test."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from bench.app.analysis.report import ReportOptions, write_report
from bench.errors import UsageError
from bench.journal.campaign import Campaign
from bench.model.record_level import RecordLevel
from bench.report.terminal.tuning import tuning_lines
from bench.report.tuning_page import MOST_RATIO, race_figure, tuning_page
from bench.tracking.records.record import Record
from bench.tuning.ablation import Ablation, Contribution
from bench.tuning.candidate import Candidate, start_candidate
from bench.tuning.race import Standing
from bench.tuning.record import Phase, Progress, Split, write_progress, write_split
from bench.tuning.scores import Objective

SPLIT = Split(train=("a", "b"), test=("c",), names={"a": "small", "b": "<b>", "c": "large"})
SLOW = start_candidate("heuristics-off")
FAST = Candidate(name="c001", start="separating-off", changes={"misc/usesymmetry": 0})


def standing(candidate: Candidate, number: int, ratio: float, **more: float | bool) -> Standing:
    """Return how far a candidate came."""
    won, spent_s = bool(more.get("won")), float(more.get("spent_s", number))
    return Standing(
        round=number,
        candidate=candidate,
        n_pairs=8,
        log_ratio=math.log(ratio),
        error=0.1,
        won=won,
        spent_s=spent_s,
    )


STANDINGS = (
    standing(SLOW, 1, 50.0, spent_s=2),
    standing(start_candidate("separating-off"), 1, 0.5, won=True, spent_s=6),
    standing(FAST, 2, 0.8, won=True, spent_s=20),
    standing(SLOW, 3, 1.5, spent_s=30),
)


def progress(phase: Phase = Phase.DONE, standings: tuple[Standing, ...] = STANDINGS) -> Progress:
    """Return a tuning of three rounds."""
    changes = [("separating-off", 0.5, 0.5), ("misc/usesymmetry", 0.9, 0.4)]
    why = Ablation(
        contributions=tuple(
            Contribution(
                label=label, alone=alone, alone_interval=None, after=after, after_interval=None
            )
            for label, alone, after in changes
        ),
        n_pairs=8,
        n_instances=2,
        smallest=start_candidate("separating-off"),
    )
    return Progress(
        phase=phase,
        objective=Objective.CPU,
        spent_s=40,
        race_budget_s=30,
        budget_s=50,
        incumbent="c001",
        changes="separating-off, misc/usesymmetry = 0",
        params={},
        n_candidates=4,
        n_solves=99,
        standings=standings,
        why=why if phase is Phase.DONE else None,
        n_test_instances=1,
        n_test_seeds=1,
        conclusions=("winner is 60 % faster than default",) if phase is Phase.DONE else (),
        better="winner" if phase is Phase.DONE else "",
    )


def text(page: str) -> str:
    """Return what is read on the page."""
    return re.sub(r"\s+", " ", re.sub(r"<style>.*?</style>|<[^>]+>", " ", page, flags=re.DOTALL))


def test_the_page_has_race_reasons_test_and_instances() -> None:
    """All in one file that loads nothing, and whose names are no markup."""
    page = tuning_page("t", progress(), SPLIT, "bench report t")
    for told in (
        "winner is 60 % faster than default",
        "CPU seconds spent",
        "new incumbent",
        "Each change alone, and with those above it",
        "separating-off",
        "bench report t-test",
        "small, &lt;b&gt;",
        "Made by bench report t",
    ):
        assert told in text(page)
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "")


def test_the_text_says_what_was_left_out() -> None:
    """Training instances that no solve came to, an ablation, and the test."""
    lines = "\n".join(tuning_lines("t", replace(progress(), why=None, n_train=1), SPLIT))
    assert "in 99 solves on 1 of 2 training instances;" in lines
    assert "The budget was too small to try each change of the winner alone." in lines
    stock = replace(progress(), incumbent="default", conclusions=(), better="")
    text = " ".join(tuning_lines("t", stock, SPLIT))
    assert "No setting was better than stock on the training set; the test set was not" in text
    assert "the test set was not" not in " ".join(
        tuning_lines("t", replace(stock, tested={"x": 1}), SPLIT)
    )


def test_the_incumbent_goes_down_by_the_ratios_of_those_that_won() -> None:
    """A candidate is drawn against stock, not against the incumbent of its round."""
    steps, won, out = race_figure(progress()).curves
    assert list(steps.ys) == pytest.approx([1, 0.5, 0.4, 0.4])
    assert list(steps.xs) == [0, 6, 20, 30]
    assert list(won.ys) == pytest.approx([0.5, 0.4])
    assert list(out.ys) == pytest.approx([MOST_RATIO, 0.6])


def test_the_page_shows_which_values_were_good() -> None:
    """Of each parameter that enough candidates change."""
    tried = [
        standing(Candidate(name=f"c{at}", changes={"misc/usesymmetry": at % 2}), 1, 1.0 + at % 2)
        for at in range(6)
    ]
    others = [standing(start_candidate(f"s{at}"), 1, 1.0) for at in range(3)]
    shown = text(tuning_page("t", progress(standings=(*tried, *others)), SPLIT, "bench report t"))
    assert "misc/usesymmetry 0 3 1.00" in shown
    assert "misc/usesymmetry 1 3 2.00" in shown


@pytest.mark.parametrize("standings", [(), STANDINGS[:1], STANDINGS[1:2]])
def test_a_race_that_has_only_begun_has_a_page(standings: tuple[Standing, ...]) -> None:
    """Nothing is said that is not known yet."""
    page = tuning_page("t", progress(Phase.RACE, standings), SPLIT, "bench report t")
    assert "Leads on the training set: c001" in text(page)
    assert "t-test" not in page
    assert ("<svg" in page) == bool(standings)


@dataclass
class Run:
    """Stands for a run in MLflow."""

    filled: list[Record]

    def fill(self, record: Record) -> None:
        """Keep the record."""
        self.filled.append(record)


def test_bench_report_of_a_tuning_is_its_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By its name in the work folder; the same file each time, also on a run in MLflow."""
    folder = tmp_path / "bench-work" / "tuning"
    folder.mkdir(parents=True)
    write_progress(folder, progress())
    write_split(folder, SPLIT)
    options = ReportOptions(
        sources=("tuning",), work_dir=tmp_path / "bench-work", output=tmp_path / "page.html"
    )
    first = write_report(options).read_bytes()
    assert b"Tuning tuning" in first
    assert write_report(options).read_bytes() == first
    with pytest.raises(UsageError, match=r"--shift does not apply .* as they were counted$"):
        write_report(replace(options, shift=0.1))
    folder.with_name("tuning-test").mkdir()
    with pytest.raises(UsageError, match=r"--shift does not apply .* tuning-test --shift 0.1"):
        write_report(replace(options, shift=0.1))
    with pytest.raises(UsageError, match=r"--force does not apply .* tuning-test --force$"):
        write_report(replace(options, force=True))
    run = Run([])
    monkeypatch.setattr(Campaign, "record", RecordLevel.TABLES)
    monkeypatch.setattr(Campaign, "read", lambda _: Campaign.__new__(Campaign))
    write_report(options, run)  # type: ignore[arg-type]
    monkeypatch.setattr(Campaign, "record", RecordLevel.NONE)
    write_report(options, run)  # type: ignore[arg-type]
    assert [[each.name for each in one.artifacts] for one in run.filled] == [["page.html"], []]
    (folder / "tuning.json").unlink()
    with pytest.raises(UsageError, match="tuning: the tuning has no results yet; see bench status"):
        write_report(options)
