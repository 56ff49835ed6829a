"""The server: looks up a registered setting once, and serves it until it is stopped."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import uvicorn

import bench
from bench.app.campaign.execution_config import ExecutionConfig, execution_config
from bench.app.campaign.registered_settings import FoundSelector, FoundSetting, find_setting
from bench.app.options import StoreOptions
from bench.app.solve import SolveConfig, longest_time_limit, n_threads, preload
from bench.errors import BenchError, UsageError
from bench.execution.process.fork_servers import fork_server
from bench.model.limits import DEFAULT_MEMORY_MIB
from bench.serving.application import Application
from bench.serving.body import BodyLimits
from bench.serving.service import SolveService

LOOPBACK = "127.0.0.1"
PORT = 5001
TIMEOUT_S = 60.0
MAX_MIB = 32.0
BACKLOG = 128
SIGNALS = (signal.SIGINT, signal.SIGTERM)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeOptions(StoreOptions):
    """The served setting, the address, and the limits.

    - ``setting``: ``NAME@ALIAS`` or ``NAME/VERSION`` of a registered setting
    - ``host``, ``port``: address of the server; port 0 chooses a free port
    - ``jobs``: number of solves at a time; None is all cores but one
    - ``timeout``: seconds within which each request is answered
    - ``memory_limit``: MiB for each solve
    - ``max_size``: MiB of a request, and of the uncompressed problem in it
    - ``folder``: requests may name files below it
    - ``token_file``: file with the bearer token that each request must send
    """

    setting: str = field(kw_only=False)
    host: str = LOOPBACK
    port: int = PORT
    jobs: int | None = None
    oversubscribe: bool = False
    timeout: float = TIMEOUT_S
    memory_limit: float = DEFAULT_MEMORY_MIB
    max_size: float = MAX_MIB
    folder: str | Path | None = None
    token_file: str | Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """The state of a server: its address, the setting, and the number of solves at a time."""

    address: str
    found: FoundSetting
    n_jobs: int
    longest_time_limit: float
    with_token: bool
    is_loopback: bool


def serve(options: ServeOptions, ready: Callable[[Serving], None]) -> None:
    """Serve a registered setting until SIGINT or SIGTERM, from the main thread.

    ``ready`` is called once, when the address accepts connections. At the end, no solve is running.
    Raise UsageError for a wrong option, BenchError for a port in use.
    """
    found = find_setting(options.setting, options.given_uri(), _instead_of_serving)
    serve_setting(found, options, ready)


def _instead_of_serving(found: FoundSelector) -> str:
    return (
        f"mlflow models serve -m {found.uri} --env-manager local answers with a setting, and "
        f"bench run --setting-from {found.uri} solves with it"
    )


def serve_setting(
    found: FoundSetting, options: ServeOptions, ready: Callable[[Serving], None]
) -> None:
    """Serve a setting that was already looked up; otherwise like `serve`."""
    token = _token(options)
    root = _root(options)
    how = execution_config(
        options.jobs,
        threads=n_threads(found.registered.setting),
        oversubscribe=options.oversubscribe,
    )
    if not how.cpu_slots:
        raise UsageError("--jobs 0: a server cannot solve in its own process; use at least 1")
    with (
        _listening(options.host, options.port) as listener,
        TemporaryDirectory(prefix="bench-serve-", ignore_cleanup_errors=True) as folder,
    ):
        fork_server.prepare(preload(found.registered))
        service = SolveService(_solve_config(options, found, how, Path(folder)), how.cpu_slots)
        limits = BodyLimits(timeout=options.timeout, max_mib=options.max_size, root=root)
        application = Application(service, version_of(found), limits, token)
        serving = Serving(
            address=_address(listener),
            found=found,
            n_jobs=len(how.cpu_slots),
            longest_time_limit=longest_time_limit(options.timeout),
            with_token=token is not None,
            is_loopback=_is_loopback(listener),
        )
        try:
            asyncio.run(_serve(application, service, listener, lambda: ready(serving)))
        finally:
            service.stop()
            service.close()


def version_of(found: FoundSetting) -> dict[str, object]:
    """Return the content of ``/version``."""
    registered = found.registered
    return {
        "bench": bench.__version__,
        "model": found.model,
        "version": found.version,
        "aliases": list(found.aliases),
        "setting": registered.setting.name,
        "params": dict(registered.setting.params),
        "solver": registered.setting.solver,
        "solver_version": registered.solver_version,
    }


async def _serve(
    application: Application,
    service: SolveService,
    listener: socket.socket,
    ready: Callable[[], None],
) -> None:
    server = _Server(
        uvicorn.Config(
            application,
            log_level="warning",
            access_log=False,
            lifespan="off",
            ws="none",
            server_header=False,
        )
    )

    def stop() -> None:
        service.stop()
        server.force_exit = server.should_exit
        server.should_exit = True

    loop = asyncio.get_running_loop()
    for number in SIGNALS:
        loop.add_signal_handler(number, stop)
    ready()
    await server.serve([listener])


class _Server(uvicorn.Server):
    """uvicorn's server, without its signal handlers."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Install no signal handler."""
        yield


def _solve_config(
    options: ServeOptions, found: FoundSetting, how: ExecutionConfig, folder: Path
) -> SolveConfig:
    return SolveConfig(
        setting=found.registered,
        timeout=options.timeout,
        memory_limit=options.memory_limit,
        folder=folder,
        delegation=how.delegation,
    )


@contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    """Yield a listening socket; BenchError if the port is in use or the host is invalid."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except (OSError, UnicodeError) as error:
        raise UsageError(f"--host {host}: {error}") from error
    with socket.socket(family, kind, protocol) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(address)
        except OSError as error:
            raise BenchError(
                f"port {port} at {host}: {error.strerror}; choose another --port, 0 for a free one"
            ) from error
        listener.listen(BACKLOG)
        yield listener


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _is_loopback(listener: socket.socket) -> bool:
    host = str(listener.getsockname()[0])
    return host == "::1" or host.startswith("127.")


def _root(options: ServeOptions) -> Path | None:
    if options.folder is None:
        return None
    folder = Path(options.folder)
    if not folder.is_dir():
        raise UsageError(f"--folder {folder}: there is no such folder")
    return folder


def _token(options: ServeOptions) -> str | None:
    if options.token_file is None:
        return None
    try:
        token = Path(options.token_file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"--token-file {options.token_file}: cannot be read: {error}") from error
    if not token or not token.isascii() or len(token.split()) > 1:
        raise UsageError(
            f"--token-file {options.token_file}: the file must contain one word of ASCII characters"
        )
    return token
