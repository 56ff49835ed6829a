"""The workspace of a task: the names of its files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Workspace:
    """The folder of one task, with a fixed name for each file that a solver writes."""

    folder: Path

    @property
    def log(self) -> Path:
        """The output of the solver and its libraries."""
        return self.folder / "solver.log"

    @property
    def solution(self) -> Path:
        """The best solution, in the solver's own format."""
        return self.folder / "solution.sol"

    @property
    def statistics(self) -> Path:
        """The solver's own statistics as JSON; they are compressed afterwards."""
        return self.folder / "statistics.json"

    @property
    def compressed_statistics(self) -> Path:
        """The solver's own statistics, without zeros."""
        return self.folder / "statistics.json.gz"

    @property
    def settings(self) -> Path:
        """The parameters that differ from the solver's defaults, as the solver wrote them."""
        return self.folder / "changed.set"

    @property
    def verification(self) -> Path:
        """The outcome of the solution check, as JSON."""
        return self.folder / "verification.json"

    @property
    def start(self) -> Path:
        """The start solution, with a line ``name value`` per column, if there is one."""
        return self.folder / "start.sol"

    def write_start(self, values: Mapping[str, float]) -> None:
        """Write the start solution."""
        self.start.write_text("".join(f"{name} {value!r}\n" for name, value in values.items()))

    @property
    def scratch(self) -> Path:
        """The folder for temporary files of the task's processes; removed at the end."""
        return self.folder / "tmp"

    @property
    def solving(self) -> Path:
        """A marker file: reading is finished and the solve has begun."""
        return self.folder / "solving"

    @property
    def bounds(self) -> Path:
        """The current bounds, during the solve."""
        return self.folder / "bounds.json"

    @property
    def sent(self) -> Path:
        """A marker file: the worker that it names executes the task, and sends the files later."""
        return self.folder / "sent"

    @property
    def kept(self) -> tuple[Path, ...]:
        """Return the files to keep with the task's record, existing or not; never a link.

        bench makes no links there, and a link in a copied folder may lead to any file. If the
        folder can have no files, e.g. because its name is too long, there are none.
        """
        files = (
            self.log,
            self.solution,
            self.statistics,
            self.compressed_statistics,
            self.settings,
            self.verification,
        )
        try:
            if self.folder.is_symlink():
                return ()
            return tuple(file for file in files if not file.is_symlink())
        except OSError:
            return ()
