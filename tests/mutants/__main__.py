"""`python -m tests.mutants [NAMES]`: plant one mistake after another, and report what notices it.

The mistakes are planted in a temporary copy of the project, and the quick tier of the nearest test
files runs there until the first failure. If no test notices a mistake, the mistake has survived,
and the exit status is 1. `--whole` runs the whole quick tier instead of the nearest files. NAMES
are parts of the names of the mistakes to plant.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.mutants.catalogue import MUTANTS, ROOT, Mutant

PYTEST = (sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-m", "not slow")
PASSED, FAILED = 0, 1  # exit statuses of pytest
WHOLE = ("-n", "2", "--dist", "worksteal", "tests")


def main(words: Sequence[str] | None = None) -> int:
    """Plant the mistakes, and return the exit status."""
    parser = argparse.ArgumentParser("python -m tests.mutants", description=__doc__)
    parser.add_argument("names", nargs="*", help="parts of the names of the mistakes to plant")
    parser.add_argument("--whole", action="store_true", help="run the whole quick tier")
    asked = parser.parse_args(words)
    chosen = [m for m in MUTANTS if not asked.names or any(part in m.name for part in asked.names)]
    with tempfile.TemporaryDirectory(prefix="layerloom-mutants-") as folder:
        copy = copied(Path(folder))
        nearest = sorted({test for mutant in chosen for test in mutant.tests})
        status, output = tested(copy, WHOLE if asked.whole else nearest)
        if status != PASSED:
            print(output, "the tests fail without any mistake", sep="\n")
            return 1
        return 1 if survivors(copy, chosen, asked.whole) else 0


def copied(folder: Path) -> Path:
    """Return a copy of the project in which mistakes can be planted."""
    copy = folder / "project"

    def ignored(at: str, names: list[str]) -> set[str]:
        """Return what no test needs: caches, the environment, the history, and runs."""
        at_root = Path(at) == ROOT
        return {name for name in names if at_root and (name == "runs" or name.startswith("."))}

    shutil.copytree(ROOT, copy, symlinks=True, ignore=ignored)
    return copy


def survivors(copy: Path, mutants: Sequence[Mutant], whole: bool) -> list[Mutant]:
    """Plant each mistake, report whether it was noticed, and return those that were not."""
    found = []
    for mutant in mutants:
        path, before = copy / mutant.file, (copy / mutant.file).read_bytes()
        path.write_text(mutant.mutated(copy), encoding="utf-8")
        start = time.monotonic()
        status, output = tested(copy, WHOLE if whole else mutant.tests)
        path.write_bytes(before)
        if status not in (PASSED, FAILED):
            print(output)
        if status != FAILED:
            found.append(mutant)
        word = {PASSED: "survived", FAILED: "killed"}.get(status, "not tested")
        print(f"{word} ({time.monotonic() - start:.0f} s): {mutant.name}", flush=True)
    print(f"{len(mutants) - len(found)} of {len(mutants)} planted mistakes were noticed")
    return found


def tested(copy: Path, tests: Sequence[str]) -> tuple[int, str]:
    """Run tests in the copy, and return the exit status of pytest and what it printed."""
    done = subprocess.run(
        [*PYTEST, *tests],
        cwd=copy,
        env={**os.environ, "PYTHONPATH": str(copy), "LAYERLOOM_TIER": "quick"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


if __name__ == "__main__":
    sys.exit(main())
