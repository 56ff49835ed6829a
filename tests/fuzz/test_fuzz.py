"""Mutated files, answers and numbers: each is read, or refused in one line, within bounded time."""

from __future__ import annotations

import dataclasses
import json
import os
import random
import shutil
import signal
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any

import click
import pytest
from click.types import FloatParamType, IntParamType

from bench.app.anonymize import restore
from bench.app.campaign.plan_sweep import planned_sweep
from bench.cli.main import command as root_command
from bench.cli.shared.dotenv import load_dotenv
from bench.comparison.summary.aggregates import aggregates
from bench.errors import BenchError
from bench.execution.process import messages
from bench.instances import files, references
from bench.instances.lint.file import lint
from bench.interop import any_format, set_files
from bench.interop.reported import ImportHints
from bench.journal import manifest, origin, repair
from bench.journal.campaign import Campaign
from bench.journal.counted_results import counted_results
from bench.journal.journal import JOURNAL, Journal
from bench.journal.line import to_line
from bench.journal.row_reading import results_of
from bench.journal.table import frame, read_parquet, write_parquet
from bench.model.results.result import Result
from bench.planning.sweep_file import from_yaml
from bench.solvers import registry
from bench.tracking.records.record import task_record
from bench.verification import solution_file
from bench.verification.judge import judge
from bench.verification.withhold import withhold_texts
from tests.full_result import full_result
from tests.fuzz.mutations import HUGE, mutated
from tests.journal_lines import without_checksum

LONGEST_S = 20.0
"""No input may take longer, on a machine that does other things as well."""
FEW, MANY = 8, 1500
Target = Callable[[Path], object]


class HangError(BaseException):
    """Nothing came of an input for too long."""


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Raise HangError where the block takes longer."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise HangError

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def failure(act: Callable[[], object]) -> str | None:
    """Return why something ended neither well nor with an error of ours in one line."""
    try:
        with within(LONGEST_S):
            act()
    except (BenchError, click.ClickException) as error:
        return f"several lines: {error}" if "\n" in str(error).strip() else None
    except HangError:
        return f"no end after {LONGEST_S:g} s"
    except BaseException:  # noqa: BLE001 - whatever it is, it is a traceback
        return traceback.format_exc(limit=-4)
    return None


def used(results: list[Result]) -> None:
    """Do with results what all commands do with them."""
    for one in results:
        task_record(one)
        task_record(withhold_texts(one))
    if results:
        aggregates(results)
        frame(results)


def a_result() -> Result:
    """Return a result as a journal has it."""
    full = full_result()
    return replace(full, folder=Path("tasks/one"))


def journal_text() -> bytes:
    """Return a journal of three results."""
    seeds = (replace(a_result(), task=replace(a_result().task, seed=seed)) for seed in range(3))
    return b"".join(to_line(one, Path()) for one in seeds)


def read_journal(path: Path) -> None:
    """Read, set aside what is damaged, and read again."""
    folder = path.parent / "work" / "mine"
    folder.mkdir(parents=True)
    shutil.copyfile(path, folder / JOURNAL)
    try:
        used(list(Journal(folder).results()))
    except BenchError:
        repair.set_aside(folder)
        used(list(Journal(folder).results()))
    used(list(counted_results(folder).results))


def read_campaign(name: str) -> Target:
    """Return what reads a folder whose plan or origin is a mutated file."""

    def read(path: Path) -> None:
        folder = path.parent / "work" / "mine"
        folder.mkdir(parents=True)
        (folder / JOURNAL).write_bytes(journal_text())
        shutil.copyfile(path, folder / name)
        campaign = Campaign.read(folder)
        assert all(campaign.tags())
        origin_files = campaign.origin.files if campaign.origin else ()
        assert all(file.absolute().is_relative_to(folder.parent) for file in origin_files)
        used(list(counted_results(folder).results))

    return read


