"""MLflow's page with our script; everything else as it is."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bench.tracking.ui.training_page import Message, Receive, Send, TrainingApp

PARTS = [b"<html><head><title>MLflow</ti", b"tle></head></html>"]


def answered(path: str, kind: bytes, status: int = 200) -> list[Message]:
    """Return what the wrapper sends where MLflow answers with a page in two parts."""

    async def inner(scope: Message, receive: Receive, send: Send) -> None:
        del scope, receive
        headers = [(b"content-type", kind), (b"content-length", b"47"), (b"etag", b"x")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": PARTS[0], "more_body": True})
        await send({"type": "http.response.body", "body": PARTS[1]})

    sent: list[Message] = []

    async def receive() -> dict[str, Any]:
        return {}

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(TrainingApp(inner)({"type": "http", "path": path}, receive, send))
    return sent


def test_the_page_is_told_to_show_model_training() -> None:
    """Before its own scripts, as a whole, and of the right length."""
    start, body = answered("/", b"text/html; charset=utf-8")
    assert b'"mlflow.workflowType_v1"' in body["body"]
    assert body["body"].index(b"<script>") < body["body"].index(b"<title>")
    assert dict(start["headers"])[b"content-length"] == str(len(body["body"])).encode()
    assert b"etag" not in dict(start["headers"])


@pytest.mark.parametrize(
    ("path", "kind", "status"),
    [("/get-artifact", b"text/html", 200), ("/", b"text/css", 200), ("/", b"text/html", 404)],
)
def test_everything_else_is_as_mlflow_sends_it(path: str, kind: bytes, status: int) -> None:
    """Artifacts that are pages, other files, and errors."""
    assert [part.get("body") for part in answered(path, kind, status)] == [None, *PARTS]
