"""Files of others, as small as they can be."""

from __future__ import annotations

from pathlib import Path

import pytest

CHECK_LOG = Path(__file__).parent / "data" / "check.mine.scip-10.0.2.linux.fast.out"
"""Printed by SCIP 10 on three small problems, statistics shortened; the fourth is made up."""


@pytest.fixture
def check_log() -> Path:
    """Return a log in the manner of SCIP's check scripts."""
    return CHECK_LOG
