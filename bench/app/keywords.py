"""A function of an options object, called with keywords."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")
R = TypeVar("R")


def with_keywords(options: Callable[P, T]) -> Callable[[Callable[[T], R]], Callable[P, R]]:
    """Return what turns a function of an options object into one of the fields of its class.

    Signature and documentation come from the class, so that a new field is a new keyword, known
    to type checkers, to ``help()`` and to what generates documentation.
    """

    def decorate(function: Callable[[T], R]) -> Callable[P, R]:
        @wraps(function)
        def called(*args: P.args, **kwargs: P.kwargs) -> R:
            return function(options(*args, **kwargs))

        returned = inspect.signature(function).return_annotation
        signature = inspect.signature(options).replace(return_annotation=returned)
        called.__signature__ = signature  # type: ignore[attr-defined]
        del called.__wrapped__
        called.__doc__ = "\n\n".join([inspect.getdoc(function) or "", *_documentation(options)])
        return called

    return decorate


def _documentation(options: object) -> list[str]:
    """Return what the class and its bases say of their fields."""
    classes = inspect.getmro(options)[:-1] if inspect.isclass(options) else ()
    return [inspect.getdoc(one) or "" for one in classes]
