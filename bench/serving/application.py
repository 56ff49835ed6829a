"""The ASGI application: its paths and methods, with every answer as one JSON object."""

from __future__ import annotations

import asyncio
import hmac
import json
import sys
import time
import traceback
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.app.solve import SolveRequest, SolveTimeoutError
from bench.errors import BenchError, InstanceError, UsageError
from bench.serving.body import BodyLimits, invocation_requests, parse, solve_request
from bench.serving.problem_text import TooLargeError
from bench.serving.service import BusyError, ClientGoneError, SolveService, StoppingError

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

RETRY_AFTER_S = 1
STATUSES: tuple[tuple[type[BenchError], int], ...] = (
    (BusyError, 503),
    (StoppingError, 503),
    (SolveTimeoutError, 504),
    (TooLargeError, 413),
    (InstanceError, 422),
    (UsageError, 400),
)
"""The status of each error, the first that matches; any other error is 500."""
GET, POST = ("GET", "HEAD"), ("POST",)


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, additional headers, and the object for the body."""

    status: int
    content: Mapping[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict)


class Application:
    """Answers HTTP requests; raises nothing to the server, and shows no traceback to clients."""

    def __init__(
        self,
        service: SolveService,
        version: Mapping[str, Any],
        limits: BodyLimits,
        token: str | None = None,
    ) -> None:
        """Take the solve service, the content of ``/version``, the limits, and a bearer token."""
        self._service = service
        self._version = version
        self._limits = limits
        self._token = token
        self._routes = {
            "/ping": (GET, self._ping),
            "/health": (GET, self._ping),
            "/version": (GET, self._tell_version),
            "/solve": (POST, self._solve),
            "/invocations": (POST, self._invoke),
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request (ASGI 3)."""
        if scope["type"] != "http":
            return
        try:
            answer = await self._answer(scope, receive)
        except ClientGoneError:
            return
        except BenchError as error:
            answer = _refusal(error)
        except Exception:  # noqa: BLE001  whatever it is, the server goes on
            traceback.print_exc(file=sys.stderr)
            answer = Answer(500, {"error": "internal server error; see the log of the server"})
        await _send(send, answer, with_body=scope["method"] != "HEAD")

    async def _answer(self, scope: Scope, receive: Receive) -> Answer:
        path, method = scope["path"], scope["method"]
        if path not in self._routes:
            known = ", ".join(self._routes)
            return Answer(404, {"error": f"unknown path {path[:100]!r}; known: {known}"})
        methods, endpoint = self._routes[path]
        if method not in methods:
            allowed = ", ".join(methods)
            return Answer(405, {"error": f"{path} accepts {allowed}"}, {"allow": allowed})
        if endpoint != self._ping and not self._may(scope):
            return Answer(
                401,
                {"error": "a bearer token is needed: Authorization: Bearer TOKEN"},
                {"www-authenticate": "Bearer"},
            )
        return await endpoint(scope, receive)

    def _may(self, scope: Scope) -> bool:
        if self._token is None:
            return True
        given = dict(scope["headers"]).get(b"authorization", b"")
        return hmac.compare_digest(given, f"Bearer {self._token}".encode())

    async def _ping(self, scope: Scope, receive: Receive) -> Answer:
        del scope, receive
        return Answer(200, {"status": "ok"})

    async def _tell_version(self, scope: Scope, receive: Receive) -> Answer:
        del scope, receive
        return Answer(200, self._version)

    async def _solve(self, scope: Scope, receive: Receive) -> Answer:
        def read(body: bytes, folder: Path) -> list[SolveRequest]:
            return [solve_request(parse(body), self._limits, folder)]

        (answer,) = await self._solved(scope, receive, read)
        return Answer(200, answer)

    async def _invoke(self, scope: Scope, receive: Receive) -> Answer:
        kind = dict(scope["headers"]).get(b"content-type", b"application/json")
        if kind.partition(b";")[0].strip().lower() != b"application/json":
            return Answer(415, {"error": "send application/json"})

        def read(body: bytes, folder: Path) -> list[SolveRequest]:
            return invocation_requests(parse(body), self._limits, folder)

        return Answer(200, {"predictions": await self._solved(scope, receive, read)})

    async def _solved(
        self, scope: Scope, receive: Receive, read: Callable[[bytes, Path], list[SolveRequest]]
    ) -> list[dict[str, Any]]:
        """Read the body, solve the request, and return the answers."""
        began = time.monotonic()
        try:
            async with asyncio.timeout(self._limits.timeout):
                body = await _body(scope, receive, self._limits.max_mib)
        except TimeoutError:
            raise SolveTimeoutError("the request did not arrive in time") from None
        with TemporaryDirectory(
            prefix="bench-request-", dir=self._service.config.folder, ignore_cleanup_errors=True
        ) as folder:
            requests = await asyncio.to_thread(read, body, Path(folder))
            del body
            return await self._service.solve(requests, began, lambda: _until_gone(receive))


def _refusal(error: BenchError) -> Answer:
    status = next((status for kind, status in STATUSES if isinstance(error, kind)), 500)
    headers = {"retry-after": str(RETRY_AFTER_S)} if status == 503 else {}
    return Answer(status, {"error": " ".join(str(error).split())}, headers)


async def _body(scope: Scope, receive: Receive, max_mib: float) -> bytes:
    """Return the whole body; TooLargeError as soon as it is known to be too large."""
    most = int(max_mib * 2**20)
    too_large = TooLargeError(f"the body is larger than {max_mib:g} MiB")
    said = dict(scope["headers"]).get(b"content-length", b"")
    if said.isdigit() and int(said[:20]) > most:
        raise too_large
    parts, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGoneError("the client disconnected")
        part = message.get("body", b"")
        size += len(part)
        if size > most:
            raise too_large
        parts.append(part)
        if not message.get("more_body"):
            return b"".join(parts)


async def _until_gone(receive: Receive) -> None:
    """Return once the client has disconnected."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def _send(send: Send, answer: Answer, *, with_body: bool) -> None:
    body = json.dumps(answer.content, allow_nan=False).encode() + b"\n"
    headers = {
        "content-type": "application/json",
        "content-length": str(len(body)),
        **answer.headers,
    }
    await send(
        {
            "type": "http.response.start",
            "status": answer.status,
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        }
    )
    await send({"type": "http.response.body", "body": body if with_body else b""})
