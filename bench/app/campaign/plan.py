"""From checked options to a plan: the tasks, their instances, and the known references."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from bench.errors import BenchError, UsageError
from bench.instances import references as reference_files
from bench.instances.instance_set import InstanceSet
from bench.instances.labels import same_contents
from bench.instances.references import References, references_of
from bench.model.instances.instance import Instance
from bench.model.looks import Looks
from bench.model.setting import ParameterValue, Setting
from bench.model.task import Task
from bench.planning.threads import most_threads
from bench.report.listener import Listener
from bench.solvers import registry

SHOWN_NOTES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The tasks of one or more settings over one instance set.

    ``kind`` is ``run`` or ``sweep``. ``command`` is the command line as words. ``modules`` are
    those of the solvers, for the fork server to load. ``params`` and ``files`` are recorded on the
    sweep's run; ``remarks`` are notes for the user. ``looks`` are those of a sweep that is compared
    while it runs; ``stops``: it ends as soon as one of them decides.
    """

    kind: str
    name: str
    command: tuple[str, ...]
    settings: tuple[Setting, ...]
    instance_set: InstanceSet
    tasks: tuple[Task, ...]
    references: References
    modules: frozenset[str]
    baseline: str | None = None
    params: Mapping[str, ParameterValue | None] = field(default_factory=dict)
    files: tuple[Path, ...] = ()
    remarks: tuple[str, ...] = ()
    looks: Looks | None = None
    stops: bool = False

    @property
    def title(self) -> str:
        """Kind and name, e.g. ``sweep cuts``."""
        return f"{self.kind} {self.name}"

    @property
    def executable(self) -> bool:
        """Whether any task can be executed."""
        return any(defect(task) is None for task in self.tasks)

    def check_executable(self, tell: Callable[[str], None]) -> None:
        """Raise BenchError if no instance can be used; the reasons are reported and noted."""
        if not self.executable:
            error = BenchError("none of the instances can be executed")
            for line in self.defects:
                tell(f"Warning: {line}")  # also shown with --quiet
                error.add_note(line)
            raise error

    @property
    def n_threads(self) -> int:
        """The largest number of threads of a task, and so the number of cores that each takes."""
        return most_threads(self.tasks)

    @property
    def notes(self) -> list[str]:
        """Notes for the user about settings, instances and their references, one line each."""
        return [
            *self.remarks,
            *same_contents(self.instance_set.instances),
            *self.references.notes,
        ]

    @property
    def defects(self) -> list[str]:
        """The reasons why instances cannot be used, by all solvers or some, one line each."""
        of_all = [one.defect for one in self.instance_set.instances if one.defect is not None]
        return list(dict.fromkeys([*of_all, *(why for why in map(defect, self.tasks) if why)]))


def defect(task: Task) -> str | None:
    """Return why the task must not be executed, or None."""
    return task.instance.defect_for(registry.declaration(task.setting.solver).code_base)


def with_instances(plan: Plan, instances: Iterable[Instance]) -> Plan:
    """Return the same plan with its instances replaced by others of the same files."""
    by_path = {instance.path: instance for instance in instances}
    found = [by_path.get(one.path, one) for one in plan.instance_set.instances]
    return replace(
        plan,
        instance_set=InstanceSet.of(plan.instance_set.name, found),
        tasks=tuple(
            replace(one, instance=by_path.get(one.instance.path, one.instance))
            for one in plan.tasks
        ),
    )


def tell_notes(notes: Sequence[str], listener: Listener) -> None:
    """Pass on the first notes and the number of the others."""
    n_shown = len(notes) if listener.wants_details else SHOWN_NOTES
    for note in notes[:n_shown]:
        listener.message(f"Note: {note}")
    if len(notes) > n_shown:
        listener.message(f"Note: and {len(notes) - n_shown} more like these (see --verbose)")


def references(
    instances: Sequence[Instance],
    solu_files: Sequence[Path],
    columns: str | None = None,
    *,
    beside: bool = True,
) -> References:
    """Return the references of instances.

    A reference from ``solu_files`` takes precedence over one from a ``.solu`` file next to the
    instance, if such files are to be used. ``columns`` names the columns of a CSV file, as
    ``instance=NAME,objective=NAME``.
    """
    if columns and not any(path.suffix.lower() == reference_files.TABLE for path in solu_files):
        raise UsageError(
            "--solu-columns: this option needs a CSV file with references, --solu FILE.csv"
        )
    if not columns:
        return references_of(instances, solu_files, beside=beside)
    from bench.instances.reference_table import ReferenceColumns  # noqa: PLC0415 - few name any

    return references_of(instances, solu_files, ReferenceColumns.of(columns), beside=beside)


def set_name(words: Sequence[str], n_instances: int) -> str:
    """Return a name for the instance set, derived from the arguments of the user.

    E.g. ``instances/quick.test`` -> ``quick``, three files -> ``3 instances``.
    """
    if len(words) == 1:
        return Path(words[0]).name.removesuffix(".test") or words[0]
    return f"{n_instances} instances"
