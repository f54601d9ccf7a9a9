"""The cache as a person meets it in a terminal."""

from __future__ import annotations

import numpy as np

from engine.graph.serialization.file import dumps
from tests.engine.runtime.small import line, straight


def test_tables_are_kept_shown_and_removed(tmp_path, engine, monkeypatch):
    monkeypatch.setenv("LAYERLOOM_CACHE", str(tmp_path / "cache"))
    (tmp_path / "g.loom.json").write_text(dumps(straight(epochs=1)))
    np.savez(tmp_path / "t.npz", **line(60))
    words = ["train", tmp_path / "g.loom.json", "--data", tmp_path / "t.npz", "--run"]
    assert engine("cache").out.startswith(f"{tmp_path / 'cache'}: 0 tables, 0 B")
    cached = engine(*words, tmp_path / "a", "--cache", "--json")
    assert cached.code == 0, cached.err
    memory = engine(*words, tmp_path / "b", "--no-cache", "--json")
    for side in ("train", "validation"):
        assert cached.json[side] == memory.json[side]
    shown = engine("cache").out
    assert "1 table" in shown
    assert "t.npz" in shown
    kept = engine("cache", "--json").json
    assert [each["rows"] for each in kept["tables"]] == [60]
    gone = engine("cache", "--clear", "--json").json
    assert len(gone["removed"]) == 1
    assert engine("cache", "--json").json["tables"] == []
