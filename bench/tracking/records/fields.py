"""The names under which the parts of a result appear in MLflow, as plain dictionaries."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from bench.journal.verification_fields import verification_metrics, verification_tags
from bench.model.instance import lint_text
from bench.store.run_keys import attempt, digest_of, group_of
from bench.tracking.records.verdict_fields import SOLVED, verdict_tags

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bench.instances.instance_set import InstanceSet
    from bench.model.answer import Answer
    from bench.model.limits import Limits
    from bench.model.problem import ProblemStatistics, Range
    from bench.model.result import Result
    from bench.model.setting import Setting
    from bench.model.task import Task

Numbers = dict[str, float | None]


_RANGES = ("matrix_coefficient", "objective_coefficient", "rhs", "bound")


def with_choices(own: Mapping[str, object], setting: Setting) -> dict[str, object]:
    """Return ``own`` with the knobs and changed parameters of a setting, by their own names.

    A knob or parameter whose name is taken already becomes ``knob/<name>`` or ``param/<name>``.
    """
    merged = dict(own)
    for prefix, choices in (("knob", setting.knobs), ("param", setting.params)):
        merged |= {
            f"{prefix}/{name}" if name in merged else name: value for name, value in choices.items()
        }
    return merged


def task_params(result: Result) -> dict[str, object]:
    """Return what the task consists of, the setting's choices left out, and of its problem."""
    task, answer = result.task, result.answer
    params: dict[str, object] = {
        "instance": task.instance.name,
        "setting": task.setting.name,
        "solver": task.setting.solver,
        "seed": task.seed,
        "permutation": task.permutation,
        **limit_params(task.limits),
    }
    if answer.problem is not None:
        params |= {"sense": answer.problem.sense.value, **problem_numbers(answer.problem)}
    if answer.presolved is not None:
        sizes = asdict(answer.presolved)
        params |= {f"presolved/{name}": count for name, count in sizes.items()}
    return params


def setting_params(
    setting: Setting, tasks: Sequence[Task], instances: InstanceSet
) -> dict[str, object]:
    """Return what all tasks of a setting have in common, the setting's choices left out."""
    return {
        "setting": setting.name,
        "solver": setting.solver,
        "seeds": _listed(task.seed for task in tasks),
        "permutations": _listed(task.permutation for task in tasks),
        **limit_params(tasks[0].limits),
        "n_instances": len(instances.instances),
        "instance_set": instances.name,
        "instance_set_digest": instances.digest,
    }


def sweep_params(
    tasks: Sequence[Task], instances: InstanceSet, others: Mapping[str, object]
) -> dict[str, object]:
    """Return what a sweep consists of; limits where they are the same everywhere."""
    limits = {task.limits for task in tasks}
    return {
        "n_settings": len({task.setting.name for task in tasks}),
        "n_tasks": len({task.key for task in tasks}),
        "seeds": _listed(task.seed for task in tasks),
        "permutations": _listed(task.permutation for task in tasks),
        **(limit_params(limits.pop()) if len(limits) == 1 else {}),
        "n_instances": len(instances.instances),
        "instance_set": instances.name,
        "instance_set_digest": instances.digest,
        **others,
    }


def limit_params(limits: Limits) -> dict[str, object]:
    """Return the limits by name, None where unlimited; whole seconds and MiB without a point."""
    return {
        "time_limit_s": _short(limits.time_s),
        "memory_limit_mib": _short(limits.memory_mib),
        "node_limit": limits.nodes,
        "gap_limit": limits.gap,
        "clock": limits.clock.value,
    }


