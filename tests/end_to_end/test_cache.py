"""The cache as a person meets it in a terminal."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from engine.graph.serialization.file import dumps
from tests.engine.runtime.small import line, straight

ROOT = Path(__file__).parents[2]


@pytest.fixture
def engine(tmp_path):
    def run(*words):
        return subprocess.run(
            [sys.executable, "-m", "engine", *map(str, words)],
            capture_output=True, text=True, check=False, cwd=ROOT,
            env={**os.environ, "LAYERLOOM_CACHE": str(tmp_path / "cache")},
        )  # fmt: skip

    return run


def test_tables_are_kept_shown_and_removed(tmp_path, engine):
    (tmp_path / "g.loom.json").write_text(dumps(straight(epochs=1)))
    np.savez(tmp_path / "t.npz", **line(60))
    words = ["train", tmp_path / "g.loom.json", "--data", tmp_path / "t.npz", "--run"]
    assert engine("cache").stdout.startswith(f"{tmp_path / 'cache'}: 0 tables, 0 B")
    cached = engine(*words, tmp_path / "a", "--cache", "--json")
    assert cached.returncode == 0, cached.stderr
    memory = engine(*words, tmp_path / "b", "--no-cache", "--json")
    told = [json.loads(done.stdout) for done in (cached, memory)]
    assert told[0]["train"] == told[1]["train"]
    assert told[0]["validation"] == told[1]["validation"]
    shown = engine("cache").stdout
    assert "1 table" in shown
    assert "t.npz" in shown
    kept = json.loads(engine("cache", "--json").stdout)
    assert [each["rows"] for each in kept["tables"]] == [60]
    gone = json.loads(engine("cache", "--clear", "--json").stdout)
    assert len(gone["removed"]) == 1
    assert json.loads(engine("cache", "--json").stdout)["tables"] == []
