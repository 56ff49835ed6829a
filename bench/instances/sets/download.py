"""Download of the files of a benchmark set into a folder: resumable, each checked by digest.

Digests are in ``SHA256SUMS`` of the folder, in the format of ``sha256sum --check``. If the manifest
has no digest of a file, that of the first download is used: a repeated download must be the same.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.errors import BenchError
from bench.instances.sets.manifest import RemoteFile

if TYPE_CHECKING:
    import requests

SUMS = "SHA256SUMS"
PARTIAL = ".partial"
"""The folder of incomplete files."""
TIMEOUT_S = 30.0
PAUSES_S = (1.0, 4.0)
"""The pauses before repetitions if a server aborts."""
_CHUNK = 1 << 16
_PARTIAL_CONTENT, _RANGE_NOT_SATISFIABLE = 206, 416

Progress = Callable[[int, int | None], None]
"""Receives the number of downloaded bytes of a file, and its size (None: unknown)."""


class FileError(BenchError):
    """One file is unavailable; others may be available."""


class ServerError(BenchError):
    """The server cannot be reached, or aborts repeatedly."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file of a set that is in the folder now; ``is_new``: it was downloaded."""

    path: Path
    sha256: str
    is_new: bool


def fetch(file: RemoteFile, folder: Path, progress: Progress = lambda _, __: None) -> Fetched:
    """Return a file of a set, downloaded unless it is in the folder already.

    An interrupted download continues where it stopped. Raise FileError if the server does not have
    the file, or has one with another digest; ServerError if it cannot be reached; BenchError if the
    folder cannot be written.
    """
    import pooch  # noqa: PLC0415 - takes 0.2 s
    import requests  # noqa: PLC0415 - takes 0.1 s

    sums = read_sums(folder)
    expected = file.sha256 or sums.get(file.name)
    path, is_new = folder / file.name, False

    def download(address: str, target: Any, _: object) -> None:
        nonlocal is_new
        is_new = True
        _resume(address, folder / PARTIAL / file.name, progress).replace(target)

    pooch.get_logger().setLevel("WARNING")
    keeper = pooch.create(
        path=folder,
        base_url="",
        registry={file.name: expected},
        urls={file.name: file.address},
    )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        keeper.fetch(file.name, downloader=download)
        digest = _digest(path)
        if sums.get(file.name) != digest:
            _write_sums(folder, sums | {file.name: digest})
    except requests.RequestException as error:
        raise ServerError(f"{file.address}: {_reason(error)}") from error
    except ValueError as error:
        raise FileError(
            f"{file.name}: its SHA-256 is not {expected}, which {_who(file)}; see {file.address}"
        ) from error
    except OSError as error:
        raise BenchError(f"{folder}: cannot be written: {error.strerror or error}") from error
    return Fetched(path, digest, is_new)


def read_sums(folder: Path) -> dict[str, str]:
    """Return the known digests of the files in a folder, by their names."""
    lines: Iterable[str] = ()
    with suppress(OSError):
        lines = (folder / SUMS).read_text(encoding="utf-8").splitlines()
    pairs = (line.split(maxsplit=1) for line in lines)
    return {name: digest for digest, name in (pair for pair in pairs if len(pair) == 2)}


def _write_sums(folder: Path, sums: dict[str, str]) -> None:
    text = "".join(f"{digest}  {name}\n" for name, digest in sorted(sums.items()))
    half = folder / PARTIAL / SUMS
    half.parent.mkdir(exist_ok=True)
    half.write_text(text, encoding="utf-8")
    half.replace(folder / SUMS)
    with suppress(OSError):
        half.parent.rmdir()


def _who(file: RemoteFile) -> str:
    return "the manifest says" if file.sha256 else f"its first download had (see {SUMS})"


def _resume(address: str, part: Path, progress: Progress) -> Path:
    """Download the rest of a file, with some repetitions, and return the whole file."""
    import requests  # noqa: PLC0415 - takes 0.1 s

    part.parent.mkdir(parents=True, exist_ok=True)
    for pause_s in (*PAUSES_S, None):
        try:
            _download_rest(address, part, progress)
        except (requests.ConnectionError, requests.Timeout):
            if pause_s is None:
                raise
            time.sleep(pause_s)
        else:
            break
    _tag_file(part).unlink(missing_ok=True)
    return part


def _download_rest(address: str, part: Path, progress: Progress) -> None:
    """Append the rest of a file; download all of it if it has changed on the server."""
    import requests  # noqa: PLC0415 - takes 0.1 s

    size = part.stat().st_size if part.is_file() else 0
    tag = _tag_file(part).read_text() if size and _tag_file(part).is_file() else ""
    headers = {"Accept-Encoding": "identity"}
    if tag:
        headers |= {"Range": f"bytes={size}-", "If-Range": tag}
    with requests.get(address, headers=headers, stream=True, timeout=TIMEOUT_S) as response:
        if response.status_code == _RANGE_NOT_SATISFIABLE and tag:
            part.unlink()
            return _download_rest(address, part, progress)
        if not response.ok:
            raise FileError(f"{address}: the server says {response.status_code} {response.reason}")
        is_rest = response.status_code == _PARTIAL_CONTENT
        _keep_tag(response, part)
        _append(response, part, size if is_rest else 0, progress)
    return None


def _append(response: requests.Response, part: Path, size: int, progress: Progress) -> None:
    """Write the bytes as received: compressed data stays compressed, regardless of the headers."""
    import requests  # noqa: PLC0415 - takes 0.1 s
    import urllib3  # noqa: PLC0415 - comes with requests

    length = response.headers.get("Content-Length")
    total = size + int(length) if length and length.isdecimal() else None
    with part.open("ab" if size else "wb") as file:
        try:
            for chunk in response.raw.stream(_CHUNK, decode_content=False):
                file.write(chunk)
                size += len(chunk)
                progress(size, total)
        except urllib3.exceptions.HTTPError as error:
            raise requests.ConnectionError(error) from error


def _keep_tag(response: requests.Response, part: Path) -> None:
    """Store the server's tag of this state of the file; weak tags are ignored."""
    tag = response.headers.get("ETag", "")
    if not tag or tag.startswith("W/"):
        tag = response.headers.get("Last-Modified", "")
    _tag_file(part).write_text(tag)


def _tag_file(part: Path) -> Path:
    return part.with_name(f"{part.name}.tag")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _reason(error: Exception) -> str:
    """Return why a server cannot be reached, in a few words."""
    import requests  # noqa: PLC0415 - takes 0.1 s

    if isinstance(error, requests.Timeout):
        return f"no answer within {TIMEOUT_S:g} s"
    if isinstance(error, requests.exceptions.SSLError):
        return "its certificate cannot be verified (set REQUESTS_CA_BUNDLE to one that can)"
    text = str(error)
    for sign, words in (
        ("refused", "connection refused"),
        ("resolve", "its name cannot be resolved; is there a network?"),
        ("unreachable", "the network is unreachable"),
    ):
        if sign in text:
            return words
    return "the connection broke off"
