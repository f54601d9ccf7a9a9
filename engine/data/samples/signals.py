"""Signals of one channel: a wave that only a wide look tells, and clicks that a narrow one does."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.data.samples.base import Sample

STEPS = 64
WAVES = ("sine", "square", "sawtooth")
SHORTEST, LONGEST = 16.0, 32.0  # steps of one period
NOISE = 0.15
CLICK = 1.2  # height of a click, which lasts one step
MOST_CLICKS = 3


def signals(rows: int, held_out: int, seed: int) -> Sample:
    """Make noisy waves, every second one with one to three clicks.

    Columns: signal float32 (64, 1), wave one-hot (3,), clicks 0 or 1.
    """
    rng = np.random.Generator(np.random.Philox(seed))
    train, test = _signals(rng, rows), _signals(rng, held_out)
    return Sample(train, test, {"wave": {"accuracy": 1.0}, "clicks": {"accuracy": 1.0}})


def _signals(rng: np.random.Generator, rows: int) -> dict[str, NDArray[np.float32]]:
    which = rng.integers(0, len(WAVES), rows)
    period = rng.uniform(SHORTEST, LONGEST, (rows, 1))
    turn = (np.arange(STEPS) / period + rng.random((rows, 1))) % 1.0
    sine = np.sin(2 * np.pi * turn)
    # Of equal strength, so that loudness tells nothing.
    waves = np.stack([sine * np.sqrt(2), np.sign(sine), (2 * turn - 1) * np.sqrt(3)])
    clicked = rng.integers(0, 2, rows)
    number = clicked * rng.integers(1, MOST_CLICKS + 1, rows)
    order = rng.random((rows, STEPS)).argsort(axis=1)
    click = CLICK * (order < number[:, None]) * rng.choice((-1.0, 1.0), (rows, STEPS))
    signal = waves[which, np.arange(rows)] + click + rng.normal(0.0, NOISE, (rows, STEPS))
    return {
        "signal": signal[..., None].astype(np.float32),
        "wave": np.eye(len(WAVES), dtype=np.float32)[which],
        "clicks": clicked.astype(np.float32),
    }
