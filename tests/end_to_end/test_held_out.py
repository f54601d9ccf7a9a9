"""Rows held out, rows without a label, and where both are told: penguins as published."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from engine.core.codes import ExitCode
from engine.graph.edits.registry import apply_edit
from engine.graph.serialization.file import read, write

ROOT = Path(__file__).parents[2]
RAW = ROOT / "resources" / "examples" / "penguins.csv"
SPLIT = {"kind": "stratified", "params": {"column": "species", "validation": 0.2, "test": 0.1}}


def mapped(project):
    measures = {
        "columns": ["bill_length_mm", "bill_depth_mm", "flipper_length_mm"],
        "encode": {"kind": "number", "params": {"scale": "standardize", "fill": "mean"}},
    }
    edit = {"do": "set_mapping", "side": "inputs", "node": "measures", "source": measures}
    return apply_edit(apply_edit(project, edit), {"do": "set_split", "split": SPLIT})


@pytest.fixture
def graph(engine):
    """The graph of the penguins on the raw table, its split by species."""
    engine("new", "penguins", "p.loom.json")
    write(Path("p.loom.json"), mapped(read(Path("p.loom.json")).project))
    return Path("p.loom.json")


def errors(engine, graph):
    found = engine("check", graph, "--data", RAW, "--json")
    return [each for each in found.json["diagnostics"] if each["severity"] == "error"]


def test_missing_labels_are_refused_and_the_edits_that_are_offered_mask_them(engine, graph):
    """Labels are read before numbers are looked at, so there are two rounds."""
    for output in ("sex", "body_mass"):
        (found,) = errors(engine, graph)
        assert found["node"] == output
        write(graph, apply_edit(read(graph).project, found["fixes"][0]["edit"]))
        assert read(graph).project.graph[output].params["missing"] == "mask"
    assert engine("check", graph, "--data", RAW).code == ExitCode.OK


@pytest.mark.slow
def test_all_344_penguins_train_three_outputs_and_every_score_says_on_which_rows(engine, graph):
    project = read(graph).project
    for output in ("sex", "body_mass"):
        edit = {"do": "set_params", "node": output, "params": {"missing": "mask"}}
        project = apply_edit(project, edit)
    write(graph, project)
    trained = engine("train", graph, "--data", RAW, "--epochs", 40, "--json")
    assert trained.code == ExitCode.OK
    told = (
        "trained on 241 rows, validated on 69 rows held back at random with seed 1, in equal "
        'shares of "species", 34 rows kept for a test'
    )
    assert trained.json["split"] == told
    assert f"{told[0].upper()}{told[1:]}\n" in trained.err
    started = json.loads(Path("runs/p-001/events.jsonl").read_text().splitlines()[0])
    counts = {
        head["name"]: (head["labelled"], head["validation_labelled"]) for head in started["outputs"]
    }
    assert counts["species"] == (None, None)
    assert 222 < counts["sex"][0] < 241
    scored = engine("evaluate", "runs/p-001", "--split", "test", "--json").json
    assert (scored["rows"], scored["split"]) == (34, "test")
    assert scored["scores"]["species/accuracy"] > 0.9
    assert scored["stamp"]["split"] == told
    assert any("not used in training" in note for note in scored["notes"])
    validated = engine("evaluate", "runs/p-001", "--split", "validation")
    assert "69 validation rows" in validated.out
    assert re.search(r"sex is scored on the \d\d of 69 rows that have a target", validated.out)
    assert "69 validation rows" in engine("runs").out
    assert engine("runs", "--json").json[0]["split"] == told


def test_the_next_step_scores_the_rows_that_were_kept(engine, graph):
    project = read(graph).project
    for output in ("sex", "body_mass"):
        edit = {"do": "set_params", "node": output, "params": {"missing": "mask"}}
        project = apply_edit(project, edit)
    write(graph, project)
    done = engine("train", graph, "--data", RAW, "--epochs", 1)
    assert done.err.endswith("Next: engine evaluate runs/p-001 --split test\n")


def test_rows_to_score_have_to_be_named(engine):
    asked = engine("evaluate", "runs/p-001", "--json")
    assert asked.code == ExitCode.USAGE
    assert "--split" in asked.json["diagnostics"][0]["fixes"][1]["text"]
