"""Shared by several commands: options, their conversion to objects, and output to the terminal."""

from __future__ import annotations
