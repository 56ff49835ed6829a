"""Plug-ins by name: built-in ones, and those that other packages register as entry points."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from bench.errors import BenchError, UsageError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoints


def entry_points(group: str) -> EntryPoints:
    """Return the entry points of a group, of all packages that are installed at the first call.

    Another ``sys.path`` is searched again.
    """
    return _entry_points(group, tuple(sys.path))


@cache
def _entry_points(group: str, _: tuple[str, ...]) -> EntryPoints:
    from importlib import metadata  # noqa: PLC0415 - 0.02 s, for plug-ins of other packages only

    return metadata.entry_points(group=group)


@dataclass(frozen=True, slots=True)
class Registry:
    """The plug-ins of one kind, e.g. solvers.

    ``group`` is the group of entry points. ``built_in`` maps the names of this package's own
    plug-ins to their targets (``module:attribute``); other packages cannot replace them.
    ``import_error`` is raised if a plug-in cannot be imported.
    """

    kind: str
    group: str
    built_in: Mapping[str, str]
    import_error: type[BenchError] = BenchError

    def names(self) -> Iterator[str]:
        """Yield the names of all plug-ins: first the built-in ones in order, then the others.

        The installed packages are searched for other plug-ins only after the built-in ones are used
        up.
        """
        yield from self.built_in
        yield from sorted(
            {point.name for point in entry_points(group=self.group)} - {*self.built_in}
        )

    def target(self, name: str, others: Callable[[], Iterable[str]] = tuple) -> str:
        """Return ``module:attribute`` of a plug-in.

        Raise UsageError for an unknown name. The message lists the known names, and ``others()``.
        """
        found = self.built_in.get(name) or self._registered(name)
        if found is None:
            known = sorted({*self.names(), *others()})
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(known)}"
            raise UsageError(f"unknown {self.kind} {name!r}; {hint}")
        return found

    def load(self, name: str, others: Callable[[], Iterable[str]] = tuple) -> Any:
        """Import a plug-in and return its target, usually a class.

        Raise UsageError for an unknown name, as `target` does, and ``import_error`` for any
        exception of its module.
        """
        module, _, attribute = self.target(name, others).partition(":")
        try:
            return getattr(import_module(module), attribute)
        except ImportError as error:
            raise self.import_error(f"{self.kind} {name!r} cannot be loaded: {error}") from error
        except (Exception, SystemExit) as error:
            reason = f"{type(error).__name__}: {error}"
            raise self.import_error(f"{self.kind} {name!r} cannot be loaded: {reason}") from error

    def _registered(self, name: str) -> str | None:
        points = entry_points(group=self.group)
        return next((point.value for point in points if point.name == name), None)
