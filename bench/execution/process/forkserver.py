"""What the fork server loads once, before it forks a supervisor for each task.

It dies with the harness, and every task's processes with it.
"""

from __future__ import annotations

import os
import signal

from bench.execution.process import linux, supervisor

__all__ = ["supervisor"]

linux.die_with_parent(signal.SIGKILL, os.getppid())
linux.adopt_orphans()
