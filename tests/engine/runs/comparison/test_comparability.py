"""Scores that count in another way are not weighed against each other, and it is said why."""

import json

import pytest

from engine.events import ControlTaken, EpochDone, OutputInfo, RunFinished, RunStarted
from engine.graph.serialization.file import dumps, parse
from engine.runs.comparison.run_comparison import compare_runs
from engine.runs.folder.run_folder import RunFolder, lock_run_folder
from engine.runs.log.event_log import EventWriter


def made(path, unit="", turned=None, weight=1.0, **params):
    params = {"loss": "mse", "metrics": ["mae"], "loss_weight": weight, **params}
    nodes = [
        {"name": "x", "kind": "Input", "params": {"shape": [3]}},
        {"name": "y", "kind": "Output", "inputs": {"x": "x"}, "params": params},
    ]
    whole = {"format": "layerloom", "version": 1, "graph": {"nodes": nodes}}
    graph = dumps(parse(json.dumps(whole).encode()).project).encode()
    with lock_run_folder(path), EventWriter(path) as writer:
        RunFolder.create(path, {"run_id": path.name, "name": "g"}, graph)
        heads = (OutputInfo(name="y", loss="mse", unit=unit, weight=weight),)
        writer.write(RunStarted(run_id="r", epochs=1, steps_per_epoch=4, outputs=heads))
        if turned:
            asked = {"request": "loss_weight", "value": {"y": turned}, "before": {"y": weight}}
            writer.write(ControlTaken(id="1", step=2, **asked))
        loss = float(path.name)
        scores = {"loss": loss, "y/loss": loss, "y/mae": loss}
        writer.write(EpochDone(epoch=1, step=4, train=scores, validation=scores))
        writer.write(RunFinished(step=4, epoch=1))
    return path


@pytest.mark.parametrize(
    ("fields", "marked", "why"),
    [
        ({}, {"loss", "y/loss", "y/mae"}, ""),
        ({"weight": 3.0}, {"y/loss", "y/mae"}, "weight of y in the total is 3 in one run, 1"),
        ({"turned": 3.0}, {"y/loss", "y/mae"}, "weight of y in the total is 3 in one run, 1"),
        ({"class_weight": {"0": 2.0}}, {"y/mae"}, "the class weights of y differ"),
        ({"loss": "mae"}, {"y/mae"}, "the loss of y is mae in one run, mse in the other"),
        ({"unit": "g"}, {"loss", "y/loss"}, "the unit is g in one run, none in the other"),
        ({"unit": "standard deviations"}, set(), "is standard deviations in one run, none in"),
    ],
)
def test_only_what_counts_alike_is_called_better(tmp_path, fields, marked, why):
    found = compare_runs(made(tmp_path / "2", **fields), made(tmp_path / "1"))
    pairs = {pair.name: pair for pair in found.scores}
    assert {name for name, pair in pairs.items() if pair.better} == marked
    assert all(
        bool(pair.incomparable_reason) == (name not in marked) for name, pair in pairs.items()
    )
    assert all(
        why in pair.incomparable_reason for pair in pairs.values() if pair.incomparable_reason
    )
    told = found.to_dict()["scores"]
    assert {name for name, pair in told.items() if "unlike" in pair} == set(pairs) - marked


def test_runs_whose_weights_were_changed_alike_compare(tmp_path):
    found = compare_runs(made(tmp_path / "2", turned=3.0), made(tmp_path / "1", weight=3.0))
    assert not any(pair.incomparable_reason for pair in found.scores)


def test_a_compared_error_says_what_it_counts_in(tmp_path):
    scaled = {"unit": "standard deviations"}
    found = compare_runs(made(tmp_path / "2", **scaled), made(tmp_path / "1", **scaled))
    titles = {pair.name: pair.title for pair in found.scores}
    assert titles["y/mae"] == "y/mae, in standard deviations"
    assert titles["y/loss"] == "y/loss"
