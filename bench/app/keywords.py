"""Turn a function of an options object into a function with keywords."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")
R = TypeVar("R")


def with_keywords(
    options: Callable[P, T], *, renamed: Mapping[str, str] | None = None
) -> Callable[[Callable[[T], R]], Callable[P, R]]:
    """Return a decorator that turns a function of an options object into a function of its fields.

    Signature and documentation come from the class, so a new field is a new keyword for type
    checkers, ``help()`` and generated documentation. ``renamed`` maps old keywords to new ones: an
    old one still works, with a DeprecationWarning.
    """

    def decorate(function: Callable[[T], R]) -> Callable[P, R]:
        @wraps(function)
        def called(*args: P.args, **kwargs: P.kwargs) -> R:
            current: Any = _with_new_names(kwargs, renamed or {})
            return function(options(*args, **current))

        returned = inspect.signature(function).return_annotation
        signature = inspect.signature(options).replace(return_annotation=returned)
        called.__signature__ = signature  # type: ignore[attr-defined]
        del called.__wrapped__
        called.__doc__ = "\n\n".join([inspect.getdoc(function) or "", *_documentation(options)])
        return called

    return decorate


def _with_new_names(given: Mapping[str, Any], renamed: Mapping[str, str]) -> dict[str, Any]:
    """Return the keywords with their new names; TypeError where old and new are both given."""
    current: dict[str, Any] = {}
    for name, value in given.items():
        new = renamed.get(name, name)
        if new in current or (new != name and new in given):
            raise TypeError(f"{name} is the old name of {new}; keep one of them")
        if new != name:
            warnings.warn(
                f"the keyword {name} is now {new}; please use the new name",
                DeprecationWarning,
                stacklevel=3,
            )
        current[new] = value
    return current


def _documentation(options: object) -> list[str]:
    """Return the documentation of the fields in the class and its bases."""
    classes = inspect.getmro(options)[:-1] if inspect.isclass(options) else ()
    return [inspect.getdoc(one) or "" for one in classes]
