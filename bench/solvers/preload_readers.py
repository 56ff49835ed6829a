"""What the fork server imports to have the first two readers loaded in every process.

A reader that cannot be imported is left out: who asks it later is told why.
"""

from __future__ import annotations

from contextlib import suppress
from importlib import import_module

from bench.solvers import readers, registry

for _name in readers.first_two():
    with suppress(Exception, SystemExit):
        import_module(registry.load(_name).preload)
