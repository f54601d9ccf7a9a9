"""Sample signals: waves need a wide receptive field to be recognized, clicks a narrow one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

STEPS = 64
WAVES = ("sine", "square", "sawtooth")
MIN_PERIOD, MAX_PERIOD = 16.0, 32.0  # the range of periods, in time steps
NOISE = 0.15
CLICK_HEIGHT = 1.2  # the height of a click, which lasts one time step
MAX_CLICKS = 3


def signals(rng: np.random.Generator, rows: int) -> dict[str, NDArray[np.float32]]:
    """Return noisy waves, about half of which have one to three clicks.

    Columns: signal, float32 of shape (64, 1); wave, one-hot of shape (3,); clicks, 0 or 1.
    """
    classes = rng.integers(0, len(WAVES), rows)
    period = rng.uniform(MIN_PERIOD, MAX_PERIOD, (rows, 1))
    phase = (np.arange(STEPS) / period + rng.random((rows, 1))) % 1.0
    sine = np.sin(2 * np.pi * phase)
    # Give all waves the same power, so that the amplitude does not reveal the class.
    waves = np.stack([sine * np.sqrt(2), np.sign(sine), (2 * phase - 1) * np.sqrt(3)])
    has_clicks = rng.integers(0, 2, rows)
    click_count = has_clicks * rng.integers(1, MAX_CLICKS + 1, rows)
    order = rng.random((rows, STEPS)).argsort(axis=1)
    clicks = CLICK_HEIGHT * (order < click_count[:, None]) * rng.choice((-1.0, 1.0), (rows, STEPS))
    signal = waves[classes, np.arange(rows)] + clicks + rng.normal(0.0, NOISE, (rows, STEPS))
    return {
        "signal": signal[..., None].astype(np.float32),
        "wave": np.eye(len(WAVES), dtype=np.float32)[classes],
        "clicks": has_clicks.astype(np.float32),
    }
