"""Tuners side by side: the same CPU seconds for each, then CPU on unseen instances and seeds.

::

    python benchmarks/tuning.py --rivals rivals/bin/python        hours: 4 families, 3 tuner seeds
    python benchmarks/tuning.py --budget 60 --seeds 1 --only race --only emphases
    python benchmarks/tuning.py --show                            what is finished

SMAC3 is executed by the Python of ``--rivals`` (pip install smac), irace by ``Rscript`` (Debian's
r-cran-irace); one that is not there is left out. Whoever searches has the same solves, made and
verified by the harness, the same space, the same time limit and as many CPU seconds of solves; what
a tuner computes itself is not counted. All settings that were found for a family are then tested
in one sweep, side by side with stock, so that drift of the machine affects all of them alike; when
another search is added, that sweep is repeated as a whole. Each cell (family, tuner, seed) is kept
in ``--out`` once it is finished, and a solve that is in a journal is not repeated: the same command
goes on. docs/tuning.md has the tables.
"""

from __future__ import annotations

import json
import math
import os
import shutil
import statistics
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from pathlib import Path

import click
import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.app.campaign.execute_plan import execute_plan
from bench.app.campaign.execution_config import execution_config_of
from bench.app.campaign.plan import Plan, references
from bench.app.campaign.plan_sweep import SweepOptions
from bench.app.campaign.session import continue_sweep
from bench.app.campaign.target import Target
from bench.app.options import ExecutionOptions
from bench.app.sweep import sweep
from bench.app.tuning.final_sweep import FinalSweep, write_final_sweep
from bench.app.tuning.growing import GrowingPlan, SolverFacts
from bench.errors import BenchError
from bench.instances.files import find
from bench.instances.generators.families import generate
from bench.instances.generators.linear_model import to_mps
from bench.instances.instance_set import InstanceSet
from bench.journal.campaign import TUNE
from bench.model.limits import Clock, Limits
from bench.model.results.result import Result
from bench.model.setting import ParameterValue, Setting
from bench.planning.emphases import emphases_of
from bench.planning.limits import default_gap
from bench.report.listener import Listener
from bench.solvers import registry
from bench.statistics.intervals import Interval
from bench.store.uri import resolve_uri
from bench.tuning.ablation import interval_of
from bench.tuning.candidate import STOCK, Candidate
from bench.tuning.race import Rules
from bench.tuning.scores import Objective, cost_of
from bench.tuning.space import default_space
from benchmarks.ways.tuners import searches
from benchmarks.ways.tuners.searches import Code, Problem, RefusedError, Search

