"""The `engine` command as a person meets it: words in, an exit code and text out."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.cli import main
from engine.core.codes import CODES
from tests.end_to_end.sound import everything, project, sound_arrays, text

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Answer:
    """What a command left with."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Its stdout, read as the one JSON document that it has to be."""
        return json.loads(self.out)


Engine = Callable[..., Answer]


def in_process(*words: object) -> Answer:
    """Run a command here, which saves the seconds that imports take."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as left:
        main([str(word) for word in words])
    assert isinstance(left.value.code, int)
    return Answer(left.value.code, out.getvalue(), err.getvalue())


def in_its_own_process(*words: object, **more: Any) -> Answer:
    """Run a command as a shell would."""
    done = subprocess.run(
        [sys.executable, "-m", "engine", *map(str, words)],
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        **more,
    )
    return Answer(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """The command, run in a folder of the test's own."""
    monkeypatch.chdir(tmp_path)
    return in_process


@pytest.fixture
def process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """The command in a process of its own, in a folder of the test's own."""
    monkeypatch.chdir(tmp_path)
    return in_its_own_process


@pytest.fixture
def graph(tmp_path: Path) -> Path:
    file = tmp_path / "net.loom.json"
    file.write_bytes(text(project()))
    return file


@pytest.fixture
def data(tmp_path: Path) -> Path:
    file = tmp_path / "data.npz"
    np.savez(file, **sound_arrays())
    return file


@pytest.fixture
def refused(engine, tmp_path) -> Callable[..., str]:
    """Run a command that has to be refused with one code, and leave no trace."""

    def run(words: tuple[object, ...], code: str, exit_code: int) -> str:
        before = everything(tmp_path)
        answer = engine(*words)
        as_json = engine(words[0], "--json", *words[1:])
        assert f"error[{code}]" in answer.err
        assert answer.code == as_json.code == exit_code == CODES[code].exit
        assert "Traceback" not in answer.err + answer.out
        assert answer.out == ""
        for head in (
            "  found:    ",
            "  expected: ",
            "  fix:      1. ",
            "  more:     engine explain ",
        ):
            assert head in answer.err
        told = as_json.json
        assert told["ok"] is False
        assert code in [found["code"] for found in told["diagnostics"]]
        assert everything(tmp_path) == before
        return answer.err

    return run
