"""The collection of all sentences that a user can meet."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator
from importlib import util
from pathlib import Path
from types import ModuleType

import click
import pytest

from bench.cli.main import command


@pytest.fixture(scope="module")
def writer(root: Path) -> Iterator[ModuleType]:
    """Yield docs/write_sentences.py."""
    spec = util.spec_from_file_location("write_sentences", root / "docs" / "write_sentences.py")
    assert spec is not None
    assert spec.loader is not None
    module = util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look there
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


@pytest.fixture(scope="module")
def found(writer: ModuleType) -> list[tuple[str, str, str]]:
    """Return kind, place and text of all sentences."""
    return [(one.kind, one.place, one.text) for one in writer.sentences()]


def _options(command: click.Command, path: str) -> Iterator[str]:
    for parameter in command.params:
        if isinstance(parameter, click.Option) and not parameter.hidden:
            yield f"{path} {max(parameter.opts, key=len)}"
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            assert child is not None
            yield from _options(child, f"{path} {name}")


def test_every_option_has_a_help_in_it(found: list[tuple[str, str, str]]) -> None:
    """Also those of commands below a command."""
    places = {place for kind, place, _ in found if kind == "option"}
    assert {one for one in _options(command, "bench") if not one.endswith("--version")} <= places


@pytest.mark.parametrize("name", ["UsageError", "BenchError", "TrackingError", "SolverError"])
def test_every_error_has_its_message_in_it(
    found: list[tuple[str, str, str]], root: Path, name: str
) -> None:
    """As many as the text of the code has raises, file by file."""
    collected = {place for kind, place, _ in found if kind == "message"}
    for file in (root / "bench").rglob("*.py"):
        lines = file.read_text(encoding="utf-8").splitlines()
        place = file.relative_to(root).as_posix()
        for number, line in enumerate(lines, start=1):
            if re.search(rf"raise ([a-z]+\.)?{name}\([^)]", f"{line})") and line.strip()[:1] != "#":
                assert f"{place}:{number}" in collected


def test_messages_show_what_is_filled_in(
    writer: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Parts of a text are joined, alternatives are shown, and an error that is passed on too."""
    file = writer.PACKAGE / "errors.py"
    code = (
        "def f(name, error):\n"
        "    raise UsageError(f'{name}: no such ' 'file' + (f', {error}' if error else ''))\n"
        "    raise click.UsageError(str(error))\n"
        "    echo('nothing is left to do')\n"
    )
    copy = tmp_path / file.name
    copy.write_text(code)
    monkeypatch.setattr(writer, "PROJECT", tmp_path)
    texts = [(one.kind, one.text) for one in writer._of_module(copy)]
    assert texts == [
        ("message", "{name}: no such file[, {error} | ]"),
        ("message", "{str(error)}"),
        ("output", "nothing is left to do"),
    ]


def test_all_pages_and_kinds_are_in_it(
    writer: ModuleType, found: list[tuple[str, str, str]]
) -> None:
    """Every document, template and public function."""
    counts = Counter(kind for kind, _, _ in found)
    assert set(counts) == {*writer.DRAWN, "message", "docstring"}
    places = {place.partition(":")[0] for _, place, _ in found}
    assert {file.relative_to(writer.PROJECT).as_posix() for file in writer.pages()} <= places
    assert {"bench.api.run", "bench.api.sweep", "bench/report/templates/report.html"} <= places
    assert {"bench/report/templates/report.js", "bench/tuning/spaces/scip.yaml"} <= places


def test_only_our_own_interface_is_in_it(found: list[tuple[str, str, str]]) -> None:
    """A type variable of the module has the documentation of Python."""
    names = {place for kind, place, _ in found if kind == "interface"}
    assert "bench.api.E" not in names


def test_an_abbreviation_ends_no_sentence(writer: ModuleType) -> None:
    """The example belongs to its sentence."""
    text = "Known words, e.g. `ok` and i.e. (all of) them. The next sentence is here."
    first, last = writer.split(text)
    assert first == "Known words, e.g. `ok` and i.e. (all of) them."
    assert last == "The next sentence is here."


def test_a_draw_is_repeated_by_its_seed(writer: ModuleType) -> None:
    """Of the kinds asked for, each text once, labels and SQL left out."""
    clear = "The solver has stopped at its time limit."
    texts = [f"{clear[:-1]} {number}" for number in range(20)]
    made = [writer.Sentence("output", "a.py:1", text) for text in (*texts, *texts, "two words")]
    made += [writer.Sentence("message", "a.py:2", text) for text in texts]
    made += [writer.Sentence("output", "a.py:3", "CREATE TABLE one two three four five six seven")]
    drawn = writer.draw(made, 5, 8, ["output"])
    assert drawn == writer.draw(made, 5, 8, ["output"])
    assert len({one.text for one in drawn}) == 8
    assert {one.kind for one in drawn} == {"output"}
    assert len(writer.draw(made, 5, 100, ["output"])) == 20
