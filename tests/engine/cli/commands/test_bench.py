"""`engine bench` measures what can be chosen, and keeps nothing but what it is told to."""

import json

import numpy as np
import pytest

from engine.cli.app import main
from engine.graph.serialization.file import dumps, read
from engine.runs.folder.run_folder import RunFolder
from engine.runs.request import TrainRequest
from engine.runtime.tuning import benchmark
from engine.runtime.tuning.benchmark import BenchmarkResult, fastest_exact
from tests.engine.runtime.small import line, run, straight


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


def test_a_run_gets_the_table(files, capsys):
    graph, data = files
    folder, _ = run(TrainRequest(graph, data, settings=("epochs=1",)))
    measured = (graph, "--data", data, "--run", folder.path)
    found = answer(capsys, *measured, "--device", "cpu")
    described = RunFolder.open(folder.path).record
    assert described.pop("bench") == {"cpu": found["trials"]}
    assert described == folder.record
    answer(capsys, *measured, "--batch-size")
    assert RunFolder.open(folder.path).record["bench"].keys() == {"cpu", "cpu, batch sizes"}


def test_batch_sizes_are_doubled_until_that_is_no_faster_or_there_are_no_more_rows(files, capsys):
    graph, data = files
    graph.write_text(dumps(straight(batch_size=8)))
    tried = [
        one["fields"] for one in answer(capsys, graph, "--data", data, "--batch-size")["trials"]
    ]
    assert len(tried) >= 2
    assert tried == [{}, {"batch_size": 16}, {"batch_size": 32}][: len(tried)]  # of 51 rows
    sizes = BenchmarkResult({"batch_size": 64}, 1.5, 1.0, 2.0, exact=True, rows=64)
    now = BenchmarkResult({}, 1.0, 0.9, 1.1, exact=True, rows=32)
    assert fastest_exact([now, sizes]) is sizes


def test_a_device_that_is_missing_is_refused(files, capsys):
    graph, data = files
    with pytest.raises(SystemExit) as left:
        main(["bench", str(graph), "--data", str(data), "--device", "cuda"])
    assert "error[device-missing]" in capsys.readouterr().err
    assert left.value.code


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
