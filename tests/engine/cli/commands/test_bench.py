"""`engine bench` measures what can be chosen, and keeps nothing but what it is told to."""

import json

import numpy as np
import pytest

from engine.cli.app import main
from engine.graph.serialization.file import dumps, read
from engine.runtime.tuning import benchmark
from engine.runtime.tuning.benchmark import BenchmarkResult, fastest_exact
from tests.engine.runtime.small import line, straight


@pytest.fixture
def files(tmp_path, monkeypatch):
    """Return a graph file and its rows; nothing is compiled, which takes minutes."""
    graph, data = tmp_path / "small.loom.json", tmp_path / "small.npz"
    graph.write_text(dumps(straight()))
    np.savez(data, **line(64))
    every = benchmark.candidate_settings
    monkeypatch.setattr(
        benchmark,
        "candidate_settings",
        lambda recipe: (c for c in every(recipe) if "compile" not in c),
    )
    monkeypatch.setattr(benchmark.os, "sched_getaffinity", lambda _: {0, 1})
    return graph, data


def answer(capsys, *words):
    with pytest.raises(SystemExit) as left:
        main(["bench", *map(str, words), "--json"])
    assert left.value.code == 0
    return json.loads(capsys.readouterr().out)


def test_threads_and_precision_are_tried_and_the_file_stays(files, capsys):
    graph, data = files
    before = graph.read_bytes()
    found = answer(capsys, graph, "--data", data)
    tried = [one["fields"] for one in found["trials"]]
    assert tried == [{}, {"threads": 1}, {"threads": 2}, {"precision": "bf16-mixed"}]
    assert all(one["seconds"] > 0 for one in found["trials"])
    assert graph.read_bytes() == before
    assert not list(graph.parent.glob("runs*"))


def test_the_best_is_kept_in_the_recipe_when_asked_for(files, capsys, monkeypatch):
    graph, data = files
    wanted = BenchmarkResult({"threads": 2}, 0.5, 0.5, 0.5, exact=True)
    monkeypatch.setattr(benchmark, "fastest_exact", lambda tried: wanted)
    assert answer(capsys, graph, "--data", data, "--keep")["kept"]
    assert read(graph).project.recipe["threads"] == 2


def test_only_what_is_clearly_faster_and_exact_is_offered():
    now = BenchmarkResult({}, 1.0, 0.9, 1.1, exact=True)
    little, short = (
        BenchmarkResult({"threads": 2}, 0.97, 0.9, 1.0, True),
        BenchmarkResult({}, 0.5, 0.5, 0.5, False),
    )
    assert fastest_exact([now, little, short]) is None
    clear = BenchmarkResult({"threads": 1}, 0.8, 0.7, 0.9, exact=True)
    assert fastest_exact([now, little, short, clear]) is clear
    assert clear.settings == ["threads=1"]
    assert clear.edit == {"do": "set_recipe", "fields": {"threads": 1}}
