"""Loss weights on the command line: those that a training found are told at its end."""

import re

import pytest

from engine.core.codes import ExitCode


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
