"""MLflow's server for ``bench ui``: every plain link opens in the view of model training.

MLflow shows experiments as those of language models until a browser chooses otherwise. The page
gets a script that makes this choice once; a choice of the user is kept.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
Receive = Callable[[], Awaitable[Message]]

_SCRIPT = b"""<script>
for (const [name, value] of [
  ["mlflow.workflowType_v1", '"machine_learning"'],
  ["mlflow.assistant.fab.autoOpenedOnFirstLoad_v1", "true"],
]) if (localStorage.getItem(name) === null) localStorage.setItem(name, value);
</script>"""
_HEAD = b"<head>"


class TrainingApp:
    """An ASGI application around MLflow's."""

    def __init__(self, inner: Callable[..., Awaitable[None]]) -> None:
        """Take the application whose pages are changed."""
        self._inner = inner

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer a request like the inner application, with our script in the page."""
        if scope["type"] != "http" or not scope.get("path", "").endswith("/"):
            await self._inner(scope, receive, send)
            return
        page = _Page(send)
        await self._inner(scope, receive, page.send)


class _Page:
    """Passes an answer on; a page only when it is complete, because its length changes."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._start: Message = {}
        self._body = b""

    async def send(self, message: Message) -> None:
        """Take a part of the answer."""
        if message["type"] == "http.response.start":
            self._start = message
            if not _is_page(message):
                await self._send(message)
            return
        if message["type"] != "http.response.body" or not _is_page(self._start):
            await self._send(message)
            return
        self._body += message.get("body", b"")
        if not message.get("more_body"):
            await self._finish()

    async def _finish(self) -> None:
        body = self._body.replace(_HEAD, _HEAD + _SCRIPT, 1)
        kept = [
            (name, value)
            for name, value in self._start["headers"]
            if name.lower() not in {b"content-length", b"etag", b"last-modified"}
        ]
        headers = [*kept, (b"content-length", str(len(body)).encode())]
        await self._send({**self._start, "headers": headers})
        await self._send({"type": "http.response.body", "body": body})


def _is_page(start: Message) -> bool:
    headers = {name.lower(): value for name, value in start.get("headers", ())}
    is_html = headers.get(b"content-type", b"").startswith(b"text/html")
    return start.get("status") == 200 and is_html and b"content-encoding" not in headers
