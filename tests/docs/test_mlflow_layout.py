"""docs/mlflow-layout.md names what stands in MLflow, all of it and nothing else."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from dataclasses import dataclass, replace
from functools import cache
from itertools import takewhile
from pathlib import Path

import pytest

from bench.comparison.compare import compare
from bench.comparison.sources import RecordedResults
from bench.comparison.summary.aggregates import aggregates
from bench.comparison.summary.summaries import curves
from bench.instances.instance_set import InstanceSet
from bench.journal import provenance
from bench.journal.manifest import MANIFEST
from bench.journal.table import TABLE
from bench.model.results.result import Result
from bench.model.setting import Setting
from bench.report.changes import CHANGES, CheckResult, check_record
from bench.report.comparison_formats import FIGURES, TABLES
from bench.report.records import comparison_record, report_record
from bench.report.sweep_report import INTERACTIVE_FIGURES, JSON, MARKDOWN, REPORT
from bench.store.run_keys import BASELINE, CONCLUSION, RECORD
from bench.tracking.client import NOTE
from bench.tracking.records.record import (
    Record,
    mark_left_out,
    setting_record,
    sweep_record,
    task_record,
)
from bench.tracking.ui.overview import Overview
from bench.tracking.ui.view_tags import MEMORY
from bench.tracking.ui.views import SHARED, views
from tests.full_result import full_result as full

ROOT = Path(__file__).parent.parent.parent
TEXT = (ROOT / "docs" / "mlflow-layout.md").read_text()
KNOB, PARAMETER = "alpha", "separating/maxrounds"
STANDING = ("ratio", "ratio_low", "ratio_high", "p_adjusted", "rank")
STARTED_AT = 1_700_000_000.0
EVERY_RUN = "Tags of every run"
FILTERS = re.findall(r"```sql\n(.*?)```", TEXT, re.DOTALL)[0].splitlines()


@dataclass(frozen=True, slots=True)
class Runs:
    """A record of each kind with everything filled, and the tags that the store wrote."""

    records: dict[str, Record]
    tags: dict[str, set[str]]
    uri: str

    def names(self, kind: str, part: str) -> set[str]:
        """Return what a run of this kind has of a part, e.g. its params."""
        record = self.records[kind]
        if part == "Tags":
            return self.tags[kind]
        if part == "Artifacts":
            return {path.name for path in record.artifacts} | set(record.texts)
        return set(getattr(record, part.lower()))


PARTS = [
    *((kind, part) for kind in ("Task", "Setting") for part in ("Params", "Metrics", "Series")),
    *((kind, part) for kind in ("Task", "Setting") for part in ("Tags", "Artifacts")),
    *((kind, "Metrics") for kind in ("Comparison", "Check")),
    *((kind, part) for kind in ("Comparison", "Check", "Report") for part in ("Tags", "Artifacts")),
    *(("Sweep", part) for part in ("Params", "Tags", "Artifacts")),
]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    """Return runs of all kinds, written to a store of their own."""
    from bench.tracking.mlflow_store import MlflowStore

    result, instances = full_result(), InstanceSet.of("some", [full_result().task.instance])
    other = replace(result.task, setting=Setting(name="other", solver="scip"))
    tags = provenance.collect(ROOT) | {
        "mlflow.source.git.commit": "c0ffee",
        "bench.git_dirty": "no",
    }
    records = {
        "Task": mark_left_out(task_record(result, tags), [result], "instance dropped"),
        "Setting": setting_record(
            result.task.setting,
            [result.task],
            [result],
            aggregates([result]) | dict.fromkeys(STANDING, 1.0),
            instance_set=instances,
            started_ms=round(1000 * STARTED_AT),
            series=curves([result], [result, replace(result, task=other)]),
            artifacts=(Path("results.parquet"), Path("changed.set")),
            provenance=tags | {RECORD: "tables"},
            outcome={CONCLUSION: "better", BASELINE: "default"},
        ),
        "Sweep": sweep_record(
            "sweep",
            [result.task],
            [result],
            command="bench sweep some",
            params={},
            artifacts=tuple(
                map(Path, (MANIFEST, TABLE, REPORT, MARKDOWN, JSON, INTERACTIVE_FIGURES))
            ),
            instance_set=instances,
            started_ms=round(1000 * STARTED_AT),
            provenance=tags | {RECORD: "tables"},
        ),
        "Comparison": full_comparison(),
        "Check": check_record(
            CheckResult(results=[result], changes=[]),
            ["some"],
            (Path(CHANGES),),
            round(1000 * STARTED_AT),
        ),
        "Report": report_record(["some"], (Path("report.html"),), round(1000 * STARTED_AT)),
    }
    records["Setting"] = mark_left_out(records["Setting"], [result], "setting dropped")
    folder = tmp_path_factory.mktemp("layout")
    uri = f"sqlite:///{folder / 'mlflow.db'}"
    store = MlflowStore(uri, None)
    ids = {kind: store.open_setting(record) for kind, record in records.items() if kind != "Task"}
    ids["Task"] = store.add_task(records["Task"], ids["Setting"])
    with closing(sqlite3.connect(folder / "mlflow.db")) as database:
        found = database.execute("select run_uuid, key from tags").fetchall()
    written = {kind: {key for run, key in found if run == ids[kind]} for kind in ids}
    return Runs(records, written, uri)


def full_comparison() -> Record:
    """Return the record of a comparison in which nothing is missing."""
    import pandas as pd

    rows = [
        {"instance": f"i{k}", "setting": name, "verdict": "solved", "solve_time_s": factor * k}
        for name, factor in (("default", 1.0), ("cuts", 0.8))
        for k in range(1, 13)
    ]
    table = pd.DataFrame([row | {"time_limit_s": 100.0} for row in rows])
    recorded = RecordedResults(table=table, names=("results.csv",))
    files = tuple(Path(name) for name in (*TABLES, *FIGURES))
    return comparison_record(compare(table), recorded, files, round(1000 * STARTED_AT))


def full_result() -> Result:
    """Return a result in which nothing is missing, of a setting with a knob and a parameter."""
    result = full()
    setting = replace(result.task.setting, params={PARAMETER: 5}, knobs={KNOB: 0.15})
    (point,) = result.answer.trace
    later = replace(point, time_s=point.time_s + 1.0, primal_bound=0.5)
    answer = replace(result.answer, trace=(point, later))
    return replace(result, task=replace(result.task, setting=setting), answer=answer)


@cache
def documented(*headings: str) -> frozenset[str]:
    """Return the names in the first column of the table under a heading, below another."""
    lines = iter(TEXT.splitlines())
    for depth, heading in enumerate(headings, start=2):
        assert any(line == f"{'#' * depth} {heading}" for line in lines), headings
    section = takewhile(lambda line: not line.startswith("#"), lines)
    cells = [line.split("|")[1] for line in section if line.startswith("| `")]
    return frozenset(name for cell in cells for name in re.findall(r"`([^`]+)`", cell))


def expected(kind: str, part: str) -> frozenset[str]:
    """Return the names that the document promises of a part of a run."""
    of_every_run = documented(EVERY_RUN) if part == "Tags" else frozenset()
    return documented(f"{kind} runs", part) | of_every_run


def matches(pattern: str, name: str) -> bool:
    """Say whether a documented name stands for a real one."""
    own = {"<knob>": {KNOB}, "<parameter>": {PARAMETER}}
    if pattern in own:
        return name in own[pattern]
    return bool(re.fullmatch(re.sub("<[a-z]+>", "[a-z_/]+", pattern), name))


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "part"), PARTS)
def test_every_name_in_mlflow_is_in_the_document(runs: Runs, kind: str, part: str) -> None:
    """Whoever finds a name in the UI can look it up."""
    patterns = expected(kind, part)
    missing = {n for n in runs.names(kind, part) if not any(matches(p, n) for p in patterns)}
    assert not missing


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "part"), PARTS)
def test_every_name_in_the_document_is_in_mlflow(runs: Runs, kind: str, part: str) -> None:
    """Whoever filters by a name of the document finds something."""
    names = runs.names(kind, part)
    assert not {p for p in expected(kind, part) if not any(matches(p, n) for n in names)}


def test_every_tag_of_the_experiment_is_in_the_document() -> None:
    """One a view, of which the first stands for all, and what is remembered of them."""
    first, *_ = views(Overview())
    assert documented("Tags of the experiment") == {f"{SHARED}{first.key}", MEMORY, NOTE}


def test_every_ready_made_view_is_in_the_document() -> None:
    """By its name in the menu, in the menu's order."""
    section = TEXT.split("## Views\n")[1].split("\n## ")[0]
    rows = [line.split("|")[1].strip() for line in section.splitlines() if line.startswith("| ")]
    assert rows[2:] == [view.name for view in views(Overview())]


@pytest.mark.slow
@pytest.mark.parametrize("text", FILTERS)
def test_mlflow_accepts_the_filters_of_the_document(runs: Runs, text: str) -> None:
    """They can be pasted into the search box as they stand."""
    from mlflow import MlflowClient

    assert len(MlflowClient(runs.uri).search_runs(["0"], text)) <= 2
