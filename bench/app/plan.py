"""From checked options to a plan: what will be executed, on what, and what is known of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from bench.errors import BenchError, UsageError
from bench.instances import references as reference_files
from bench.instances import solu
from bench.instances.instance_set import InstanceSet
from bench.instances.reference_table import ReferenceColumns
from bench.model.instance import Instance
from bench.model.reference import Reference
from bench.model.setting import ParameterValue, Setting
from bench.model.task import Task


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The tasks of one or more settings over one instance set.

    ``kind`` is ``run`` or ``sweep``; ``command`` is what the user typed, a word each;
    ``modules`` are those of the solvers, for the fork server to load. ``params`` and ``files``
    are kept with the sweep's run.
    """

    kind: str
    name: str
    command: tuple[str, ...]
    settings: tuple[Setting, ...]
    instance_set: InstanceSet
    tasks: tuple[Task, ...]
    references: Mapping[str, Reference]
    modules: frozenset[str]
    baseline: str | None = None
    params: Mapping[str, ParameterValue | None] = field(default_factory=dict)
    files: tuple[Path, ...] = ()

    @property
    def title(self) -> str:
        """Kind and name, e.g. ``sweep cuts``."""
        return f"{self.kind} {self.name}"

    @property
    def executable(self) -> bool:
        """Whether there is any task that can be executed at all."""
        return any(task.instance.defect is None for task in self.tasks)

    def check_executable(self, tell: Callable[[str], None]) -> None:
        """Raise BenchError where no instance can be used; why is told, and noted in the error."""
        if not self.executable:
            error = BenchError("none of the instances can be executed")
            for line in self.defects:
                tell(line)
                error.add_note(line)
            raise error

    @property
    def defects(self) -> list[str]:
        """What keeps instances from being used, a line each."""
        return [one.defect for one in self.instance_set.instances if one.defect is not None]


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


def references(
    instances: Sequence[Instance], solu_files: Sequence[Path], columns: str | None = None
) -> dict[str, Reference]:
    """Return the references of instances by name.

    One from ``solu_files`` goes over one from a ``.solu`` file beside the instances. ``columns``
    says which columns of a CSV file matter, as ``instance=NAME,objective=NAME``.
    """
    usable = [instance.path for instance in instances if instance.defect is None]
    if columns and not any(path.suffix.lower() == reference_files.TABLE for path in solu_files):
        raise UsageError("--solu-columns: no table; it belongs to --solu FILE.csv")
    return reference_files.read(
        [*solu.beside(usable), *solu_files], ReferenceColumns.of(columns) if columns else None
    )


def set_name(words: Sequence[str], n_instances: int) -> str:
    """Return a name for the instance set, after what the user typed.

    E.g. ``instances/quick.test`` -> ``quick``, three files -> ``3 instances``.
    """
    if len(words) == 1:
        return Path(words[0]).name.removesuffix(".test") or words[0]
    return f"{n_instances} instances"
