"""Where the program starts for a person at a desk.

The window is being built on the engine. Until it opens, the three-output example is trained in
the terminal, by the very command that the window will start.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def main() -> None:
    """Train the three-output example in the terminal and say so."""
    folder = Path("runs") / "example"
    folder.mkdir(parents=True, exist_ok=True)
    graph, data = folder / "posts.loom.json", folder / "posts-data"
    sys.stderr.write(
        "This version has no window yet: training the three-output example here, in the terminal.\n"
        f"Everything is written to {folder}.\n"
    )
    steps: list[list[str]] = []
    if not graph.exists():
        steps.append(["new", "posts", str(graph)])
    if not data.exists():
        steps.append(["sample", "posts", str(data)])
    steps.append(["train", str(graph), "--data", str(data)])
    for step in steps:
        done = subprocess.run([sys.executable, "-m", "engine", *step], check=False)
        if done.returncode:
            sys.exit(done.returncode)
