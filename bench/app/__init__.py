"""The actions of the program, as functions that know neither click nor a terminal."""

from __future__ import annotations
