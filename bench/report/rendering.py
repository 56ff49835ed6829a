"""The templates of pages and figures."""

from __future__ import annotations

from pathlib import Path

import jinja2
from markupsafe import Markup

from bench.model.printable import escaped, has_control

TEMPLATES = Path(__file__).parent / "templates"


def environment() -> jinja2.Environment:
    """Return the templates; all their values are escaped, including control characters."""
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_without_controls,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _without_controls(value: object) -> object:
    """Return a text with control characters, which a file's name may have, as Python escapes."""
    if isinstance(value, str) and not isinstance(value, Markup) and has_control(value):
        return escaped(value, keep="\n\t")
    return value
