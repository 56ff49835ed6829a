"""Collect every sentence that users and readers of the code can meet, and draw some at random.

``make sentences`` writes ``build/sentences.txt``: one line per sentence with kind, place and text.
``python docs/write_sentences.py --seed 19`` also prints 30 random sentences and 10 messages for a
review, with ``--kinds document,docstring`` only of these kinds.
"""

from __future__ import annotations

import argparse
import ast
import inspect
import random
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

import click
import yaml

import bench.api
import bench.errors
from bench.cli.main import command as root

FOLDER = Path(__file__).parent
PROJECT = FOLDER.parent
PACKAGE = PROJECT / "bench"
OUTPUT = PROJECT / "build" / "sentences.txt"
PAGES = ("README.md", "docs/**/*.md", "examples/**/README.md", "workflow/README.md")
GENERATED = frozenset({"docs/fields.md"})
"""Pages that are generated from sentences in the code."""
FEWEST_WORDS = 3
FEWEST_DRAWN = 6
"""A shorter text is a label or a part of a sentence, and is not drawn."""

MESSAGE = "message"
DOCSTRING = "docstring"
DRAWN = ("option", "command", "output", "template", "data", "document", "interface", DOCSTRING)
"""Kinds of sentences that are drawn by default; messages are drawn separately."""

ERRORS = frozenset(
    {
        *(name for name, value in vars(bench.errors).items() if inspect.isclass(value)),
        *("ClickException", "UsageError", "BadParameter", "ValueError", "TypeError"),
    }
)
"""Classes of exceptions whose text a user can meet."""


