"""The tutorial and the how-to pages can be followed as they stand, and show what will be seen."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from bench.cli.main import command
from bench.comparison.wording.narrative import ConclusionKind
from tests.slurm import imitated_slurm

ROOT = Path(__file__).parent.parent.parent
DOCS = ROOT / "docs"
HOW_TO = sorted(path.name for path in (DOCS / "how-to").glob("*.md"))
YAML_FILE = re.compile(r'^```yaml title="(.*?)"\n(.*?)^```', re.DOTALL | re.MULTILINE)
LEFT_OUT = "...\n"
README = (ROOT / "README.md").read_text()
SERVER = "bench ui"
"""A command of the README as well, whose test starts it."""
CONCLUSION = re.compile(rf"(#/#/# )({'|'.join(ConclusionKind)})")
"""How many a setting is better on, and what follows: of times, so that it may differ."""
TUTORIAL = (DOCS / "tutorial.md").read_text()

pytestmark = pytest.mark.xdist_group("pages")
Shell = Callable[[str, Path], Any]


def steps(text: str) -> Iterator[tuple[str, str]]:
    """Yield each command of a page with the output that is shown of it."""
    for block in re.findall(r"^```console\n(.*?)^```", text, re.DOTALL | re.MULTILINE):
        for step in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = step.partition("\n")
            yield command, output


def plain(text: str) -> str:
    """Return the text without what differs from one execution to the next.

    These are numbers, the width of columns, and what the numbers of a table lead to.
    """
    return CONCLUSION.sub(r"\1", " ".join(re.sub(r"\d[\d.e+-]*|-+", "#", text).split()))


def follow(text: str, folder: Path, shell: Shell) -> None:
    """Save the files of a page, execute its commands, and compare what is shown of their output."""
    for name, content in YAML_FILE.findall(text):
        (folder / name).write_text(content)
    for line, shown in steps(text):
        if line == SERVER:
            continue
        printed = plain(shell(f"{line} 2>&1" if shown else line, folder).out)
        for part in filter(None, map(plain, shown.split(LEFT_OUT))):
            before, found, printed = printed.partition(part)
            assert found, f"{line}: {part!r} is not in {before!r}"


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory, shell: Shell) -> Path:
    """Return the folder in which the tutorial was followed; the how-to pages go on there."""
    folder = tmp_path_factory.mktemp("pages")
    assert SERVER in README
    follow(TUTORIAL, folder, shell)
    return folder


@pytest.mark.slow
def test_every_command_of_the_tutorial_works_and_prints_what_is_shown(followed: Path) -> None:
    """In their order and in one folder; words are the same, numbers may differ."""
    assert "<title>cuts" in (followed / "report.html").read_text()


@pytest.mark.slow
@pytest.mark.parametrize("page", HOW_TO)
def test_every_command_of_a_how_to_page_works_and_prints_what_is_shown(
    page: str,
    followed: Path,
    shell: Shell,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    own_temp: dict[str, str],
) -> None:
    """With the models and the sweep of the tutorial; processes stand for the jobs of a queue."""
    if page == "cluster.md":
        for name, value in (imitated_slurm(tmp_path / "queue") | own_temp).items():
            monkeypatch.setenv(name, value)
    if page == "team-server.md":  # a store of its own stands for the server
        monkeypatch.setenv("MLFLOW_TRACKING_URI", "sqlite:///team.db")
    follow((DOCS / "how-to" / page).read_text(), followed, shell)


def test_the_tutorial_goes_from_a_model_to_a_report() -> None:
    """By way of each command that a newcomer needs."""
    used = [line.split()[1] for line, _ in steps(TUTORIAL) if line.startswith("bench ")]
    way = ("run", "plan", "sweep", "status", "show", "ui", "compare", "plot", "report")
    assert list(dict.fromkeys(used)) == list(way)


@pytest.mark.parametrize("page", sorted(DOCS.rglob("*.md")), ids=lambda page: page.name)
def test_every_link_of_a_page_leads_to_a_file(page: Path) -> None:
    """Of the repository."""
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text()):
        if not target.startswith(("https://", "http://")):
            assert (page.parent / target).exists(), target


def test_every_page_is_in_the_navigation_of_the_site() -> None:
    """And nothing else is."""
    lines = (ROOT / "mkdocs.yml").read_text().split("\nnav:\n")[1]
    named = re.findall(r": (\S+\.md)$", lines, re.MULTILINE)
    assert sorted(named) == sorted(str(page.relative_to(DOCS)) for page in DOCS.rglob("*.md"))
    assert yaml.safe_load(f"nav:\n{lines}")


def commands_in(text: str) -> Iterator[list[str]]:
    """Yield the words of each ``bench`` command in the blocks of a page, also of examples."""
    for block in re.findall(r"^```(?:sh|console)\n(.*?)^```", text, re.DOTALL | re.MULTILINE):
        code = re.sub(r"(?:^|\s)#.*", "", block)
        for found in re.findall(r"(?:^|[\s\"(])bench ([a-z][^\n|>;&]*)", code, re.MULTILINE):
            yield found.split()


@pytest.mark.parametrize(
    "page", [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))], ids=lambda page: page.name
)
def test_every_command_and_option_of_a_page_exists(page: Path) -> None:
    """Also in blocks that no test executes, such as a script for a cluster."""
    for words in commands_in(page.read_text()):
        context = click.Context(command)
        found: click.Command | None = command
        while words and isinstance(found, click.Group):
            found = found.get_command(context, words.pop(0).strip('"'))
        assert found is not None, words
        known = {name for one in found.params for name in (*one.opts, *one.secondary_opts)}
        assert {word.split("=")[0] for word in words if word.startswith("--")} <= {
            *known,
            *found.get_help_option_names(click.Context(found)),
        }, f"bench {found.name}"
