"""What a training yields, and small data to train on."""

from __future__ import annotations

from engine.data.dataset.shuffle import EpochOrder
from engine.events import EpochDone
from engine.runtime.training.loop import fit
from tests.engine.runtime.small import line


def told(made):
    return list(fit(made))


def arrays(rows=40, seed=0):
    data = line(rows, seed=seed)
    return {"x": data["x"]}, {"y": data["y"]}


def weights(made):
    return made.network.get_weights()


def epochs(events):
    return [event for event in events if isinstance(event, EpochDone)]


def epoch_order(rows, seed, epoch, shuffle=True):
    return EpochOrder(rows, 1, seed, epoch, shuffle)
