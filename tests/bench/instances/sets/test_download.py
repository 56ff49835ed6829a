"""Benchmark sets downloaded from a server on this machine, which behaves as bad ones do."""

from __future__ import annotations

import gzip
import hashlib
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import yaml

from bench.app.fetch_set import FetchOptions, FetchReport, fetch_set
from bench.errors import UsageError
from bench.instances.sets import download
from bench.instances.sets.download import SUMS, ServerError

A = gzip.compress(b"NAME a\n" + bytes(range(256)) * 2000, mtime=0)
B = gzip.compress(b"NAME b\nENDATA\n", mtime=0)


@dataclass
class Site:
    """What a server has, how it behaves, and which ranges it was asked for.

    It breaks off once after so many bytes of a file where ``breaks`` says so.
    """

    address: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    breaks: dict[str, int] = field(default_factory=dict)
    ranges: bool = True
    encoding: str = ""
    asked: list[tuple[str, str]] = field(default_factory=list)

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        """Answer one request."""
        name = handler.path.removeprefix("/")
        wanted = handler.headers.get("Range", "")
        self.asked.append((name, wanted))
        if name not in self.files:
            handler.send_error(404)
            return
        content = self.files[name]
        tag = f'"{hashlib.sha256(content).hexdigest()[:8]}"'
        is_same = handler.headers.get("If-Range") in {None, tag}
        start = 0
        if wanted and self.ranges and is_same:
            start = int(wanted.removeprefix("bytes=").removesuffix("-"))
            if start >= len(content):
                handler.send_error(416)
                return
            handler.send_response(206)
            handler.send_header("Content-Range", f"bytes {start}-{len(content)}/{len(content)}")
        else:
            handler.send_response(200)
        if self.encoding:
            handler.send_header("Content-Encoding", self.encoding)
        handler.send_header("ETag", tag)
        handler.send_header("Content-Length", str(len(content) - start))
        handler.end_headers()
        end = self.breaks.pop(name, len(content))
        handler.wfile.write(content[start:end])


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """Serve two files; nobody waits before a repetition."""
    monkeypatch.setattr(download, "PAUSES_S", (0.0, 0.0))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    served = Site(files={"a.mps.gz": A, "b.mps.gz": B})

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            served.answer(self)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
            del format, args

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        served.address = f"http://127.0.0.1:{server.server_address[1]}"
        yield served
        server.shutdown()
        thread.join()


Fetch = Callable[..., FetchReport]


@pytest.fixture
def fetched(site: Site, tmp_path: Path) -> Fetch:
    """Return what fetches the set of the server's files into the folder ``two``."""

    def call(*, sha256: dict[str, str] | None = None, only: tuple[str, ...] = ()) -> FetchReport:
        tree = {
            "name": "two",
            "title": "Two",
            "home": site.address,
            "licence": "none",
            "citation": "none",
            "checked": "here",
            "address": site.address + "/{name}.mps.gz",
            "instances": ["a", "b"],
            "sha256": sha256 or {},
        }
        path = tmp_path / "two.yaml"
        path.write_text(yaml.safe_dump(tree))
        return fetch_set(FetchOptions(name=str(path), output_dir=tmp_path / "two", only=only))

    return call


def test_all_files_are_there_as_the_server_has_them(fetched: Fetch, tmp_path: Path) -> None:
    """With their digests, as sha256sum writes them, and the manifest; nothing else."""
    report = fetched()
    assert (report.n_new, report.problems) == (2, ())
    assert {path.name for path in (tmp_path / "two").iterdir()} == {
        *("a.mps.gz", "b.mps.gz", SUMS, "manifest.yaml")
    }
    assert (tmp_path / "two" / "a.mps.gz").read_bytes() == A
    lines = (tmp_path / "two" / SUMS).read_text().splitlines()
    assert lines[0] == f"{hashlib.sha256(A).hexdigest()}  a.mps.gz"


def test_what_is_there_is_not_downloaded_again(fetched: Fetch, site: Site) -> None:
    """The server hears nothing."""
    fetched()
    site.asked.clear()
    report = fetched()
    assert (report.n_new, len(report.files), site.asked) == (0, 2, [])


@pytest.mark.parametrize("ranges", [True, False])
def test_a_download_that_breaks_off_goes_on(
    fetched: Fetch, site: Site, tmp_path: Path, *, ranges: bool
) -> None:
    """Within the file where the server can do that, else from its beginning."""
    site.ranges = ranges
    site.breaks["a.mps.gz"] = 1000
    report = fetched()
    assert report.problems == ()
    assert (tmp_path / "two" / "a.mps.gz").read_bytes() == A
    assert site.asked[:2] == [("a.mps.gz", ""), ("a.mps.gz", "bytes=1000-")]


