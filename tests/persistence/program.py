"""The `engine` command in this process, and its answers without what changes from run to run."""

from __future__ import annotations

import io
import json
import os
import shutil
import sys
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.cli import main

GOLDEN = Path(__file__).with_name("golden")
RUNS = GOLDEN / "run-folders"  # git looks past folders that are called runs


@dataclass(frozen=True)
class Answer:
    """What a command left with."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Its stdout as JSON: one document, or a list of several."""
        found, rest = [], self.out.strip()
        while rest:
            document, end = json.JSONDecoder().raw_decode(rest)
            found.append(document)
            rest = rest[end:].strip()
        return found[0] if len(found) == 1 else found


def engine(place: Path, *words: object, given: str = "") -> Answer:
    """Return what a command says that is run in a folder.

    Args:
        place: the folder.
        words: the command.
        given: a text on its stdin.
    """
    out, err, stdin = io.StringIO(), io.StringIO(), sys.stdin
    before, argv = dict(os.environ), sys.argv
    sys.argv = ["engine", *map(str, words)]
    # The same arithmetic on each machine: no kernels that are compiled for it.
    os.environ.update({"LAYERLOOM_NATIVE": "0", "LAYERLOOM_CACHE": str(place / ".cache")})
    sys.stdin = io.TextIOWrapper(io.BytesIO(given.encode()))
    try:
        with chdir(place), redirect_stdout(out), redirect_stderr(err):
            main(sys.argv[1:])
    except SystemExit as left:
        return Answer(int(left.code or 0), out.getvalue(), err.getvalue())
    finally:
        sys.stdin, sys.argv = stdin, argv
        os.environ.clear()
        os.environ.update(before)
    raise AssertionError("a command leaves with a code")


def copied_home(to: Path) -> Path:
    """Return a copy of the folder with projects, rows and runs, at a place of its own."""
    shutil.copytree(GOLDEN / "home", to)
    shutil.copytree(RUNS, to / "runs")
    return to


def golden(name: str) -> Any:
    """Return a golden file of JSON."""
    return json.loads((GOLDEN / name).read_text(encoding="utf-8"))