FAMILIES: dict[str, tuple[str, dict[str, int]]] = {
    "facility location": ("facility_location", {"facilities": 10, "customers": 20, "ratio": 300}),
    "knapsack": ("multidimensional_knapsack", {"resources": 5, "items": 28, "tightness": 50}),
    "auction": ("auction", {"items": 40, "bids": 130}),
    "lot sizing": ("lot_sizing", {"items": 4, "periods": 10, "utilisation": 85}),
}
N_TRAIN, N_TEST, N_TEST_SEEDS = 15, 15, 2
TIME_LIMIT_S = 3.0
LIMITS = Limits(time_s=TIME_LIMIT_S, clock=Clock.CPU)
OURS = "bench tune"
SOLVER = "scip"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What a tuner with a seed found for a family.

    ``logs`` has, of each unseen instance, the mean log ratio of the setting's CPU seconds to
    stock's, none before the test. ``refused`` is why a tuner did not search.
    """

    family: str
    tuner: str
    seed: int
    budget_s: float
    spent_s: float = 0.0
    n_solves: int = 0
    start: str = STOCK
    changes: dict[str, ParameterValue]
    params: dict[str, ParameterValue]
    logs: tuple[float, ...] = ()
    stock_s: float = 0.0
    refused: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """Where cells are, and what each of them may spend."""

    out: Path
    budget_s: float
    jobs: int

    def models(self, family: str, part: str) -> list[Path]:
        """Return the instances of a family, generated where they are not there yet."""
        name, sizes = FAMILIES[family]
        folder = self.out / "models" / f"{name}-{part}"
        folder.mkdir(parents=True, exist_ok=True)
        first, n = (0, N_TRAIN) if part == "train" else (1000, N_TEST)
        files = [folder / f"{name}-{seed}.mps" for seed in range(first, first + n)]
        for seed, file in enumerate(files, first):
            if not file.exists():
                file.write_text(to_mps(generate(name, sizes, seed)))
        return files

    def file(self, family: str, tuner: str, seed: int) -> Path:
        """Return the file of a cell."""
        name = f"{family}-{tuner}-{seed}-{self.budget_s:g}s".replace(" ", "-")
        return self.out / "cells" / f"{name}.json"

    def cell(self, family: str, tuner: str, search: Callable[[Problem], Search], seed: int) -> Cell:
        """Return the cell, from its file or executed."""
        file = self.file(family, tuner, seed)
        if file.exists():
            return read_cell(file)
        work_dir = self.out / "work" / file.stem
        found = self._executed(family, tuner, search, seed, work_dir)
        self._write(found)
        shutil.rmtree(work_dir, ignore_errors=True)
        return found

    def _write(self, cell: Cell) -> None:
        file = self.file(cell.family, cell.tuner, cell.seed)
        file.parent.mkdir(parents=True, exist_ok=True)
        half = file.with_suffix(".half")
        half.write_text(json.dumps(asdict(cell), indent=1))
        half.replace(file)

    def _options(self, work_dir: Path) -> ExecutionOptions:
        return ExecutionOptions(
            work_dir=work_dir, no_mlflow=True, jobs=self.jobs, if_cores_taken="share", lint=False
        )

    def _executed(
        self,
        family: str,
        tuner: str,
        search: Callable[[Problem], Search],
        seed: int,
        work_dir: Path,
    ) -> Cell:
        solver = registry.load(SOLVER)
        catalogue = solver.parameters()
        facts = SolverFacts(
            name=SOLVER,
            version=solver.version(),
            catalogue=catalogue,
            default_gap=default_gap(catalogue, solver.limit_parameters),
        )
        space = default_space(SOLVER, catalogue, emphases_of(solver))
        rules = Rules(
            budget_s=self.budget_s,
            n_instances=N_TRAIN,
            time_limit_s=TIME_LIMIT_S,
            jobs=self.jobs,
            seed=seed,
        )
        problem = Problem(space=space, rules=rules, folder=work_dir / "driver")
        train = find([str(one) for one in self.models(family, "train")])
        plan = Plan(
            kind=TUNE,
            name="search",
            command=(),
            settings=(Setting(name=STOCK, solver=SOLVER),),
            instance_set=InstanceSet.of(family, train),
            tasks=(),
            references=references(train, ()),
            modules=frozenset({solver.preload}),
            baseline=STOCK,
        )
        growing = GrowingPlan(
            plan,
            search(problem),
            Code.of(space).whole_space,
            objective=lambda: Objective.CPU,
            solver=facts,
            limits=LIMITS,
        )
        options = self._options(work_dir)
        config = execution_config_of(options, threads=1, jobs=self.jobs, record=None)
        where = Target(resolve_uri(None), options.target_experiment(), None)
        known = Cell(
            family=family, tuner=tuner, seed=seed, budget_s=self.budget_s, changes={}, params={}
        )
        try:
            session = continue_sweep(work_dir, plan.name, fresh=False)
            done = execute_plan(plan, where, session, config, Listener(), grow=growing)
        except (RefusedError, BenchError) as error:
            spent = replace(known, spent_s=growing.spent_s, n_solves=growing.n_solves)
            return replace(spent, refused=str(error))
        winner: Candidate | None = growing.outcome
        if done.interrupted or winner is None:
            raise KeyboardInterrupt
        return replace(
            known,
            spent_s=growing.spent_s,
            n_solves=growing.n_solves,
            start=winner.start,
            changes=dict(winner.changes),
            params=dict(growing.setting(winner).params),
        )

    def test(self, family: str) -> None:
        """Solve the unseen instances with stock and all settings found, if one is untested."""
        cells = [
            one
            for one in read_cells(self.out, self.budget_s)
            if one.family == family and not one.refused
        ]
        if all(one.logs for one in cells):
            return
        contents = [json.dumps(one.params, sort_keys=True) for one in cells]
        names = {content: f"found-{at}" for at, content in enumerate(dict.fromkeys(contents))}
        names[json.dumps({})] = STOCK
        settings = {
            names[content]: Setting(name=names[content], solver=SOLVER, params=one.params)
            for content, one in zip(contents, cells, strict=True)
            if names[content] != STOCK
        }
        digest = sha256("".join(sorted(contents)).encode()).hexdigest()
        by_setting = self._swept(family, settings, digest)
        stock = _logs(by_setting[STOCK])
        stock_s = statistics.fmean(one.answer.solve_cpu_s or 0 for one in by_setting[STOCK])
        for content, one in zip(contents, cells, strict=True):
            found = _logs(by_setting[names[content]])
            logs = tuple(found[name] - stock[name] for name in sorted(stock))
            self._write(replace(one, logs=logs, stock_s=stock_s))

    def _swept(
        self, family: str, settings: dict[str, Setting], digest: str
    ) -> Mapping[str, Sequence[Result]]:
        work_dir = self.out / "work" / f"test-{FAMILIES[family][0]}-{digest[:8]}"
        work_dir.mkdir(parents=True, exist_ok=True)
        made = write_final_sweep(
            work_dir,
            FinalSweep(
                name="test",
                solver=SOLVER,
                settings=settings,
                instances=find([str(one) for one in self.models(family, "test")]),
                budget_s=(len(settings) + 1) * N_TEST * N_TEST_SEEDS + 1.0,
                mean_s=1.0,
                limits=LIMITS,
                seed=0,
            ),
            registry.load(SOLVER).parameters(),
            settings,
        )
        done = sweep(
            SweepOptions(
                instances=[str(made.path)],
                work_dir=work_dir,
                no_mlflow=True,
                jobs=self.jobs,
                if_cores_taken="share",
                lint=False,
            )
        )
        if done.interrupted or done.n_missing:
            raise KeyboardInterrupt
        return done.by_setting()


def _logs(results: Sequence[Result]) -> dict[str, float]:
    """Return the mean log of the shifted CPU seconds over seeds, by instance."""
    found: dict[str, list[float]] = {}
    worst = math.log(10 * TIME_LIMIT_S + 0.1)
    for one in results:
        log = min(cost_of(one, Objective.CPU, None).log, worst)
        found.setdefault(one.task.instance.label, []).append(log)
    return {name: statistics.fmean(logs) for name, logs in found.items()}


def read_cell(file: Path) -> Cell:
    """Return a finished cell."""
    found = json.loads(file.read_text())
    return Cell(**{**found, "logs": tuple(found["logs"])})


def read_cells(out: Path, budget_s: float) -> list[Cell]:
    """Return the finished cells of a budget."""
    cells = [read_cell(file) for file in sorted((out / "cells").glob("*.json"))]
    return [one for one in cells if one.budget_s == budget_s]


def mean_logs(cells: Sequence[Cell]) -> list[float]:
    """Return the mean over tuner seeds, by unseen instance."""
    return [float(each) for each in np.mean([one.logs for one in cells], axis=0)]


def ratio(logs: Sequence[float]) -> tuple[float, Interval | None]:
    """Return the ratio of means with Student's interval by instance."""
    return math.exp(statistics.fmean(logs)), interval_of(logs, range(len(logs)))


