"""Settings to serve, and HTTP requests to an application in this process."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import bench
from bench.app.campaign.registered_settings import FoundSetting
from bench.app.solve import SolveConfig
from bench.execution.protocol import ANYWHERE
from bench.model.registered_setting import RegisteredSetting
from bench.model.setting import ParameterValue, Setting
from bench.serving.application import Application
from bench.serving.body import BodyLimits
from bench.serving.server import version_of
from bench.serving.service import SolveService
from bench.solvers import registry

TINY = "min\n x\nst\n a: x >= 3\nend\n"


def registered(solver: str = "scip", **params: ParameterValue) -> FoundSetting:
    """Return a setting as the registry would give it; ``__`` in names is ``/``."""
    setting = Setting(
        name="tuned",
        solver=solver,
        params={name.replace("__", "/"): value for name, value in params.items()},
    )
    return FoundSetting(
        registered=RegisteredSetting(
            setting=setting,
            solver_version=registry.load(solver).version(),
            bench_version=bench.__version__,
        ),
        model="m",
        version=3,
        aliases=("champion",),
    )


@dataclass(frozen=True, slots=True)
class Answered:
    """Status, headers and content of a response."""

    status: int
    headers: Mapping[str, str]
    content: Any


class Client:
    """Sends requests to an application, as a server would hand them on."""

    def __init__(self, application: Application, service: SolveService) -> None:
        """Take the application and who solves for it."""
        self.service = service
        self._application = application

    async def ask(
        self,
        path: str,
        content: Any = None,
        *,
        method: str | None = None,
        headers: Mapping[str, str] | None = None,
        leave: asyncio.Event | None = None,
    ) -> Answered | None:
        """Return the response; None where the client leaves (once the event is set) before."""
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        sent: list[Any] = []
        parts = iter([{"type": "http.request", "body": body, "more_body": False}])

        async def receive() -> Any:
            part = next(parts, None)
            if part is not None:
                return part
            await (leave or asyncio.Event()).wait()
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            sent.append(message)

        scope = {
            "type": "http",
            "path": path,
            "method": method or ("GET" if content is None else "POST"),
            "headers": [(k.lower().encode(), v.encode()) for k, v in (headers or {}).items()],
        }
        await self._application(scope, receive, send)
        if not sent:
            return None
        start, end = sent
        names = {k.decode(): v.decode() for k, v in start["headers"]}
        assert b"Traceback" not in end["body"]
        return Answered(start["status"], names, json.loads(end["body"], parse_constant=_refuse))


def _refuse(name: str) -> None:
    raise AssertionError(f"{name} is not JSON")


class Rejoined:
    """A client for tests that are no coroutines: each call has a loop of its own."""

    def __init__(self, client: Client) -> None:
        """Take the client."""
        self.client = client

    def __call__(self, path: str, content: Any = None, **more: Any) -> Answered:
        """Return the response."""
        found = asyncio.run(self.client.ask(path, content, **more))
        assert found is not None
        return found


Ask = Callable[..., Answered]


def client_of(
    found: FoundSetting,
    folder: Path,
    *,
    n_places: int = 1,
    timeout: float = 60.0,
    token: str | None = None,
    root: Path | None = None,
) -> Client:
    """Return a client of an application that serves a setting."""
    config = SolveConfig(setting=found.registered, timeout=timeout, folder=folder)
    service = SolveService(config, [ANYWHERE] * n_places)
    limits = BodyLimits(timeout=timeout, max_mib=1.0, root=root)
    return Client(Application(service, version_of(found), limits, token), service)


@pytest.fixture
def ask(fork_server: None, tmp_path: Path) -> Iterator[Ask]:
    """Return a function that asks a server of one SCIP setting, which reads from ``problems``."""
    del fork_server
    (tmp_path / "problems").mkdir()
    (tmp_path / "problems" / "tiny.lp").write_text(TINY)
    (tmp_path / "elsewhere.lp").write_text(TINY)
    (tmp_path / "problems" / "link.lp").symlink_to(tmp_path / "elsewhere.lp")
    found = registered(separating__maxrounds=0)
    client = client_of(found, tmp_path, root=tmp_path / "problems")
    yield Rejoined(client)
    client.service.close()


@asynccontextmanager
async def sleeping(folder: Path, seconds: float = 1000.0, **more: Any) -> AsyncIterator[Client]:
    """Give a client of a server whose solves do nothing for so long; stop it in the end."""
    client = client_of(registered("fake", behaviour="sleep", seconds=seconds), folder, **more)
    try:
        yield client
    finally:
        client.service.stop()
        client.service.close()
