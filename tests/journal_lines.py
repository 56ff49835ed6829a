"""Lines of journals as earlier versions wrote them, and as damage leaves them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

CHECKSUM = re.compile(rb'"crc32":"[0-9a-f]{8}",')


def without_checksum(lines: bytes) -> bytes:
    """Return lines as version 0.1 wrote them."""
    return CHECKSUM.sub(b"", lines)


def changed(line: bytes, change: Callable[[dict[str, Any]], object]) -> bytes:
    """Return a line of version 0.1 in whose result something was changed by hand."""
    content = json.loads(without_checksum(line))
    change(content["result"])
    return json.dumps(content, separators=(",", ":")).encode() + b"\n"