def test_the_next_command_goes_on_within_a_file(
    fetched: Fetch, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the server breaks off more often than is waited for."""
    monkeypatch.setattr(download, "PAUSES_S", ())
    site.breaks["a.mps.gz"] = 1000
    with pytest.raises(ServerError, match="the connection broke off"):
        fetched()
    site.asked.clear()
    assert fetched().problems == ()
    assert site.asked[0] == ("a.mps.gz", "bytes=1000-")
    assert (tmp_path / "two" / "a.mps.gz").read_bytes() == A


def test_a_file_that_was_replaced_meanwhile_begins_anew(
    fetched: Fetch, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Halves of two files are never put together."""
    monkeypatch.setattr(download, "PAUSES_S", ())
    site.breaks["a.mps.gz"] = 1000
    with pytest.raises(ServerError):
        fetched()
    site.files["a.mps.gz"] = B
    assert fetched().problems == ()
    assert (tmp_path / "two" / "a.mps.gz").read_bytes() == B


def test_a_part_that_is_complete_begins_anew(fetched: Fetch, site: Site, tmp_path: Path) -> None:
    """It was killed before the file was in its place: there is no rest to ask for."""
    part = tmp_path / "two" / download.PARTIAL / "a.mps.gz"
    part.parent.mkdir(parents=True)
    part.write_bytes(A)
    part.with_name("a.mps.gz.tag").write_text(f'"{hashlib.sha256(A).hexdigest()[:8]}"')
    assert fetched().problems == ()
    assert (tmp_path / "two" / "a.mps.gz").read_bytes() == A
    assert site.asked[:2] == [("a.mps.gz", f"bytes={len(A)}-"), ("a.mps.gz", "")]


def test_a_compressed_file_stays_so(fetched: Fetch, site: Site, tmp_path: Path) -> None:
    """Servers call the content of a .gz file an encoding, which libraries then undo."""
    site.encoding = "gzip"
    assert fetched().problems == ()
    assert (tmp_path / "two" / "a.mps.gz").read_bytes() == A


def test_a_missing_file_keeps_no_other_away(fetched: Fetch, site: Site, tmp_path: Path) -> None:
    """It is a problem of the report, with its address."""
    del site.files["a.mps.gz"]
    report = fetched()
    assert report.problems == (f"{site.address}/a.mps.gz: the server says 404 Not Found",)
    assert [file.path.name for file in report.files] == ["b.mps.gz"]
    assert not (tmp_path / "two" / "a.mps.gz").exists()


def test_a_file_is_held_to_the_digest_of_the_manifest(
    fetched: Fetch, site: Site, tmp_path: Path
) -> None:
    """Another one is not kept."""
    del site.files["b.mps.gz"]
    report = fetched(sha256={"a.mps.gz": "0" * 64})
    assert "a.mps.gz: its SHA-256 is not 0000" in report.problems[0]
    assert "which the manifest says" in report.problems[0]
    assert not (tmp_path / "two" / "a.mps.gz").exists()
    assert fetched(sha256={"a.mps.gz": hashlib.sha256(A).hexdigest()}).n_new == 1


def test_a_file_is_held_to_the_digest_of_its_first_download(
    fetched: Fetch, site: Site, tmp_path: Path
) -> None:
    """One that was damaged is downloaded again, and has to be the same as then."""
    fetched()
    (tmp_path / "two" / "a.mps.gz").write_bytes(b"damaged")
    assert fetched().n_new == 1
    assert (tmp_path / "two" / "a.mps.gz").read_bytes() == A
    (tmp_path / "two" / "a.mps.gz").unlink()
    site.files["a.mps.gz"] = B
    assert "which its first download had (see SHA256SUMS)" in fetched().problems[0]
    assert not (tmp_path / "two" / "a.mps.gz").exists()


def test_some_instances_can_be_chosen(fetched: Fetch, site: Site) -> None:
    """By patterns; one that fits nothing is an error."""
    assert [file.path.name for file in fetched(only=("b*",)).files] == ["b.mps.gz"]
    with pytest.raises(UsageError, match="two: no instance matches c"):
        fetched(only=("c",))
    assert {name for name, _ in site.asked} == {"b.mps.gz"}


def test_a_server_that_is_not_there_is_one_line(fetched: Fetch, site: Site, tmp_path: Path) -> None:
    """And no other file is asked for."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    site.address = f"http://127.0.0.1:{port}"
    with pytest.raises(ServerError, match=r"a.mps.gz: connection refused"):
        fetched()
    assert not (tmp_path / "two" / "a.mps.gz").exists()
