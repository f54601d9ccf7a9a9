"""The executable of the bundle: the window, and `-m MODULE` as Python has it.

Why: there is no Python in the bundle, where `sys.executable` is this file. Child processes are
started as `sys.executable -m engine`, by this project and by torchrun. A link to the executable
with the name `engine` is the `engine` command.
"""

import multiprocessing
import runpy
import sys
from pathlib import Path


def main() -> None:
    """Run a module if the first argument is -m, otherwise the command that has this name."""
    multiprocessing.freeze_support()
    if sys.argv[1:2] == ["-m"] and len(sys.argv) > 2:
        module = sys.argv[2]
        del sys.argv[1:3]
    else:
        module = "engine" if Path(sys.argv[0]).name == "engine" else "app"
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
