"""Programs of this package, each run in a process of its own with a home folder of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


def surroundings(folder: Path) -> dict[str, str]:
    """Return the environment of a program; BENCH_FOLDER is `folder`, and its home is there."""
    kept = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    homes = ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME")
    return {
        **kept, **dict.fromkeys(homes, str(folder / "home")), "BENCH_FOLDER": str(folder),
        "QT_QPA_PLATFORM": "offscreen", "PYTHONPYCACHEPREFIX": str(folder.parent / "bytecode"),
    }  # fmt: skip


def figures_of(name: str, folder: Path, *words: object) -> Any:
    """Return what a module of this package prints as JSON in its last line."""
    (folder / "home").mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        [sys.executable, "-m", f"tests.bench.{name}", *map(str, words)],
        cwd=ROOT, capture_output=True, text=True, check=False, env=surroundings(folder),
    )  # fmt: skip
    if done.returncode:
        sys.exit(f"the bench of {name} failed:\n{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])
