"""A run in a process of its own, steered from a terminal, repeated, compared and reported."""

from __future__ import annotations

import json
import subprocess
import sys
import time

import pytest

from engine.runs.log.lock import lock_holder
from engine.runs.state.run_state import read_state


@pytest.fixture
def going(engine, tmp_path):
    """A run under way that would take for ever; killed at the end if it still goes on."""
    engine("new", "penguins", "p.loom.json")
    engine("sample", "penguins", "d")
    words = ["train", "p.loom.json", "--data", "d", "--epochs", "100000", "--tensorboard",
             "--set", "checkpoint_every.epochs=50"]  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "-m", "engine", *words], cwd=tmp_path, stderr=subprocess.DEVNULL
    )
    run = tmp_path / "runs/p-001"
    while lock_holder(run) is None or not (run / "events.jsonl").exists():
        assert process.poll() is None
        time.sleep(0.05)
    yield run, process
    process.kill()
    process.wait()


@pytest.mark.slow
def test_a_run_is_steered_stopped_repeated_compared_and_reported(going, engine, tmp_path):
    run, process = going
    assert engine("control", run, "pause").out.startswith("Paused after step ")
    assert "paused" in engine("runs").out
    step = read_state(run).step
    said = engine("control", run, "set", "learning_rate", "0,002").out
    assert said.endswith("-> 0.002\n")
    assert engine("control", run, "set", "sex.loss_weight", "0.5").code == 0
    refused = engine("control", run, "set", "loss_weight.sx", "1")
    assert refused.code == 2
    assert "Did you mean sex?" in refused.err
    assert engine("control", run, "set", "lerning_rate", "1").code == 2
    assert engine("control", run, "set").code == 2
    assert read_state(run).step == step
    answer = json.loads(engine("control", run, "continue", "--json").out)
    assert answer["ok"]
    assert answer["answer"]["step"] == step
    assert engine("control", run, "stop").code == 0
    assert process.wait(60) == 130
    assert engine("control", run, "stop").code == 73
    assert (run / "tensorboard/steps").exists()
    assert [mark.request for mark in read_state(run).responses if not mark.code] == [
        "pause", "learning_rate", "loss_weight", "continue", "stop",
    ]  # fmt: skip

    begun = engine("train", "p.loom.json", "--data", "d", "--epochs", 2, "--from", run)
    assert begun.code == 0
    again = engine("train", "--again", "runs/p-002")
    assert again.code == 0
    same = engine("compare", "runs/p-002", "runs/p-003")
    assert same.out.startswith("Both runs trained the same graph")
    told = json.loads(engine("compare", run, "runs/p-002", "--json").out)
    assert {change["field"] for change in told["recipe"]} == {"epochs", "checkpoint_every.epochs"}
    assert engine("train", "--again", run, "--set", "epochs=3").code == 2
    test = next((tmp_path / "d").glob("test.*"))
    scored = json.loads(engine("evaluate", "runs/p-002", "--data", test, "--json").out)
    assert [output["task"] for output in scored["outputs"]] == ["classes", "yes-no", "number"]
    assert scored["outputs"][0]["confusion"]["labels"] == ["Adelie", "Chinstrap", "Gentoo"]
    done = json.loads(engine("report", "runs/p-002", "--out", "r.html", "--json").out)
    assert done["results"] == [test.name, "validation"]
    assert "Evaluated on test" in (tmp_path / "r.html").read_text()
