"""The workers that may execute tasks of a campaign: accepted, refused, used up."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.execution.cluster.dask import agents
from bench.execution.cluster.dask.connection import Connection
from bench.execution.cluster.dask.file_sender import FileSender
from bench.execution.cluster_options import Files
from bench.execution.pairs import Machine

MOST_FAULTS = 2
"""So often in a row a worker's machine may fail."""


@dataclass(frozen=True, slots=True)
class CampaignTerms:
    """What a worker is asked before it is accepted.

    ``setup`` is that of its agents, ``versions`` are solvers with the planned versions, and
    ``token`` is the content of a file in the shared folder.
    """

    setup: str
    versions: Sequence[tuple[str, str]]
    token: str


@dataclass(slots=True)
class PoolWorker:
    """A worker that executes tasks: its machine, its idle threads, its failures in a row."""

    machine: Machine
    n_free: int
    n_faults: int = 0


class WorkerPool:
    """The accepted workers by address.

    A worker that is refused, or no longer used, is never accepted again.
    """

    def __init__(
        self,
        exchange: Path,
        sender: FileSender,
        files: Files | None,
        tell: Callable[[str], None],
    ) -> None:
        """Begin without workers; ``files`` is the user's choice, ``tell`` gets the warnings."""
        self.sender = sender
        self._exchange, self._files, self._tell = exchange, files, tell
        self._workers: dict[str, PoolWorker] = {}
        self._refused: set[str] = set()

    def __len__(self) -> int:
        """Return the number of accepted workers."""
        return len(self._workers)

    def __iter__(self) -> Iterator[str]:
        """Iterate over the addresses of accepted workers, which may change meanwhile."""
        return iter(list(self._workers))

    def __contains__(self, address: str) -> bool:
        """Whether this worker is accepted."""
        return address in self._workers

    @property
    def were_refused(self) -> bool:
        """Whether any worker was refused."""
        return bool(self._refused)

    @property
    def machines(self) -> dict[str, Machine]:
        """The machine of each accepted worker."""
        return {address: one.machine for address, one in self._workers.items()}

    def has_free(self, address: str) -> bool:
        """Return whether a worker is accepted and has an idle thread."""
        return address in self._workers and self._workers[address].n_free > 0

    def occupy(self, address: str) -> None:
        """Note that a thread of a worker is busy."""
        self._workers[address].n_free -= 1

    def release(self, address: str, n: int = 1) -> None:
        """Note that threads of a worker are idle again, if it is still used."""
        if address in self._workers:
            self._workers[address].n_free += n

    def newcomers(self, found: Mapping[str, int]) -> list[str]:
        """Return the addresses of workers on which nothing is decided yet."""
        return sorted(found.keys() - self._workers.keys() - self._refused)

    def accept(
        self, connection: Connection, address: str, n_threads: int, campaign: CampaignTerms
    ) -> bool:
        """Return whether a worker may execute tasks; if not, report the reason."""
        try:
            found = connection.call(agents.refusal, address, campaign.setup, campaign.versions)
            machine = Machine("", "")
            if found is None:
                machine = Machine(*connection.call(agents.machine, address))
            shares = found is None and connection.call(
                agents.sees_folder, address, campaign.setup, campaign.token
            )
        except TimeoutError:
            found = "it does not answer"
            shares = False
        except (OSError, KeyError):  # it went away; the next look shows more
            return False
        except Exception as error:  # noqa: BLE001 - whatever another version of bench lacks
            found = f"it cannot execute this version of bench: {in_one_line(error)}"
            shares = False
        if found is None and not shares and self._files is Files.SHARED:
            found = f"it does not see {self._exchange}; see --files"
        if found is not None:
            self._refused.add(address)
            self._tell(f"Warning: worker {address} is not used: {found}")
            return False
        if self._files is Files.SEND or not shares:
            self.sender.add(address)
            if self._files is None and len(self.sender) == 1:
                self._tell(
                    f"Workers such as {address} do not see {self._exchange}: files are sent to "
                    "them, and results come back over the network"
                )
        self._workers[address] = PoolWorker(machine, n_threads)
        return True

    def discard(self, address: str) -> None:
        """Forget a worker that has ended."""
        self._workers.pop(address, None)
        self.sender.discard(address)

    def give_up(self, address: str) -> None:
        """Send nothing more to a worker."""
        self._workers.pop(address, None)
        self._refused.add(address)

    def succeeded(self, address: str) -> None:
        """Note that a worker's machine has executed an order."""
        if address in self._workers:
            self._workers[address].n_faults = 0

    def failed(self, address: str) -> bool:
        """Note that a worker's machine has failed; return whether it is not to be used any more."""
        if address not in self._workers:
            return False
        self._workers[address].n_faults += 1
        return self._workers[address].n_faults >= MOST_FAULTS


def in_one_line(error: BaseException) -> str:
    """Return an error of a worker in one line."""
    return " ".join(f"{type(error).__name__}: {error}".split())[:300]
