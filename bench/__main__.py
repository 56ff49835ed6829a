"""The command ``bench``, also as ``python -m bench``."""

from __future__ import annotations

import sys


def main() -> None:
    """Execute the command line; the exit code says how it ended.

    The import stands in here because the fork server's children load this module anew.
    """
    from bench.cli.main import command  # noqa: PLC0415

    sys.exit(command.main(standalone_mode=False))


if __name__ == "__main__":
    main()
