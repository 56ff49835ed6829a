"""Find instances: files, folders, globs and ``.test`` lists become instances with a digest."""

from __future__ import annotations

import errno
import glob
import gzip
import hashlib
import shlex
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from bench.instances import lists
from bench.instances.labels import with_labels
from bench.model.instances.instance import Instance
from bench.model.printable import encodable, is_encodable

FORMATS = ("mps", "lp", "cip", "fzn", "osil", "pip", "nl", "wbo", "opb", "rlp", "gms", "zpl")
"""File formats that an installed solver may read; each may be compressed by gzip (``.gz``)."""

CHUNK = 1 << 20
_LONGEST_SHOWN = 60


def find(arguments: Iterable[str]) -> list[Instance]:
    """Return the instances that the arguments name, in order, each path once.

    An argument is a file, a folder (all problem files in it, sorted), a glob (``**`` enters
    folders), or a ``.test`` list. One text may contain several, separated by blanks, unless it is a
    path itself. An unusable file becomes an instance with its ``defect``; no exception is raised.
    Instances of the same name with different contents get distinct labels.
    """
    found: dict[Path, Instance] = {}
    for argument in arguments:
        for part in _split(argument):
            for instance in _expand(part):
                found.setdefault(instance.path.absolute(), instance)
    return with_labels(found.values())


def instance_name(path: Path) -> str:
    """Return the file name without its format, as ``.solu`` files use it.

    E.g. ``p0201.mps.gz`` -> ``p0201``, ``gap4_2.txt.lp`` -> ``gap4_2.txt``.
    """
    name = path.name
    if name.lower().endswith(".gz"):
        name = name[:-3]
    stem, dot, suffix = name.rpartition(".")
    return stem if dot and suffix.lower() in FORMATS else name


def file_format(path: Path) -> str | None:
    """Return the format in the file's name, or None if it is unknown."""
    name = path.name.lower().removesuffix(".gz")
    suffix = name.rpartition(".")[2]
    return suffix if "." in name and suffix in FORMATS else None


def content(path: Path) -> Iterator[bytes]:
    """Yield the uncompressed bytes of a file, regardless of the compression in its name."""
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    with gzip.open(path, "rb") if packed else path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            yield chunk


def load(path: Path) -> Instance:
    """Return the instance of one file: its digest, or the defect that makes it unusable."""
    name = instance_name(path)
    defect = _unusable(path)
    if not is_encodable(str(path)):
        path = Path(encodable(str(path)))
        name = instance_name(path)
    if defect is None:
        try:
            digest = hashlib.sha256()
            size = 0
            for chunk in content(path):
                digest.update(chunk)
                size += len(chunk)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            defect = f"damaged gzip file: {error}; fetch or copy the file again"
        except OSError as error:
            defect = f"cannot be read: {error.strerror or error}"
        else:
            if size:
                return Instance(name=name, path=path, digest=digest.hexdigest())
            defect = "empty file (0 bytes); fetch or copy the file again"
    return Instance(name=name, path=path, defect=f"{path}: {defect}")


def _unusable(path: Path) -> str | None:
    if defect := _no_name(path):
        return defect
    if not path.exists():
        return "no such file"
    if not path.is_file():
        return "not a regular file"
    if file_format(path) is None:
        known = " ".join(f".{name}" for name in FORMATS)
        return f"unknown extension; known are {known}, each also with .gz"
    return None


def _split(argument: str) -> list[str]:
    if " " not in argument or glob.glob(argument) or glob.glob(glob.escape(argument)):
        return [argument]
    try:
        return shlex.split(argument)
    except ValueError:
        return [argument]


def _expand(argument: str, within: tuple[Path, ...] = ()) -> Iterator[Instance]:
    """Yield the instances of an argument, or of an entry of nested lists ``within``."""
    path = _path(argument)
    if defect := _no_name(path):
        text = encodable(_shortened(argument))
        yield _nothing(text, Path(text), defect)
    elif path.is_dir():
        yield from _in_folder(path)
    elif path.suffix.lower() == lists.SUFFIX:
        yield from _in_list(path, within)
    elif glob.has_magic(argument) and not path.exists():
        matches = sorted(glob.glob(str(path), recursive=True))
        if not matches:
            yield _nothing(argument, path, "no file matches this pattern; quote it and check it")
        for match in matches:
            yield from _expand(match, within)
    else:
        yield load(path)


def _path(argument: str) -> Path:
    path = Path(argument)
    try:
        return path.expanduser()
    except RuntimeError:  # ~nobody
        return path


def _no_name(path: Path) -> str | None:
    """Return why no file can have this name, or no solver can open it; None if one can."""
    if not is_encodable(str(path)):
        return "its name is not in UTF-8, so that no solver can open it; rename the file"
    try:
        path.lstat()
    except ValueError:
        return "no file name: it has a zero byte"
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            return "no file name: it is too long; is this a list of paths, one a line?"
    return None


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}..."


def _in_folder(path: Path) -> Iterator[Instance]:
    files = sorted(file for file in path.iterdir() if file.is_file() and file_format(file))
    if not files:
        yield _nothing(str(path), path, "no problem file in this folder")
    yield from map(load, files)


def _in_list(path: Path, within: tuple[Path, ...]) -> Iterator[Instance]:
    """Yield the instances of a ``.test`` list: a path per line, relative to the list's folder."""
    here = path.resolve()
    if here in within:
        yield _nothing(path.name, path, "this list names itself; remove that line")
        return
    if path.exists() and not path.is_file():
        yield _nothing(path.name, path, "not a regular file")
        return
    try:
        entries = lists.parse(path.read_text(encoding="utf-8"))
    except OSError as error:
        yield _nothing(path.name, path, f"cannot be read: {error.strerror}")
        return
    except UnicodeDecodeError:
        yield _nothing(path.name, path, "not a text file; a .test list holds one path a line")
        return
    if not entries:
        yield _nothing(path.name, path, "this list names no file")
    for entry in entries:
        yield from _expand(str(path.parent / _path(entry)), (*within, here))


def _nothing(name: str, path: Path, defect: str) -> Instance:
    return Instance(name=name, path=path, defect=f"{path}: {defect}")
