"""Import a module as a trial, in a separate process, because a library may end its process.

Executed as a program, this file imports the module and prints each import on the way: a line
``+name`` at its beginning and ``-`` at its end.
"""

from __future__ import annotations

import builtins
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterable
from typing import Any

LONGEST_S = 60.0
"""How long an import may take before it counts as one that hangs."""
OURS = frozenset({"bench", "importlib"})
"""Modules that import libraries, but are none themselves."""
DONE = "done"


def import_problem(module: str) -> str | None:
    """Return why a module cannot be imported, with the library at fault, None if it can.

    Also None if the machine has no process for the trial.
    """
    arguments = [sys.executable, __file__, module, *sys.path]
    try:
        done = subprocess.run(
            arguments,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=LONGEST_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        library = _library(_open_imports(_lines(error.stdout)), module)
        return f"importing {library} does not end within {LONGEST_S:g} s"
    except OSError:
        return None
    lines = _lines(done.stdout)
    last = lines[-1] if lines else ""
    if last == DONE:
        return None
    if last.startswith("{"):
        failed = json.loads(last)
        return f"importing {_library(failed['imports'], module)} fails: {failed['error']}"
    library = _library(_open_imports(lines), module)
    return f"importing {library} ends the process: {_end(done.returncode)}"


def _lines(output: bytes | None) -> list[str]:
    return (output or b"").decode(errors="replace").splitlines()


def _open_imports(lines: Iterable[str]) -> list[str]:
    """Return the imports that have begun and not ended, the outermost first."""
    imports: list[str] = []
    for line in lines:
        if line.startswith("+"):
            imports.append(line[1:])
        elif line == "-" and imports:
            imports.pop()
    return imports


def _library(imports: Iterable[str], module: str) -> str:
    """Return the outermost library among imports, else the module itself."""
    libraries = (name.partition(".")[0] for name in imports if name)
    return next((name for name in libraries if name not in OURS), module)


def _end(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"


def _try(module: str) -> None:
    """Import a module and print its imports on the way; never return."""
    output = os.dup(1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    really_import = builtins.__import__
    imports: list[str] = []
    failed: dict[int, list[str]] = {}

    def tell(line: str) -> None:
        os.write(output, f"{line}\n".encode(errors="replace"))

    def traced(name: str, *arguments: Any, **options: Any) -> Any:
        tell(f"+{name}")
        imports.append(name)
        try:
            return really_import(name, *arguments, **options)
        except BaseException as error:
            failed.setdefault(id(error), [*imports])
            raise
        finally:
            imports.pop()
            tell("-")

    builtins.__import__ = traced
    try:
        traced(module)
    except SystemExit as error:
        reason = f"it ends the process (exit code {error.code})"
        tell(json.dumps({"imports": failed[id(error)], "error": reason}))
    except BaseException as error:  # noqa: BLE001 - a library may raise anything
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        tell(json.dumps({"imports": failed[id(error)], "error": reason}))
    else:
        tell(DONE)
    os._exit(0)


if __name__ == "__main__":
    sys.path[:] = sys.argv[2:]
    _try(sys.argv[1])
