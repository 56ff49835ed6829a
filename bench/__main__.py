"""The command ``bench``, also as ``python -m bench``."""

from __future__ import annotations

import sys

from bench.errors import EXIT_INTERRUPTED


def main() -> None:
    """Execute the command line; the exit code says how it ended.

    The imports stand in here because the fork server's children load this module anew, and because
    somebody may interrupt them.
    """
    try:
        from bench.cli.shared import signals  # noqa: PLC0415

        signals.listen()
        from bench.cli.main import command  # noqa: PLC0415

        code = command.main(standalone_mode=False)
    except KeyboardInterrupt:
        sys.stderr.write("Error: interrupted\n")
        code = EXIT_INTERRUPTED
    sys.exit(code)


if __name__ == "__main__":
    main()
