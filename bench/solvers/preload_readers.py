"""What the fork server imports to have the first two readers loaded in every process."""

from __future__ import annotations

from contextlib import suppress
from importlib import import_module

from bench.errors import SolverError
from bench.solvers import readers, registry

for _name in readers.first_two():
    with suppress(SolverError, ImportError):
        import_module(registry.load(_name).preload)