def ratio_text(logs: Sequence[float]) -> str:
    """Return a ratio and its interval."""
    value, ends = ratio(logs)
    return f"{value:.2f}" + (f" ({ends.low:.2f} to {ends.high:.2f})" if ends else "")


def tables(cells: Sequence[Cell]) -> list[str]:
    """Return the tables as Markdown: each tuner against stock, and ours against each tuner."""
    usable = [one for one in cells if one.logs]
    tuners = _tuners(usable)
    families = [name for name in FAMILIES if any(one.family == name for one in usable)]
    lines = [
        "CPU seconds on unseen instances and seeds as a ratio to stock:",
        "",
        f"| tuner | {' | '.join(families)} | seeds |",
        f"|---|{'---|' * (len(families) + 1)}",
    ]
    for tuner in tuners:
        by_family = [_of(usable, family, tuner) for family in families]
        texts = [ratio_text(mean_logs(found)) if found else "-" for found in by_family]
        counts = sorted({len(found) for found in by_family})
        lines.append(f"| {tuner} | {' | '.join(texts)} | {' or '.join(map(str, counts))} |")
    lines += ["", f"{OURS} as a ratio to each other tuner (below 1: {OURS} is ahead):", ""]
    lines += [f"| against | {' | '.join(families)} | all |", f"|---|{'---|' * (len(families) + 1)}"]
    for tuner in tuners:
        if tuner == OURS:
            continue
        differences = {
            family: _difference(_of(usable, family, OURS), _of(usable, family, tuner))
            for family in families
        }
        texts = [ratio_text(found) if found else "-" for found in differences.values()]
        everything = [log for found in differences.values() for log in found]
        whole = ratio_text(everything) if all(differences.values()) else "-"
        lines.append(f"| {tuner} | {' | '.join(texts)} | {whole} |")
    lines += [
        f"refused: {one.tuner} on {one.family}, seed {one.seed}: {one.refused}"
        for one in cells
        if one.refused
    ]
    return lines


def _tuners(cells: Sequence[Cell]) -> list[str]:
    """Return the tuners, ours first."""
    return sorted({one.tuner for one in cells}, key=lambda name: (name != OURS, name.lower()))


def _of(cells: Sequence[Cell], family: str, tuner: str) -> list[Cell]:
    return [one for one in cells if one.family == family and one.tuner == tuner]


