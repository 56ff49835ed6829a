"""Provenance: where, when and with which versions results were produced, as tags collected once.

Environment variables are never among them.
"""

from __future__ import annotations

import hashlib
import platform
import re
import subprocess
from contextlib import suppress
from pathlib import Path

import psutil

import bench
from bench import __version__

_GIT_TIMEOUT_S = 10.0
_CPU_INFO = Path("/proc/cpuinfo")
_MIB = 2**20


def collect(folder: Path | None = None) -> dict[str, str]:
    """Return tags about this program and machine, and the git checkout around ``folder``.

    The default folder is the current one. Unknown values are left out.
    """
    tags = {
        "bench.version": __version__,
        "bench.python": platform.python_version(),
        "bench.platform": platform.platform(),
        "bench.host": platform.node(),
        "bench.cpu": cpu_model(),
        "bench.cores_physical": psutil.cpu_count(logical=False),
        "bench.cores_logical": psutil.cpu_count(),
        "bench.memory_mib": psutil.virtual_memory().total // _MIB,
        **git_tags(folder or Path.cwd()),
    }
    return {name: str(value) for name, value in tags.items() if value}


def source_digest() -> str:
    """Return a digest of the source files of bench, which tells apart copies of one version."""
    root = Path(bench.__path__[0])
    found = hashlib.sha256()
    for path in sorted(root.rglob("*.py")):
        found.update(f"{path.relative_to(root).as_posix()} ".encode())
        found.update(hashlib.sha256(path.read_bytes()).digest())
    return found.hexdigest()[:12]


def machine() -> str:
    """Return host and processor of this machine, as in tables."""
    return f"{platform.node()}, {cpu_model()}"


def machine_class() -> str:
    """Return the class of this machine: processor and number of cores."""
    return machine_class_of(cpu_model(), psutil.cpu_count(logical=False) or psutil.cpu_count())


def machine_class_of(cpu: str | None, n_cores: int | str | None) -> str:
    """Return the class of a machine with this processor; empty if it is unknown."""
    if not cpu or not n_cores:
        return cpu or ""
    return f"{cpu}, {n_cores} core{'s' * (str(n_cores) != '1')}"


def git_tags(folder: Path) -> dict[str, str]:
    """Return commit and whether tracked files differ from it; empty outside a git checkout."""
    commit = _git(folder, "rev-parse", "--verify", "HEAD")
    if commit is None:
        return {}
    tags = {"mlflow.source.git.commit": commit}
    changes = _git(folder, "status", "--porcelain", "--untracked-files=no")
    if changes is not None:
        tags["bench.git_dirty"] = "true" if changes else "false"
    return tags


def cpu_model(cpu_info: Path = _CPU_INFO) -> str:
    """Return the name of the processor from the kernel, or from the platform module."""
    with suppress(OSError):
        match = re.search(r"^model name\s*:\s*(.+)$", cpu_info.read_text("utf-8"), re.MULTILINE)
        if match:
            return match[1].strip()
    return platform.processor() or platform.machine()


def _git(folder: Path, *arguments: str) -> str | None:
    with suppress(OSError, subprocess.SubprocessError):
        done = subprocess.run(
            ["git", "--no-optional-locks", "-C", str(folder), *arguments],
            capture_output=True,
            check=True,
            text=True,
            timeout=_GIT_TIMEOUT_S,
        )
        return done.stdout.strip()
    return None
