"""The command ``bench``, also as ``python -m bench``."""

from __future__ import annotations

import gc
import os
import sys

from bench.errors import EXIT_INTERRUPTED

NO_PLUGINS = "PYDANTIC_DISABLE_PLUGINS"
"""pydantic searches all installed packages for its plug-ins, which takes 0.05 s."""
FEW_COLLECTIONS = 100_000, 50, 100
"""Python's own 700, 10, 10 take a tenth of the time in which our modules and MLflow are loaded."""


def main() -> None:
    """Execute the command line and end with its exit code.

    The imports are inside the function because the fork server's children load this module again,
    and because the user may interrupt them.
    """
    os.environ.setdefault(NO_PLUGINS, "__all__")
    gc.set_threshold(*FEW_COLLECTIONS)
    try:
        from bench.cli.shared import signals  # noqa: PLC0415

        signals.listen()
        from bench.cli.shared.early_start import start_first  # noqa: PLC0415

        start_first(sys.argv[1:])
        from bench.cli.main import command  # noqa: PLC0415

        code = command.main(standalone_mode=False)
    except KeyboardInterrupt:
        sys.stderr.write("Error: interrupted\n")
        code = EXIT_INTERRUPTED
    sys.exit(code)


if __name__ == "__main__":
    main()
