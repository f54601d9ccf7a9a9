"""A network that needs everything a run remembers, and what two runs have in common."""

from __future__ import annotations

import pytest
import safetensors.numpy

from engine.core.diagnostic import DiagnosticError
from engine.events import (
    BestFound,
    EpochDone,
)
from engine.runtime.run.runner import train
from tests.engine.runtime.small import steps
from tests.reliability.subjects import remembering


def whole(**recipe):
    """Everything that a resumed run has to remember at once."""
    return remembering(**{"optimizer": "Adam", "checkpoint_every": {"epochs": 1}} | recipe)


def exact(events):
    """Return everything that two equal runs say alike, floats to the last bit."""
    found = []
    for event in events:
        if isinstance(event, EpochDone):
            scores = [*event.train.items(), *event.validation.items()]
            found.append((event.epoch, event.step, [(n, float(v).hex()) for n, v in scores]))
        elif isinstance(event, BestFound):
            found.append((event.epoch, [(n, float(v).hex()) for n, v in event.scores.items()]))
    return found


def hexes(events, *whats):
    return {what: [value.hex() for value in steps(events, what)] for what in whats}


def losses(events):
    return hexes(events, "loss", "size", "yes", "kind", "learning_rate")


def model(folder):
    """Return the arrays of model.safetensors, whose header also names the run."""
    return safetensors.numpy.load(folder.weights_path.read_bytes())


def same_model(one, other):
    mine, theirs = model(one), model(other)
    assert mine.keys() == theirs.keys()
    for name, array in mine.items():
        assert array.tobytes() == theirs[name].tobytes(), name


def refused(order):
    with pytest.raises(DiagnosticError) as caught:
        list(train(order))
    return caught.value.diagnostics