def plan_text() -> bytes:
    """Return a plan."""
    found = manifest.Manifest(
        campaign_id="0" * 32,
        name="mine",
        kind="run",
        command=("bench", "run"),
        created_at=1.0,
        jobs=1,
        instance_set="set",
        baseline=None,
        settings=(a_result().task.setting,),
        tasks=(),
    )
    return json.dumps(dataclasses.asdict(found)).encode()


def origin_text() -> bytes:
    """Return an origin."""
    return json.dumps(
        {
            "tracking_uri": "sqlite:///a.db",
            "experiment": "x",
            "run_id": None,
            "instance_set": {"name": "set", "instances": []},
            "templates": [],
            "sessions": [{"started_at": 1.0, "provenance": {"bench.host": "here"}}],
            "params": {"jobs": 1},
            "files": ["declared/s.yaml"],
            "tasks_in_mlflow": True,
            "record": "tables",
        }
    ).encode()


SWEEP = b"""\
name: mine
solver: scip
instances: [m.mps]
grid: {alpha: [0.1, 0.2], separating/maxrounds: 0:4:2}
zip: [{limits/restarts: [1, 2], limits/solutions: [3, 4]}]
settings: {cuts: {separating/maxrounds: 0}, more: {alpha: 0.3}}
knobs: {mine: {separating/maxcuts: 2 * mine}}
seeds: [0, 1]
time_limit: 60
order: interleaved
record: tables
"""
CSV = b"instance,setting,status,time,primal_bound\na,s,optimal,1.5,3\nb,s,timelimit,60,\n"
TRC = b"""\
* Trace Record Definition
* InputFileName,ModelType,SolverName,JulianDate,Direction,NumberOfEquations,NumberOfVariables
a,MIP,SCIP,NA,CPLEX,45000.5,0,10,20,5,100,1,1,8,0,3.5,3.5,1.2,100,0,50
"""
XML = b"""<?xml version="1.0"?>
<!DOCTYPE result PUBLIC "x" "y">
<result benchmarkname="b" tool="SCIP" version="10" timelimit="60s" memlimit="1 GB">
<columns><column title="status"/></columns>
<run name="a.mps"><column title="status" value="true"/><column title="cputime" value="1.5s"/></run>
</result>
"""
LOG = b"""\
@01 a.mps ===========
SCIP version 10.0.2
SCIP Status : problem is solved [optimal]
=ready=
"""
MODEL = (
    b"NAME a\nROWS\n N o\n L r\nCOLUMNS\n x o -1 r 2\nRHS\n RHS r 4\nBOUNDS\n UP B x 3\nENDATA\n"
)
LP = b"Maximize\n o: 2 x + [ x^2 ]/2\nst\n r: x + y <= 4\nBounds\n x <= 3\nGenerals\n y\nEnd\n"


def imported(path: Path) -> None:
    """Read a file of others as an import does, with all that is made of it."""
    found = any_format.read(path, None, ImportHints(time_limit_s=60.0))
    tasks = [one.execution(1.0) for one in found.reported]
    assert len(tasks) == len(found.reported)
    results = []
    for one in found.reported:
        verdict = judge(one.answer, one.execution(1.0))
        result = Result(
            task=one.task,
            answer=one.answer,
            execution=one.execution(1.0),
            verdict=verdict,
            folder=Path("x"),
        )
        to_line(result, Path())
        results.append(result)
    used(results)


def planned(path: Path) -> None:
    """Read a sweep file and plan it."""
    (path.parent / "m.mps").write_bytes(MODEL)
    planned_sweep(from_yaml(path.read_bytes(), path))


def listed(path: Path) -> None:
    """Find the instances of a list."""
    (path.parent / "m.mps").write_bytes(MODEL)
    files.find([str(path)])


def read_dotenv(path: Path) -> None:
    """Read a .env in the current folder."""
    before = dict(os.environ)
    try:
        shutil.copyfile(path, path.with_name(".env"))
        load_dotenv()
    finally:
        os.environ.clear()
        os.environ.update(before)


