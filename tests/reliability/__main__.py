"""`python -m tests.reliability`: run the full tier, and write its figures to the README.

Arguments go to pytest; only the lines of the tests that ran are changed.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from tests.reliability.figures import Figures, in_words

ROOT = Path(__file__).parents[2]
README = Path(__file__).with_name("README.md")
START, END = "<!-- figures -->\n", "<!-- end of figures -->\n"
HEAD = "| test | figures of the full tier | measured on |\n|---|---|---|\n"


def main(words: list[str]) -> int:
    """Run the tests and save their figures."""
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(folder) / "figures.jsonl"
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "tests/reliability", *words],
            cwd=ROOT,
            check=False,
            env={**os.environ, "LAYERLOOM_TIER": "soak", "LAYERLOOM_FIGURES": str(kept)},
        )
        told = kept.read_text(encoding="utf-8").splitlines() if kept.exists() else []
    write([tuple(json.loads(line)) for line in told])
    return done.returncode


def write(told: Iterable[tuple[str, Figures]]) -> None:
    """Write figures to the table of the README."""
    text = README.read_text(encoding="utf-8")
    before, rest = text.split(START)
    table, after = rest.split(END)
    lines = dict(_row(line) for line in table.splitlines()[2:])
    machine = f"{os.cpu_count()} cores, {platform.system()}, {datetime.now(UTC):%Y-%m-%d}"
    for test, figures in told:
        lines[_title(test)] = f"{in_words(figures)} | {machine}"
    rows = "".join(f"| {test} | {said} |\n" for test, said in sorted(lines.items()))
    README.write_text(f"{before}{START}{HEAD}{rows}{END}{after}", encoding="utf-8")


def _title(test: str) -> str:
    """Return a test's name as a sentence: "kill: a killed run goes on ..."."""
    file, _, name = test.partition("::")
    place = file.removeprefix("test_").removesuffix(".py").replace("_", " ")
    return f"{place}: {name.removeprefix('test_').replace('_', ' ')}".replace("|", "/")


def _row(line: str) -> tuple[str, str]:
    test, said = line.strip("| ").split(" | ", 1)
    return test, said


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
