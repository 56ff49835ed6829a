"""Hook of mkdocs: links to files outside docs/ become the path in the repository."""

from __future__ import annotations

import re
from typing import Any

OUTSIDE = re.compile(r"\[([^\]]+)\]\((?:\.\./)+([^)#]+)[^)]*\)")


def on_page_markdown(markdown: str, *, page: Any, **_: Any) -> str:
    """Return the page without links that lead out of the site."""
    depth = page.file.src_uri.count("/")

    def in_text(link: re.Match[str]) -> str:
        text, path = link.groups()
        if link[0].count("../") <= depth:
            return link[0]
        return f"`{path}`" if text.strip("`") == path else f"{text} (`{path}` in the repository)"

    return OUTSIDE.sub(in_text, markdown)
