"""The file ``.env``: its variables, with paths relative to its folder."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.errors import UsageError

DOTENV = ".env"
URIS = frozenset({"BENCH_TRACKING_URI", "MLFLOW_TRACKING_URI", "MLFLOW_REGISTRY_URI"})
PATHS = frozenset(
    {
        *(
            "BENCH_BUNDLE",
            "BENCH_EXECUTABLE",
            "BENCH_FOLDER",
            "BENCH_KEY",
            "BENCH_OUTPUT",
            "BENCH_OUTPUT_DIR",
            "BENCH_PYTHON",
            "BENCH_QUEUE_OPTIONS",
            "BENCH_TOKEN_FILE",
            "BENCH_WORK_DIR",
        ),
        *("MLFLOW_TRACKING_CLIENT_CERT_PATH", "MLFLOW_TRACKING_SERVER_CERT_PATH"),
    }
)
SEPARATORS = {
    "BENCH_SOLU": re.escape(os.pathsep),
    "BENCH_SETTINGS": r"[\s,]+",
    "BENCH_SETTINGS_FILE": r"[\s,]+",
    "BENCH_START": ",",
}
"""The possible separators of several paths in a variable."""

NO_START = "none"
"""The value of ``BENCH_START`` for a solve without a start solution."""

LONGEST_LINE = 16_384
"""The largest line of ``.env`` in bytes, because the reading time grows quadratically."""
_MARKED = (f".{os.sep}", f"..{os.sep}")


@dataclass(frozen=True, slots=True)
class LoadedDotenv:
    """The ``.env`` that was found (None if there is none), and its variables."""

    path: Path | None
    values: Mapping[str, str]


def is_dotenv_near() -> bool:
    """Return whether there is a ``.env`` in the current folder or a parent folder."""
    here = Path.cwd()
    return any((folder / DOTENV).exists() for folder in (here, *here.parents))


def load_dotenv() -> LoadedDotenv:
    """Set the variables of the nearest ``.env``, here or in a parent folder, that are not set yet.

    Relative paths and SQLite databases in it are relative to its folder, so that they mean the same
    place in every subfolder. Raise UsageError if it is not a text file of variables.
    """
    if not is_dotenv_near():
        return LoadedDotenv(None, {})
    import dotenv  # noqa: PLC0415 - 0.01 s

    file = dotenv.find_dotenv(usecwd=True)
    before = dict(os.environ)
    try:
        if file:
            _refuse_overlong(Path(file))
        dotenv.load_dotenv(file)
    except (OSError, ValueError) as error:
        why = "not a text in UTF-8" if isinstance(error, UnicodeDecodeError) else str(error)
        raise UsageError(f"{file}: cannot be read: {why}; correct or remove the file") from error
    if not file:
        return LoadedDotenv(None, {})
    folder = Path(file).absolute().parent
    names = os.environ.keys() - before.keys()
    if folder != Path.cwd():
        for name in names:
            os.environ[name] = from_folder(name, os.environ[name], folder)
    return LoadedDotenv(Path(file).absolute(), {name: os.environ[name] for name in names})


def _refuse_overlong(path: Path) -> None:
    """Raise ValueError for a line so long that parsing it would take minutes."""
    with path.open("rb") as file:
        number = 0
        while line := file.readline(LONGEST_LINE + 1):
            number += 1
            if len(line) > LONGEST_LINE:
                raise ValueError(f"line {number} has more than {LONGEST_LINE} bytes")


def from_folder(name: str, value: str, folder: Path) -> str:
    """Return a variable's value with its relative paths resolved from the folder."""
    if name in URIS:
        from bench.store.uri import anchored  # noqa: PLC0415 - `is_dotenv_near` is asked first of all

        return anchored(value, folder)
    if name in SEPARATORS:
        parts = re.split(f"({SEPARATORS[name]})", value)
        return "".join(
            part if at % 2 else _from_folder(part, folder) for at, part in enumerate(parts)
        )
    if name in PATHS or value.startswith(_MARKED):
        return _from_folder(value, folder)
    return value


def _from_folder(path: str, folder: Path) -> str:
    if path in {"", NO_START}:
        return path
    is_relative = not path.startswith("~") and not Path(path).is_absolute()
    return os.path.normpath(folder / path) if is_relative else path
