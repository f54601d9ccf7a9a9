"""Loss weights on the command line: suggested before a training, or found by it."""

import re

import pytest

from engine.core.codes import ExitCode
from engine.graph.edits.registry import apply_edit
from engine.graph.serialization.file import read, write


@pytest.mark.slow
def test_suggested_weights_make_equal_shares_and_train_nothing(engine, tmp_path):
    engine("new", "posts", "p.loom.json")
    engine("sample", "posts", "d", "--rows", 200)
    shown = engine("train", "p.loom.json", "--data", "d", "--suggest-weights")
    assert shown.code == ExitCode.OK
    assert re.search(r"^age +[\d.]+ +0\.25 +\d+\.\d% +[\d.]+$", shown.out, re.M)
    assert "each output starts with 33% of the total" in shown.out
    assert not (tmp_path / "runs").exists()
    told = engine("train", "p.loom.json", "--data", "d", "--suggest-weights", "--json").json
    project = apply_edit(read(tmp_path / "p.loom.json").project, told["edit"])
    write(tmp_path / "p.loom.json", project)
    again = engine("train", "p.loom.json", "--data", "d", "--suggest-weights", "--json").json
    assert all(abs(share - 1 / 3) < 0.01 for share in again["shares"].values())


def test_a_graph_with_one_output_has_no_weights_to_suggest(engine):
    engine("new", "sequential", "s.loom.json")
    engine("sample", "sequential", "d", "--rows", 100)
    asked = engine("train", "s.loom.json", "--data", "d", "--suggest-weights", "--json")
    assert asked.json["diagnostics"][0]["code"] == "balance-idle"


@pytest.mark.slow
@pytest.mark.parametrize("words", [("--run", "runs/p-001", "--resume"), ("--again", "runs/p-001")])
def test_a_run_that_keeps_its_weights_is_suggested_none(engine, words):
    engine("new", "posts", "p.loom.json")
    engine("sample", "posts", "d", "--rows", 100)
    assert engine("train", "p.loom.json", "--data", "d", "--epochs", 1).code == ExitCode.OK
    asked = engine("train", *words, "--suggest-weights", "--json")
    assert asked.code == ExitCode.USAGE
    told = asked.json["diagnostics"][0]
    assert told["code"] == "usage"
    assert told["found"].startswith("--suggest-weights --")


@pytest.mark.slow
def test_weights_that_were_found_are_told_at_the_end(engine):
    engine("new", "penguins", "p.loom.json")
    engine("sample", "penguins", "d")
    words = ("train", "p.loom.json", "--data", "d", "--epochs", 2, "--set", "balance=gradnorm")
    done = engine(*words)
    assert done.code == ExitCode.OK
    assert re.search(
        r"^Learned loss weights: species [\d.]+, sex [\d.]+, body_mass", done.err, re.M
    )
    told = engine(*words, "--run", "again", "--json").json
    assert set(told["weights"]) == {"species", "sex", "body_mass"}
