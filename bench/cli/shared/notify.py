"""``--notify``: a command of the user that is executed at the end of a run or sweep."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import click

from bench.app.campaign.campaign_result import CampaignResult
from bench.cli.shared.options import complain
from bench.errors import EXIT_INTERRUPTED, BenchError, UsageError

TIMEOUT_S = 60.0

notify_option = click.option(
    "--notify",
    metavar="COMMAND",
    help="Execute this shell command at the end, also after an error or an interrupt. Its "
    "environment has NOTIFY_STATE (done, interrupted or failed), NOTIFY_NAME, "
    "NOTIFY_MESSAGE, NOTIFY_FOLDER and NOTIFY_EXIT_CODE.",
)
"""It has no environment variable: a .env from elsewhere must not execute anything."""


@dataclass
class Notice:
    """The content of a notification: the campaign (None if it did not start), and how it ended."""

    campaign: CampaignResult | None = None
    exit_code: int = 0
    error: str = ""

    @property
    def state(self) -> str:
        """``done``, ``interrupted`` or ``failed``."""
        if self.exit_code == EXIT_INTERRUPTED:
            return "interrupted"
        return "failed" if self.exit_code else "done"

    @property
    def variables(self) -> dict[str, str]:
        """The environment variables with this content."""
        campaign = self.campaign
        name = campaign.folder.name if campaign else ""
        told = f"{name}: {campaign.progress}" if campaign else ""
        return {
            "NOTIFY_STATE": self.state,
            "NOTIFY_NAME": name,
            "NOTIFY_MESSAGE": "; ".join(filter(None, (told, self.error))),
            "NOTIFY_FOLDER": str(campaign.folder) if campaign else "",
            "NOTIFY_EXIT_CODE": str(self.exit_code),
        }


@contextmanager
def notifying(command: str | None) -> Iterator[Notice]:
    """Execute the command at the end, unless a wrong option prevented the start.

    Its failure is a warning: the exit code is still that of the campaign.
    """
    notice = Notice()
    try:
        yield notice
    except UsageError:
        if notice.campaign is None:
            command = None
        raise
    except BenchError as error:
        notice.exit_code, notice.error = error.exit_code, str(error)
        raise
    except KeyboardInterrupt:
        notice.exit_code = EXIT_INTERRUPTED
        raise
    finally:
        if command:
            complain(_execute(command, notice))


def _execute(command: str, notice: Notice) -> Iterator[str]:
    """Execute the command of the user, and yield problems."""
    try:
        done = subprocess.run(  # noqa: S602 - it is the user's own
            command,
            shell=True,
            env=os.environ | notice.variables,
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr.fileno(),
            timeout=TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        yield f"Warning: --notify: the command did not end within {TIMEOUT_S:g} s"
    except OSError as error:
        yield f"Warning: --notify: cannot be executed: {error.strerror}"
    else:
        if done.returncode:
            yield f"Warning: --notify: the command ended with exit code {done.returncode}"
