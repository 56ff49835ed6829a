"""Write a manual page for each command into a folder: python docs/write_man_pages.py build/man."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

from click_man.core import write_man_pages

from bench import __version__
from bench.cli.main import MODULES, command

if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, module in MODULES.items():
        command.add_command(import_module(module).command, name)
    write_man_pages("bench", command, version=__version__, target_dir=str(folder))
