"""The manifest of a benchmark set: its files, their addresses and digests, and its licence.

A manifest is a YAML file. Those that come with bench are next to this module; a user may give
another one by its path.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import yaml
from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass as checked

from bench.errors import UsageError

FOLDER = Path(__file__).parent
SUFFIXES = (".yaml", ".yml")
_NAME = re.compile(r"[^./\\][^/\\]*")
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file of a set: its name in the folder, and its address; ``sha256`` is None if unknown."""

    name: str
    address: str
    sha256: str | None = None


@checked(frozen=True, kw_only=True, config=ConfigDict(extra="forbid"))
class SetManifest:
    """A benchmark set.

    ``address`` is the address of each instance; ``{name}`` in it stands for the instance's name.
    ``others`` maps the names of additional files, e.g. of references, to their addresses.
    ``sha256`` maps names of files to their digests, if they are known. ``checked`` says how far the
    manifest was compared with the set itself.
    """

    name: str
    title: str
    home: str
    licence: str
    citation: str
    checked: str
    address: str
    suffix: str = ".mps.gz"
    instances: tuple[str, ...]
    others: Mapping[str, str] = field(default_factory=dict)
    sha256: Mapping[str, str] = field(default_factory=dict)

    @property
    def files(self) -> tuple[RemoteFile, ...]:
        """All files: the additional ones first, so that references precede the instances."""
        return tuple(
            RemoteFile(name, address, self.sha256.get(name)) for name, address in self._addresses()
        )

    def _addresses(self) -> Iterator[tuple[str, str]]:
        yield from self.others.items()
        for name in self.instances:
            yield f"{name}{self.suffix}", self.address.replace("{name}", quote(name))


def known() -> dict[str, Path]:
    """Return the manifests that come with bench, by the names of their sets."""
    return {path.stem: path for path in sorted(FOLDER.glob("*.yaml"))}


def read(word: str) -> SetManifest:
    """Return the manifest of a set, by its name or by the path of its file.

    Raise UsageError for an unknown name, and for any other file.
    """
    path = Path(word) if word.endswith(SUFFIXES) else known().get(word)
    if path is None:
        near = difflib.get_close_matches(word, known(), n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(known())}."
        raise UsageError(f"no benchmark set {word!r}; {hint} You can also give a manifest (.yaml).")
    try:
        tree = yaml.safe_load(path.read_bytes())
        manifest = TypeAdapter(SetManifest).validate_python(tree)
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error
    except yaml.YAMLError as error:
        raise UsageError(f"{path}: not YAML: {' '.join(str(error).split())}") from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"])) or "the file"
        raise UsageError(f"{path}: {place}: {first['msg']}") from error
    if problem := _problem(manifest):
        raise UsageError(f"{path}: {problem}")
    return manifest


def _problem(manifest: SetManifest) -> str:
    """Return what is wrong in a manifest, or nothing."""
    files = manifest.files
    names = [file.name for file in files]
    if not files:
        return "there are no files in it"
    if "{name}" not in manifest.address and manifest.instances:
        return "address: {name} is missing in it"
    for name in names:
        if not _NAME.fullmatch(name):
            return f"{name!r} is not a plain file name"
        if names.count(name) > 1:
            return f"{name} is listed twice"
    for file in files:
        if urlsplit(file.address).scheme not in {"http", "https"}:
            return f"{file.address}: expected an address of http or https"
    return _problem_of_digests(manifest.sha256, names)


def _problem_of_digests(digests: Mapping[str, Any], names: list[str]) -> str:
    for name, digest in digests.items():
        if name not in names:
            return f"sha256: there is no file {name!r}"
        if not _DIGEST.fullmatch(str(digest)):
            return f"sha256: {name}: expected 64 hexadecimal digits"
    return ""
