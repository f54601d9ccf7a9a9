"""Commands of the engine, as a person types them in a terminal."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.screen.person import ROOT


def engine(*words: str) -> None:
    """Run a command to its end.

    Raises:
        AssertionError: it failed; with what it said.
    """
    done = subprocess.run(
        [sys.executable, "-m", "engine", *words], cwd=ROOT, capture_output=True, text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"}, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
