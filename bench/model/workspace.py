"""The workspace of a task: which file has which name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Workspace:
    """The folder of one task: every file a solver writes goes there under these names."""

    folder: Path

    @property
    def log(self) -> Path:
        """What the solver and its libraries print."""
        return self.folder / "solver.log"

    @property
    def solution(self) -> Path:
        """The best solution, in the solver's own format."""
        return self.folder / "solution.sol"

    @property
    def statistics(self) -> Path:
        """Where a solver writes its own statistics as JSON; they are compressed afterwards."""
        return self.folder / "statistics.json"

    @property
    def compressed_statistics(self) -> Path:
        """The solver's own statistics, without what is zero."""
        return self.folder / "statistics.json.gz"

    @property
    def settings(self) -> Path:
        """The parameters that differ from the solver's defaults, as the solver wrote them."""
        return self.folder / "changed.set"

    @property
    def verification(self) -> Path:
        """What the check of the solution found, as JSON."""
        return self.folder / "verification.json"

    @property
    def start(self) -> Path:
        """A solution to start from, ``name value`` a line, where there is one."""
        return self.folder / "start.sol"

    def write_start(self, values: Mapping[str, float]) -> None:
        """Write the solution to start from."""
        self.start.write_text("".join(f"{name} {value!r}\n" for name, value in values.items()))

    @property
    def scratch(self) -> Path:
        """The folder for temporary files of the task's processes; removed at the end."""
        return self.folder / "tmp"

    @property
    def solving(self) -> Path:
        """A mark that reading is over and the solve has begun."""
        return self.folder / "solving"

    @property
    def bounds(self) -> Path:
        """The bounds of this moment, while the solver is at work."""
        return self.folder / "bounds.json"

    @property
    def kept(self) -> tuple[Path, ...]:
        """The files that are worth keeping with the task's record, there or not; never a link.

        Nothing makes links here, and one in a folder from elsewhere may lead to any file. There
        are none where the folder can have no files, such as one with too long a name.
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
