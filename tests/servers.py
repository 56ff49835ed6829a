"""Real servers on the loopback: PostgreSQL, and one that answers whatever it is told to."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import chain, repeat
from pathlib import Path

import psycopg

PASSWORD = "p@ss/wörd"  # noqa: S105 - it needs quoting in a URI, and lives as long as a test
QUOTED = "p%40ss%2Fw%C3%B6rd"


def free_port() -> int:
    """Return a port that nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def postgres_programs() -> Path | None:
    """Return the folder of PostgreSQL's server programs, None where there are none."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    found = shutil.which("initdb")
    return folders[-1] if folders else Path(found).resolve().parent if found else None


@dataclass
class Postgres:
    """A cluster of its own in a folder, with passwords; root executes it as ``postgres``.

    One that is not ``durable`` does without disk syncs.
    """

    folder: Path
    programs: Path
    durable: bool = False
    port: int = field(default_factory=free_port)

    def create(self) -> None:
        """Make the cluster; its superuser is ``bench``."""
        self.folder.chmod(0o755)
        own = self.folder / "own"
        own.mkdir()
        (self.folder / "password").write_text(PASSWORD)
        if os.geteuid() == 0:
            shutil.chown(own, "postgres", "postgres")
        self._execute(
            *("initdb", "--pgdata", own / "data", "--username", "bench", "--encoding", "UTF8"),
            *("--pwfile", self.folder / "password", "--auth", "scram-sha-256"),
            *("--no-locale", "--no-sync"),
        )

    def start(self) -> None:
        """Start it and wait until it answers."""
        own = self.folder / "own"
        options = f"-h 127.0.0.1 -p {self.port} -k {own} -c fsync={'on' if self.durable else 'off'}"
        self._execute("pg_ctl", "-D", own / "data", "-l", own / "log", "-w", "-o", options, "start")

    def stop(self, mode: str = "immediate") -> None:
        """End it; ``immediate`` is like a crash."""
        self._execute("pg_ctl", "-D", self.folder / "own" / "data", "-w", "-m", mode, "stop")

    def create_database(self, name: str, template: str = "template1") -> str:
        """Create a new database, empty or like another, and return its URI."""
        with psycopg.connect(self.uri("postgres"), autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'.encode())
        return self.uri(name)

    def uri(self, database: str) -> str:
        """Return the URI of a database, with user and password."""
        return f"postgresql://bench:{QUOTED}@127.0.0.1:{self.port}/{database}"

    def environment(self, database: str) -> dict[str, str]:
        """Return what PostgreSQL's own programs need to find a database."""
        return {
            "PGHOST": "127.0.0.1",
            "PGPORT": str(self.port),
            "PGUSER": "bench",
            "PGPASSWORD": PASSWORD,
            "PGDATABASE": database,
        }

    def _execute(self, program: str, *arguments: str | Path) -> None:
        as_postgres = ("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--")
        subprocess.run(
            [
                *(as_postgres if os.geteuid() == 0 else ()),
                *map(str, (self.programs / program, *arguments)),
            ],
            cwd="/",
            check=True,
            stdout=subprocess.DEVNULL,
        )


@contextmanager
def answering(*parts: bytes, pause_s: float = 0.0, endless: bool = False) -> Iterator[str]:
    """Give the address of a server that answers all requests with these bytes, bit by bit.

    An ``endless`` one repeats the last of them as long as anybody listens.
    """
    over = threading.Event()

    def answer(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.recv(1 << 16)
            for part in chain(parts, repeat(parts[-1]) if endless else ()):
                connection.sendall(part)
                if over.wait(pause_s):
                    return

    def serve() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=answer, args=[server.accept()[0]], daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        over.set()
