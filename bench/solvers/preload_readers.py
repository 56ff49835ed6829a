"""Imported by the fork server to load the first two readers in every process.

A reader that cannot be imported is left out; a later use reports the reason.
"""

from __future__ import annotations

from contextlib import suppress
from importlib import import_module

from bench.solvers import readers, registry

for _name in readers.first_two():
    with suppress(Exception, SystemExit):
        import_module(registry.load(_name).preload)
