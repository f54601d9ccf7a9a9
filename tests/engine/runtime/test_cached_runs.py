"""A run from the cache is the run from memory, to the last bit, however it goes on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.core.diagnostic import DiagnosticError
from engine.data.cache import table_head
from engine.data.dataset import shuffle as ordering
from engine.events import EpochDone
from engine.runtime.checkpoints.weight_file import read_weights
from engine.runtime.inference.run_splits import select_rows
from engine.runtime.inference.trained_model import TrainedModel
from tests.engine.runtime.small import node, ordered, project, run, scores_of, steps
from tests.tiers import grid

COUNT = 150
SPLITS = [
    None,
    {"kind": "random", "params": {"validation": 0.2, "test": 0.1}},
    {"kind": "stratified", "params": {"column": "kind", "validation": 0.2}},
    {"kind": "group", "params": {"column": "height", "validation": 0.3}},
    {"kind": "time", "params": {"column": "day", "validation": 0.2, "test": 0.1}},
    {"kind": "column", "params": {"column": "part"}},
]


@pytest.fixture(autouse=True)
def _small(monkeypatch, tmp_path):
    """Let small tables come in many chunks, and be shuffled in many groups."""
    monkeypatch.setenv("LAYERLOOM_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(table_head, "CHUNK_BYTES", 600)
    monkeypatch.setattr(ordering, "GROUP_BYTES", 1200)
    monkeypatch.setattr(ordering, "BLOCK_BYTES", 200)
    monkeypatch.setattr(ordering, "MIN_ROW_BYTES", 1)


def given(split=None, **recipe):
    data = {
        "inputs": {
            "x": {"columns": ["height", "width"], "scale": "standardize"},
            "city": {"column": "city"},
            "story": {"column": "story", "encode": {"kind": "text", "params": {"length": 5}}},
        },
        "targets": {
            "size": {"column": "size", "scale": "standardize"},
            "kind": {"column": "kind"},
            "yes": {"column": "yes"},
        },
        "weights": {"column": "count"},
        **({"split": split} if split else {}),
    }
    fields = {"epochs": 2, "batch_size": 16, "seed": 5, "optimizer": {"kind": "Adam"}}
    return project(
        node("x", "Input", shape=[2]),
        node("city", "Input", shape=[3]),
        node("story", "Input", shape=[5], dtype="int32"),
        node("vectors", "Embedding", "story", input_dim=40, output_dim=4, mask_zero=True),
        node("read", "LSTM", "vectors", units=4),
        node("both", "Concatenate", {"xs": ["x", "city", "read"]}),
        node("drop", "Dropout", "both", rate=0.2),
        node("s", "Dense", "drop", units=1),
        node("k", "Dense", "drop", units=3, activation="softmax"),
        node("p", "Dense", "drop", units=1, activation="sigmoid"),
        node("size", "Output", "s", loss="mse", missing="mask", metrics=["mae"]),
        node("kind", "Output", "k", loss="sparse_categorical_crossentropy",
             class_weight="balanced", metrics=["accuracy"]),
        node("yes", "Output", "p", loss="binary_crossentropy", missing="mask"),
        data=data,
        **fields | recipe,
    )  # fmt: skip


def csv(path: Path, count=COUNT):
    rng = np.random.default_rng(4)
    words = [f"word{number}" for number in range(20)]
    lines = ["height,width,city,story,size,kind,yes,count,day,part"]
    for row in range(count):
        story = " ".join(rng.choice(words, rng.integers(1, 8)))
        gap = "" if row % 7 == 3 else f"{rng.normal(170, 9):.2f}"
        said = "" if row % 5 == 2 or row < 40 else ["no", "yes"][rng.integers(2)]
        part = "train" if row % 4 else "validation"
        lines.append(
            f"{rng.normal():.3f},{rng.integers(5)},{'abc'[row % 3]},{story},{gap},"
            f"{'uvw'[rng.integers(3)]},{said},{1 + row % 3},2024-{1 + row % 12:02}-17,{part}"
        )
    path.write_text("\n".join(lines) + "\n")
    return path


def order(folder, split=None, cache=True, name="a", **recipe):
    (folder / name).mkdir()
    made = ordered(folder / name, given(split, **recipe), {"none": np.zeros(1)})
    return replace(made, data=csv(folder / name / "t.csv"), cache=cache)


def told(folder, events):
    """Return everything that two equal runs have in common."""
    epochs = [(e.step, e.train, e.validation) for e in events if isinstance(e, EpochDone)]
    weights = read_weights(folder.weights_path)
    weights = {name: tensor.numpy().tobytes() for name, tensor in weights.items()}
    shared = ("hashes", "rows", "validation_rows", "split", "sides", "labelled", "fitted")
    return steps(events), epochs, weights, {name: folder.record[name] for name in shared}


@pytest.mark.parametrize("split", grid(SPLITS, 2))
def test_it_is_the_same_run(tmp_path, split):
    ran = [run(order(tmp_path, split, cache, str(cache))) for cache in (True, False)]
    cached, memory = (told(*each) for each in ran)
    assert cached == memory
    warned = [[event.diagnostic for event in events if event.kind == "warned"] for _, events in ran]
    assert sorted(map(str, warned[0])) == sorted(map(str, warned[1]))


@pytest.mark.slow
@pytest.mark.parametrize("batch", grid([8, 5, 13], 1))
def test_it_goes_on_where_it_stopped_from_the_cache_as_from_memory(tmp_path, batch):
    whole, events = run(order(tmp_path, SPLITS[1], False, "whole"))
    for cache in (True, False):
        made = order(tmp_path, SPLITS[1], cache, f"broken-{cache}")
        folder, first = run(made, stop_after=batch)
        # It may go on from the other one, too.
        again = replace(made, graph=None, run=folder.path, resume=True, cache=not cache)
        folder, second = run(again)
        assert steps(first) + steps(second) == steps(events)
        assert told(folder, second)[2] == told(whole, events)[2]


@pytest.mark.slow
def test_it_is_scored_from_the_cache_as_from_memory(tmp_path):
    made = order(tmp_path, SPLITS[1])
    folder, _ = run(made)
    trained = replace(TrainedModel.open(folder.path), use_cache=True)
    for part in (None, "train", "validation", "test"):
        found = []
        for use in (True, False):
            rows = select_rows(replace(trained, use_cache=use), made.data, part).dataset
            assert (rows.memmap is not None) == use
            found.append((scores_of(trained, rows), rows.digest()))
        assert found[0] == found[1]
    with pytest.raises(DiagnosticError) as refused:
        select_rows(trained, csv(tmp_path / "more.csv", COUNT + 30), "test")
    assert refused.value.diagnostics[0].code == "run-differs"


@pytest.mark.slow
def test_tables_to_validate_and_to_test_on_are_cached_as_well(tmp_path):
    apart = {"validation": csv(tmp_path / "v.csv", 70), "test": csv(tmp_path / "w.csv", 50)}
    ran = [
        run(replace(order(tmp_path, None, cache, str(cache)), **apart)) for cache in (True, False)
    ]
    assert told(*ran[0]) == told(*ran[1])