def problem_numbers(problem: ProblemStatistics) -> Numbers:
    """Return sizes, shares, coefficient ranges and constraint classes of a problem."""
    sizes = ("n_vars", "n_bins", "n_ints", "n_conts", "n_conss", "n_nonzeros", "n_equalities")
    numbers: Numbers = {name: getattr(problem, name) for name in sizes}
    numbers |= {
        "density": problem.density,
        **{f"share_{name}": share for name, share in problem.shares.items()},
        "objective_offset": problem.objective_offset,
        "n_bins_declared": problem.n_bins_declared,
        "n_ints_declared": problem.n_ints_declared,
    }
    ranges: tuple[Range | None, ...] = (
        problem.matrix_range,
        problem.objective_range,
        problem.rhs_range,
        problem.bound_range,
    )
    for name, span in zip(_RANGES, ranges, strict=True):
        if span is not None:
            numbers |= {f"{name}_min": span.smallest, f"{name}_max": span.largest}
    classes: Numbers = {f"class/{name}": n for name, n in problem.classes.items() if n}
    return numbers | classes


def result_metrics(result: Result) -> Numbers:
    """Return what was claimed, measured and concluded, grouped by prefix."""
    answer, execution = result.answer, result.execution
    problem = problem_numbers(answer.problem) if answer.problem else {}
    return {
        "result/primal_bound": answer.primal_bound,
        "result/dual_bound": answer.dual_bound,
        "result/gap": answer.gap,
        "result/primal_dual_integral": answer.primal_dual_integral,
        "result/n_solutions": answer.n_solutions,
        "result/first_primal_bound": answer.first_primal_bound,
        SOLVED: float(result.verdict.solved),
        "time/solve_s": answer.solve_time_s,
        "time/solve_wall_s": answer.solve_wall_s,
        "time/solve_cpu_s": answer.solve_cpu_s,
        "time/read_s": answer.read_time_s,
        "time/presolve_s": answer.presolve_time_s,
        "time/first_incumbent_s": answer.first_incumbent_time_s,
        "time/deterministic": answer.deterministic_time,
        "time/wall_s": execution.wall_s,
        "time/cpu_s": execution.cpu_s,
        "time/n_involuntary_switches": execution.n_involuntary_switches,
        "search/n_nodes": answer.n_nodes,
        "search/n_lp_iterations": answer.n_lp_iterations,
        "memory/peak_mib": execution.peak_mib,
        **verification_metrics(result.verification),
        **{f"problem/{name}": value for name, value in problem.items()},
    }


def result_tags(result: Result) -> dict[str, object]:
    """Return what one filters by."""
    task, answer, execution = result.task, result.answer, result.execution
    return {
        "bench.kind": "task",
        "bench.key": task.key,
        "bench.attempt": attempt(result),
        **verdict_tags(result),
        "bench.termination": execution.termination.value,
        "bench.evidence": execution.evidence,
        "bench.noise": "; ".join(execution.noise) or "none",
        "bench.cores": _listed(execution.cores),
        "bench.status": answer.status,
        "bench.instance": task.instance.name,
        "bench.instance_sha256": task.instance.digest,
        "bench.setting": task.setting.name,
        "bench.solver_version": task.solver_version,
        "bench.error": result.error,
        "bench.lint": lint_text(task.instance) or "none",
        "bench.reader_warnings": "\n".join(answer.reader_warnings),
        **verification_tags(result.verification),
        **_version_tags(answer),
    }


def setting_tags(task: Task, results: Sequence[Result]) -> dict[str, object]:
    """Return what one filters settings by: that of one task, with the versions of a result."""
    return {
        "bench.kind": "setting",
        "bench.setting": task.setting.name,
        "bench.group": group_of(task),
        "bench.results": digest_of(results) if results else None,
        "bench.solver_version": task.solver_version,
        **(_version_tags(results[0].answer) if results else {}),
    }


def span_ms(result: Result) -> tuple[int, int]:
    """Return start and end of the execution, in ms since the epoch."""
    started_at = result.execution.started_at
    return _milliseconds(started_at), _milliseconds(started_at + result.execution.wall_s)


def _version_tags(answer: Answer) -> dict[str, object]:
    return {f"bench.version.{name}": version for name, version in answer.versions.items()}


def _listed(numbers: Iterable[int]) -> str:
    return ",".join(str(each) for each in sorted(set(numbers)))


def _short(value: float | None) -> str | None:
    return None if value is None else f"{value:.15g}"


def _milliseconds(seconds: float) -> int:
    return round(seconds * 1000)
