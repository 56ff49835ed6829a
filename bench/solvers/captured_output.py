"""Capture the output of C libraries, which is often their only error report."""

from __future__ import annotations

import ctypes
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def captured_output() -> Iterator[Callable[[], str]]:
    """Capture the output to file descriptors 1 and 2, and pass it on at the end.

    Yield a function that returns the text after the context has ended.
    """
    _flush()
    saved = os.dup(1), os.dup(2)
    with tempfile.TemporaryFile() as catch:
        os.dup2(catch.fileno(), 1)
        os.dup2(catch.fileno(), 2)

        def text() -> str:
            return caught.decode(errors="replace")

        caught = b""
        try:
            yield text
        finally:
            _flush()
            for target, original in zip((1, 2), saved, strict=True):
                os.dup2(original, target)
                os.close(original)
            catch.seek(0)
            caught = catch.read()
            os.write(1, caught)


def _flush() -> None:
    """Flush the buffers of Python and, if it can be reached, of the C library."""
    sys.stdout.flush()
    sys.stderr.flush()
    if os.name == "posix":
        ctypes.CDLL(None).fflush(None)
