"""List instances with size, family, reference, and duration of their solves."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.app.options import WORK_DIR
from bench.app.progress import Progress, listener_of
from bench.execution.process import launch
from bench.execution.process.fork_servers import fork_server
from bench.instances.files import find
from bench.instances.references import references_of
from bench.journal.answers import KnownInstance, known_instances
from bench.model.instances.instance import Instance
from bench.report.listener import Listener
from bench.report.terminal.instances import InstanceEntry
from bench.solvers import registry

BUNDLED = "instances"
READER = "scip"
LARGEST_READ = 4 * 2**20
"""The largest file, in bytes, that is read only for the list."""
NOTHING_KNOWN = KnownInstance(None, None, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListInstancesOptions:
    """Which instances: files, folders, globs or ``.test`` lists; none means the bundled ones.

    Seconds and sizes are those of the results in ``work_dir``.
    """

    instances: Sequence[str] = field(default=(), kw_only=False)
    work_dir: str | Path = WORK_DIR
    progress: Progress = False


def list_instances(options: ListInstancesOptions) -> list[InstanceEntry]:
    """Return instances with what is known about them.

    If an instance has no result yet, its size is read from the file, unless the file is large.
    """
    found = find(options.instances or (BUNDLED,))
    references = references_of(found, ())
    known = known_instances(Path(options.work_dir))
    unknown = [one for one in found if one.digest not in known and _is_small(one)]
    known |= dict(_read(unknown, listener_of(options.progress)))
    entries = []
    for one in found:
        measures = known.get(one.digest, NOTHING_KNOWN)
        entries.append(
            InstanceEntry(
                instance=one,
                reference=references.of(one),
                n_rows=measures.n_rows,
                n_columns=measures.n_columns,
                expected_s=measures.seconds,
            )
        )
    return entries


def _is_small(one: Instance) -> bool:
    return one.defect is None and one.path.stat().st_size <= LARGEST_READ


def _read(found: Sequence[Instance], listener: Listener) -> Iterator[tuple[str, KnownInstance]]:
    """Yield digest and size of each file that the reader can read."""
    if not found:
        return
    fork_server.prepare([registry.load(READER).preload])
    listener.step_started("read", len(found), "file")
    try:
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            for one in found:
                problem = launch.inspect(one, READER, Path(folder)).problem
                listener.step_advanced(1)
                if problem is not None:
                    yield one.digest, KnownInstance(None, problem.n_conss, problem.n_vars)
    finally:
        listener.step_ended()
