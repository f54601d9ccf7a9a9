"""Unexpected exceptions as diagnostics."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

from engine.core.codes import ExitCode

ROOT = Path(__file__).parents[3]
LIMIT = 300 << 20  # bytes: enough for Python and numpy, not for torch


def test_too_little_memory_to_import_torch_is_no_bug(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "engine", "evaluate", "run", "--data", "d"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (LIMIT, LIMIT)),
        capture_output=True,
        text=True,
    )
    assert done.returncode == ExitCode.MEMORY, done.stderr
    assert done.stderr.startswith("error[out-of-memory]")