def read_table(path: Path) -> None:
    """Read results.parquet back."""
    used(results_of(read_parquet(path)))


def parquet(folder: Path) -> bytes:
    """Return a table of results."""
    write_parquet([a_result()], folder / "seed.parquet")
    return (folder / "seed.parquet").read_bytes()


def report(path: Path) -> None:
    """Read what a solver's process has left."""
    shutil.copyfile(path, path.parent / "solverreport.json")
    found = messages.read_solver_report(path.parent)
    assert found is not None
    one = replace(a_result(), answer=found.answer)
    again = replace(one, verdict=judge(one.answer, one.execution, one.reference, one.verification))
    to_line(again, Path())
    used([again])


def answer_text() -> bytes:
    """Return a report of a solver."""
    return messages.to_json(messages.SolverReport(answer=a_result().answer, peak_mib=1.0))


TARGETS: Mapping[str, tuple[str, Callable[[], bytes], Target]] = {
    "journal": ("j.jsonl", journal_text, read_journal),
    "old journal": ("j.jsonl", lambda: without_checksum(journal_text()), read_journal),
    "plan": ("p.json", plan_text, read_campaign(manifest.MANIFEST)),
    "origin": ("o.json", origin_text, read_campaign(origin.ORIGIN)),
    "answer": ("a.json", answer_text, report),
    "sweep file": ("s.yaml", lambda: SWEEP, planned),
    ".test": ("l.test", lambda: b"# list\nm.mps\n./m.mps\n*.mps\n", listed),
    ".solu": (
        "r.solu",
        lambda: b"=opt= m 3\n=inf= b\n=best= c 4 2\n",
        lambda p: references.read([p]),
    ),
    "references.csv": (
        "r.csv",
        lambda: b"instance,objective,status\nm,3,opt\n",
        lambda p: references.read([p]),
    ),
    ".set": (
        "p.set",
        lambda: b"# x\nlimits/nodes = 10\nseparating/maxrounds = 0\n",
        lambda p: set_files.read(p, registry.load("scip").parameters()),
    ),
    ".sol": (
        "s.sol",
        lambda: b"solution status: optimal\nobjective value: 3\nx 1 (obj:3)\ny 0.5\n",
        solution_file.read,
    ),
    ".env": ("e", lambda: b"BENCH_WORK_DIR=./a\nX='y z'\nexport Z=${X}\n", read_dotenv),
    ".csv": ("t.csv", lambda: CSV, imported),
    ".trc": ("t.trc", lambda: TRC, imported),
    ".xml": ("t.xml", lambda: XML, imported),
    ".out": ("t.out", lambda: LOG, imported),
    ".mps": ("m.mps", lambda: MODEL, lint),
    ".lp": ("m.lp", lambda: LP, lint),
    "key": (
        "k.json",
        lambda: b'{"models": {"a": {"columns": {"c1": "x"}}}}',
        lambda p: restore(p, p),
    ),
}


@pytest.fixture(scope="module")
def _catalogue() -> None:
    registry.load("scip").parameters()


@pytest.mark.usefixtures("_catalogue")
@pytest.mark.parametrize("n", [FEW, pytest.param(MANY, marks=pytest.mark.soak)])
@pytest.mark.parametrize("name", TARGETS)
def test_a_mutated_file_is_read_or_refused_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, n: int
) -> None:
    """No traceback and no hang, whatever was done to it; the same inputs each time."""
    file, text, target = TARGETS[name]
    rng, seed, bad = random.Random(name), text(), []
    assert failure(lambda: target(_written(tmp_path, file, seed))) is None
    for number in range(n):
        how, content = mutated(seed, rng)
        folder = tmp_path / str(number)
        folder.mkdir()
        monkeypatch.chdir(folder)
        path = _written(folder, file, content)
        if found := failure(lambda path=path: target(path)):  # type: ignore[misc]
            bad.append(f"{number}: {how}\n{content[:200]!r}\n{found}")
        monkeypatch.chdir(tmp_path)
        shutil.rmtree(folder, ignore_errors=True)
    assert not bad, f"{len(bad)} of {n}:\n" + "\n".join(bad[:6])