def _difference(ours: Sequence[Cell], theirs: Sequence[Cell]) -> list[float]:
    """Return the mean log ratios of ours to theirs by instance, over the seeds both have."""
    common = {one.seed for one in ours} & {one.seed for one in theirs}
    if not common:
        return []
    own, other = (
        mean_logs([one for one in cells if one.seed in common]) for cells in (ours, theirs)
    )
    return [a - b for a, b in zip(own, other, strict=True)]


def draw(cells: Sequence[Cell], file: Path) -> None:
    """Draw the ratios to stock with their intervals, and each tuner seed as a point."""
    from matplotlib.figure import Figure  # noqa: PLC0415 - not for the searches

    usable = [one for one in cells if one.logs]
    tuners = _tuners(usable)
    families = [name for name in FAMILIES if any(one.family == name for one in usable)]
    figure = Figure(figsize=(3.1 * len(families), 0.5 * len(tuners) + 1.4), layout="constrained")
    for axes, family in zip(
        figure.subplots(1, len(families), sharey=True, squeeze=False)[0], families, strict=True
    ):
        for at, tuner in enumerate(tuners):
            found = _of(usable, family, tuner)
            if not found:
                continue
            value, ends = ratio(mean_logs(found))
            color = "tab:blue" if tuner == OURS else "tab:gray"
            if ends:
                axes.plot([ends.low, ends.high], [at, at], color=color, linewidth=2)
            axes.plot([value], [at], "o", color=color)
            points = [math.exp(statistics.fmean(one.logs)) for one in found]
            axes.plot(points, [at] * len(points), "|", color="black", markersize=9)
        axes.axvline(1, color="black", linewidth=0.6)
        axes.set_title(family)
        axes.set_xscale("log")
        ticks = (0.1, 0.2, 0.5, 1, 2)
        axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks], minor=False)
        axes.minorticks_off()
    first = figure.axes[0]
    first.set_yticks(range(len(tuners)), tuners)
    first.invert_yaxis()
    figure.supxlabel("CPU time / that of stock", fontsize="medium")
    figure.savefig(file, metadata={"Date": None} if file.suffix == ".svg" else None)


def execute(
    bench: Bench, seeds: int, rivals: str | None, only: Sequence[str], families: Sequence[str]
) -> None:
    """Execute the searches that are not finished, then the tests."""
    tuners: dict[str, Callable[[Problem], Search]] = {
        OURS: searches.race,
        "emphases": searches.emphases,
        "random search": searches.random_search,
    }
    if found := shutil.which("Rscript"):
        tuners["irace"] = searches.irace(found)
    else:
        click.echo("irace is left out: no Rscript")
    if rivals:
        tuners["SMAC3"] = searches.smac(Path(rivals).absolute())
    else:
        click.echo("SMAC3 is left out: no --rivals")
    for seed in range(seeds):
        for tuner in only or tuners:
            for family in families:
                cell = bench.cell(family, tuner, tuners[tuner], seed)
                click.echo(
                    f"{family}, {tuner}, seed {seed}: {cell.refused or cell.start} after "
                    f"{cell.n_solves} solves, {cell.spent_s:.0f} CPU s"
                )
    for family in families:
        bench.test(family)


@click.command()
@click.option("--out", default="benchmark-tuning", help="Folder of cells and models.")
@click.option("--budget", default=300.0, help="CPU seconds of solves for each search.")
@click.option("--seeds", default=3, help="Tuner seeds.")
@click.option("--jobs", default=1, help="Solves at a time.")
@click.option("--rivals", help="A Python that has SMAC3.")
@click.option("--only", multiple=True, help="Tuner; again for more.  [default: all]")
@click.option("--family", "families", multiple=True, type=click.Choice(list(FAMILIES)))
@click.option("--show", is_flag=True, help="Print the tables of what is finished, and end.")
def main(  # noqa: PLR0913, PLR0917 - click gives them by name
    out: str,
    budget: float,
    seeds: int,
    jobs: int,
    rivals: str | None,
    only: tuple[str, ...],
    families: tuple[str, ...],
    show: bool,
) -> None:
    """Let each tuner search on each family, and compare what all of them found in one sweep."""
    bench = Bench(out=Path(out).absolute(), budget_s=budget, jobs=jobs)
    if not show:
        execute(bench, seeds, rivals, only, families or list(FAMILIES))
    cells = read_cells(bench.out, budget)
    if cells:
        click.echo("\n" + "\n".join(tables(cells)))
        for suffix in ("svg", "png"):
            draw(cells, bench.out / f"tuning.{suffix}")


if __name__ == "__main__":
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    main()
