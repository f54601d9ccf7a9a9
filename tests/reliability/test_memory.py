"""Networks and batches too large for memory: rejected before allocation, with a size that fits."""

from __future__ import annotations

import json

import numpy as np
import pytest

from engine.check.cost import largest_batch_size
from engine.check.report import check
from engine.core.codes import ExitCode
from engine.graph.edits.registry import apply_edit
from tests.engine.runtime.small import line, node, project
from tests.reliability.subjects import written
from tests.tiers import grid

MB = 1 << 20


def wide(units, **recipe):
    return project(
        node("x", "Input", shape=[8]),
        node("wide", "Dense", "x", units=units, activation="relu"),
        node("d", "Dense", "wide", units=1),
        node("y", "Output", "d", loss="mse"),
        **{"epochs": 1, "validation_split": 0.0} | recipe,
    )


def flat(units):
    return {"x": np.zeros((units, 8), np.float32), "y": np.arange(units, dtype=np.float32) / units}


HUGE = {
    "a layer of 10**12 units": wide(10**12),
    "one of two thousand million": wide(2_000_000_000),
    "an embedding of 10**12 words": project(
        node("x", "Input", shape=[None], dtype="int32"),
        node("e", "Embedding", "x", input_dim=10**12, output_dim=64),
        node("p", "GlobalAveragePooling1D", "e"),
        node("d", "Dense", "p", units=1),
        node("y", "Output", "d", loss="mse"),
    ),
    "an LSTM of 10**7": project(
        node("x", "Input", shape=[None, 4]),
        node("l", "LSTM", "x", units=10**7),
        node("d", "Dense", "l", units=1),
        node("y", "Output", "d", loss="mse"),
    ),
    "a million rows of a million numbers": wide(1_000_000, batch_size=1_000_000),
}


@pytest.mark.parametrize("name", grid(HUGE, 2))
def test_what_can_never_fit_is_refused_before_it_is_allocated(name, warm, tmp_path, figures):
    """The process may allocate 200 MB more, less than any of these networks needs."""
    graph, data = written(tmp_path, HUGE[name], line())
    for words in (["check", graph], ["train", graph, "--data", data, "--run", tmp_path / "run"]):
        ended = warm.run("engine_with_room", 200 * MB, *map(str, words))
        assert ended.code == ExitCode.MEMORY, ended.said
        assert "error[out-of-memory]" in ended.said
        assert not (tmp_path / "run").exists()
    figures(seconds=ended.seconds, memory_MB=ended.memory)
    assert ended.seconds < 10


def test_the_batch_size_that_a_check_offers_fits():
    given = wide(1000, batch_size=1_000_000)
    report = check(given, available=MB * 1000)
    (found,) = report.errors
    assert found.code == "out-of-memory"
    mended = check(apply_edit(given, found.fixes[0].edit), available=MB * 1000)
    assert not mended.errors
    size = mended.recipe.batch_size
    assert size <= largest_batch_size(mended.costs, MB * 1000) < 2 * size


@pytest.mark.slow
def test_memory_that_runs_out_in_a_step_is_answered_with_a_batch_that_was_tried(
    warm, tmp_path, figures
):
    graph, data = written(tmp_path, wide(1300, batch_size=40_000), flat(40_000))
    run = tmp_path / "run"
    words = ("train", str(graph), "--data", str(data), "--run")
    ended = warm.run("engine_with_room", 200 * MB, *words, str(run), "--json")
    assert ended.code == ExitCode.MEMORY, ended.said
    assert "Traceback" not in ended.said
    told = json.loads(ended.said[ended.said.index("{") :])
    (found,) = told["diagnostics"]
    size = found["fixes"][0]["edit"]["fields"]["batch_size"]
    assert f"Set batch_size to {size}" in found["fixes"][0]["text"]
    again = (*words, str(tmp_path / "again"), "--set", f"batch_size={size}")
    ended = warm.run("engine_with_room", 200 * MB, *again)
    assert ended.code == 0, ended.said
    figures(asked_for=40_000, fits=size)