_SQL = re.compile(
    r"(CREATE|SELECT|INSERT|UPDATE|DELETE|ATTACH|PRAGMA|WITH)\b.*[A-Z]{3}|select |with "
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A text with its place and its kind."""

    kind: str
    place: str
    text: str


def sentences() -> list[Sentence]:
    """Return all sentences, each place once."""
    files = sorted(PACKAGE.rglob("*.py"))
    found = [
        *_of_commands(root, "bench"),
        *(one for file in files for one in _of_module(file)),
        *(one for file in sorted(PACKAGE.rglob("*.html")) for one in _of_template(file)),
        *(one for file in sorted(PACKAGE.rglob("*.js")) for one in _of_script(file)),
        *(one for file in sorted(PACKAGE.rglob("*.yaml")) for one in _of_data(file)),
        *(one for file in pages() for one in _of_page(file)),
        *_of_interface(),
    ]
    return list(dict.fromkeys(found))


def pages() -> list[Path]:
    """Return the pages that are written by hand."""
    found = {file for pattern in PAGES for file in PROJECT.glob(pattern)}
    return sorted(file for file in found if _place(file) not in GENERATED)


def draw(found: Sequence[Sentence], seed: int, n: int, kinds: Iterable[str]) -> list[Sentence]:
    """Return ``n`` random sentences of some kinds; each text counts once."""
    drawable = (one for one in found if one.kind in set(kinds) and _is_drawable(one.text))
    by_text = {one.text: one for one in drawable}
    among = [by_text[text] for text in sorted(by_text)]
    return random.Random(seed).sample(among, min(n, len(among)))  # noqa: S311  no secret


def _is_drawable(text: str) -> bool:
    """Return whether a text has enough words of its own, and is not SQL."""
    own = re.sub(r"\{.*?\}|`.*?`|\(http.*?\)", "", text)
    return len(re.findall(r"[A-Za-z]{2,}", own)) >= FEWEST_DRAWN and not _SQL.match(text)


def split(text: str) -> list[str]:
    """Return the sentences of running text."""
    whole = " ".join(text.split())
    parts = re.split(r"(?<=[.!?])(?<!e\.g\.)(?<!i\.e\.)\s+(?=[A-Z`\"'<*_\[(-])", whole)
    return [part for part in parts if len(part.split()) >= FEWEST_WORDS]


def _of_commands(command: click.Command, path: str) -> Iterator[Sentence]:
    for text in split((command.help or "").replace("\b", "")):
        yield Sentence("command", path, text)
    for parameter in command.params:
        if isinstance(parameter, click.Option) and parameter.help and not parameter.hidden:
            yield Sentence("option", f"{path} {max(parameter.opts, key=len)}", parameter.help)
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            if child is not None:
                yield from _of_commands(child, f"{path} {name}")


def _of_module(file: Path) -> Iterator[Sentence]:
    """Yield the messages of exceptions, other texts of several words, and docstrings."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    seen = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for raised in _raised(tree):
        for argument in raised.args[:1]:
            seen |= {id(node) for node in ast.walk(argument)}
            yield Sentence(MESSAGE, f"{_place(file)}:{raised.lineno}", written(argument))
    for literal, text in _texts(tree, seen):
        yield Sentence("output", f"{_place(file)}:{literal.lineno}", text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            yield from _docstrings(node.body, file)


def _docstrings(body: Iterable[ast.stmt], file: Path) -> Iterator[Sentence]:
    """Yield the docstrings of a module, class or function, and those of its attributes."""
    for statement in body:
        match statement:
            case ast.Expr(value=ast.Constant(value=str() as text)):
                for sentence in _paragraphs(inspect.cleandoc(text)):
                    yield Sentence(DOCSTRING, f"{_place(file)}:{statement.lineno}", sentence)


def _texts(tree: ast.AST, seen: set[int]) -> Iterator[tuple[ast.expr, str]]:
    """Yield the sentences of other texts; the helps of options come from the commands."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            helps = [each.value for each in node.keywords if each.arg in {"help", "metavar"}]
            seen |= {id(inner) for value in helps for inner in ast.walk(value)}
        is_text = isinstance(node, ast.JoinedStr) or (
            isinstance(node, ast.Constant) and isinstance(node.value, str)
        )
        if isinstance(node, ast.expr) and is_text and id(node) not in seen:
            seen |= {id(inner) for inner in ast.walk(node)}
            yield from ((node, text) for text in split(written(node)))


def _paragraphs(text: str) -> Iterator[str]:
    """Yield the sentences of a docstring; each item of a list is a paragraph of its own."""
    for part in re.split(r"\n\s*\n|\n(?=- )", text):
        yield from split(part.removeprefix("- "))


def _raised(tree: ast.AST) -> Iterator[ast.Call]:
    """Yield the calls that make an exception with a text."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            function = node.func
            name = function.attr if isinstance(function, ast.Attribute) else None
            name = function.id if isinstance(function, ast.Name) else name
            if name in ERRORS or name == "fail":
                yield node


def written(node: ast.AST) -> str:
    """Return a text as in the code, with ``{...}`` for the inserted values."""
    match node:
        case ast.Constant(value=str() as text):
            return " ".join(text.split(" "))
        case ast.JoinedStr(values=values):
            return "".join(map(written, values))
        case ast.FormattedValue(value=value):
            return f"{{{ast.unparse(value)}}}"
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return written(left) + written(right)
        case ast.IfExp(body=body, orelse=other):
            return f"[{written(body)} | {written(other)}]"
    return f"{{{ast.unparse(node)}}}"


class _Text(HTMLParser):
    """Collects the text between tags, without scripts and styles."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[tuple[int, str]] = []
        self._hidden = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep texts that are shown on hovering, and skip the content of scripts."""
        self._hidden = tag in {"script", "style"}
        line = self.getpos()[0]
        self.parts += [(line, value) for name, value in attrs if name == "title" and value]

    def handle_endtag(self, tag: str) -> None:
        """Continue after a script."""
        self._hidden = self._hidden and tag not in {"script", "style"}

    def handle_data(self, data: str) -> None:
        """Keep a text."""
        if not self._hidden:
            self.parts.append((self.getpos()[0], data))


def _of_template(file: Path) -> Iterator[Sentence]:
    text = re.sub(r"\{[%#].*?[%#]\}", "", file.read_text(encoding="utf-8"), flags=re.DOTALL)
    parser = _Text()
    parser.feed(text)
    for line, part in parser.parts:
        for sentence in split(part):
            yield Sentence("template", f"{_place(file)}:{line}", sentence)


def _of_script(file: Path) -> Iterator[Sentence]:
    """Yield the texts of several words in a script of the report."""
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
        for text in re.findall(r'"([A-Z][^"]* [^"]*)"', line):
            yield from (Sentence("template", f"{_place(file)}:{number}", s) for s in split(text))


def _of_data(file: Path) -> Iterator[Sentence]:
    """Yield the texts in a data file, e.g. the licence of an instance set."""
    root = yaml.compose(file.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    nodes = [root] if root is not None else []
    while nodes:
        node = nodes.pop()
        if isinstance(node, yaml.MappingNode):
            nodes += [value for _, value in node.value]
        elif isinstance(node, yaml.SequenceNode):
            nodes += node.value
        else:
            place = f"{_place(file)}:{node.start_mark.line + 1}"
            yield from (Sentence("data", place, text) for text in split(node.value))


def _of_page(file: Path) -> Iterator[Sentence]:
    """Yield the sentences of a document: of paragraphs, headings, items and cells."""
    text = file.read_text(encoding="utf-8")
    text = re.sub(r"^( *)```.*?^ *```", _empty_lines, text, flags=re.DOTALL | re.MULTILINE)
    text = re.sub(r"<!--.*?-->", _empty_lines, text, flags=re.DOTALL)
    for number, line in enumerate(text.splitlines(), start=1):
        content = re.sub(r"^\s*([-*+>#]+|\d+\.)\s+", "", line)
        cells = content.strip().strip("|").split("|") if content.startswith("|") else [content]
        for cell in cells:
            for sentence in split(cell):
                yield Sentence("document", f"{_place(file)}:{number}", sentence)


def _empty_lines(found: re.Match[str]) -> str:
    return "\n" * found[0].count("\n")


def _of_interface() -> Iterator[Sentence]:
    """Yield the documentation of the Python functions."""
    for name, value in vars(bench.api).items():
        is_defined = inspect.isfunction(value) or inspect.isclass(value)
        if name.startswith("_") or not is_defined or value.__module__ != bench.api.__name__:
            continue
        for text in _paragraphs(inspect.getdoc(value) or ""):
            yield Sentence("interface", f"bench.api.{name}", text)


def _place(file: Path) -> str:
    return file.relative_to(PROJECT).as_posix()


def main() -> None:
    """Write the file, and print a draw where a seed is given."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, help="Draw sentences and messages with this seed.")
    parser.add_argument("--sentences", type=int, default=30, help="How many sentences to draw.")
    parser.add_argument("--kinds", default=",".join(DRAWN), help="Kinds of sentences to draw.")
    parser.add_argument("--messages", type=int, default=10, help="How many messages to draw.")
    chosen = parser.parse_args()
    found = sentences()
    OUTPUT.parent.mkdir(exist_ok=True)
    lines = (f"{one.kind}\t{one.place}\t{one.text}" for one in found)
    OUTPUT.write_text("\n".join((*lines, "")), encoding="utf-8")
    click.echo(f"{OUTPUT.relative_to(PROJECT)}: {len(found)} sentences")
    if chosen.seed is not None:
        click.echo(f"seed {chosen.seed}")
        wanted = chosen.kinds.split(",")
        for n, kinds in ((chosen.sentences, wanted), (chosen.messages, (MESSAGE,))):
            for number, one in enumerate(draw(found, chosen.seed, n, kinds), start=1):
                click.echo(f"{number}. {one.place} ({one.kind}): {one.text}")


if __name__ == "__main__":
    main()
