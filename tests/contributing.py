"""Packages as CONTRIBUTING describes them, made of the code in one of its sections."""

from __future__ import annotations

import re
import sys
import textwrap
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


def block(text: str, section: str, language: str) -> str:
    """Return the only code block of a language in a section."""
    body = text.partition(f"## {section}\n")[2].partition("\n## ")[0]
    (found,) = re.findall(rf"^ *```{language}\n(.*?)^ *```$", body, re.DOTALL | re.MULTILINE)
    return textwrap.dedent(found)


@contextmanager
def installed(guide: Path, section: str, site: Path) -> Iterator[None]:
    """Install the package of a section into a folder, where Python looks for packages meanwhile.

    The two files beside the module are what an installer makes of a pyproject.toml.
    """
    text = guide.read_text()
    project = tomllib.loads(block(text, section, "toml"))["project"]
    info = site / f"{project['name']}-{project['version']}.dist-info"
    info.mkdir(parents=True)
    (site / f"{project['name']}.py").write_text(block(text, section, "python"))
    (info / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
    )
    points = [
        f"[{group}]\n" + "".join(f"{name} = {value}\n" for name, value in entries.items())
        for group, entries in project["entry-points"].items()
    ]
    (info / "entry_points.txt").write_text("\n".join(points))
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(site)
        yield
    sys.modules.pop(project["name"], None)