def _written(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("n", [FEW, pytest.param(MANY, marks=pytest.mark.soak)])
def test_a_mutated_table_is_read_or_refused_in_one_line(tmp_path: Path, n: int) -> None:
    """Parquet is binary: bits and lengths."""
    seed, rng, bad = parquet(tmp_path), random.Random(3), []
    for number in range(n):
        how, content = mutated(seed, rng)
        path = _written(tmp_path, "t.parquet", content)
        if found := failure(lambda path=path: read_table(path)):  # type: ignore[misc]
            bad.append(f"{number}: {how}\n{found}")
    assert not bad, f"{len(bad)} of {n}:\n" + "\n".join(bad[:6])


VALUES: tuple[Any, ...] = (
    *(None, True, -1, 10**40, -(10**40), 1e300, float("nan"), float("inf"), 1.5, 2**63, 0),
    *("", "text", "\ud800", "\0", "x" * 70_000, b"bytes", (), [], {}, [[]], {"a": 1}, object()),
    *((1,), ("a", "b"), {1: 2}, {"\ud800": 1}, set(), lambda: None, type, 1j, range(3)),
)


@pytest.mark.parametrize("n", [10 * FEW, pytest.param(4 * MANY, marks=pytest.mark.soak)])
def test_an_answer_with_any_values_is_used_or_refused(n: int) -> None:
    """What a plug-in may put into the fields of its answer, up to the records made of it."""
    rng, bad = random.Random(5), []
    fields = [one.name for one in dataclasses.fields(a_result().answer)]
    for number in range(n):
        changes = {rng.choice(fields): rng.choice(VALUES) for _ in range(rng.choice([1, 1, 2]))}

        def act(changes: Mapping[str, Any] = changes) -> None:
            answer = replace(a_result().answer, **changes)
            try:
                text = messages.to_json(messages.SolverReport(answer=answer, peak_mib=1.0))
                found = messages.from_json(text, messages.SolverReport)
            except messages.BadContentError:
                return
            one = replace(a_result(), answer=found.answer)
            to_line(one, Path())
            used([replace(one, verdict=judge(one.answer, one.execution, one.reference))])

        if found := failure(act):
            bad.append(f"{number}: {changes!r:.200}\n{found}")
    assert not bad, f"{len(bad)} of {n}:\n" + "\n".join(bad[:6])


def numeric_options(group: click.Command) -> Iterator[click.Parameter]:
    """Yield the numeric options of a command and of those below it."""
    for each in group.params:
        if isinstance(each.type, FloatParamType | IntParamType):
            yield each
    if isinstance(group, click.Group):
        context = click.Context(group)
        for name in group.list_commands(context):
            found = group.get_command(context, name)
            assert found is not None
            yield from numeric_options(found)


@pytest.mark.parametrize("n", [4, pytest.param(400, marks=pytest.mark.soak)])
def test_a_numeric_option_takes_a_number_or_says_what_is_wrong(n: int) -> None:
    """Of all commands; huge numbers, other digits, odd characters."""
    rng, context, bad = random.Random(11), click.Context(root_command), []
    for each in numeric_options(root_command):
        for _ in range(n):
            start = rng.choice([b"1", b"0.5", b"60", *HUGE])
            text = mutated(start, rng)[1][:5000].decode("utf-8", "surrogateescape")
            if found := failure(lambda each=each, text=text: each.type_cast_value(context, text)):  # type: ignore[misc]
                bad.append(f"{each.name} {text[:60]!r}\n{found}")
    assert not bad, f"{len(bad)}:\n" + "\n".join(bad[:6])
