"""Points of 64 numbers around ten centres: a hidden linear rule tells the classes apart."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.data.samples.base import Sample

FEATURES = 64
CLASSES = 10
DISTANCE = 4.5  # of a centre from the origin, where the points scatter by 1


def sequential(rows: int, held_out: int, seed: int) -> Sample:
    """Make points and their classes.

    Columns: points float32 (64,), label one-hot (10,).
    """
    rng = np.random.Generator(np.random.Philox(seed))
    # Orthogonal centres of equal length: the likeliest class is the largest of ten weighted sums.
    centres = np.linalg.qr(rng.standard_normal((FEATURES, CLASSES)))[0].T * DISTANCE
    train, _ = _points(rng, rows, centres)
    test, hits = _points(rng, held_out, centres)
    return Sample(train, test, {"label": {"accuracy": float(hits.mean())}})


def _points(
    rng: np.random.Generator, rows: int, centres: NDArray[np.float64]
) -> tuple[dict[str, NDArray[np.float32]], NDArray[np.bool_]]:
    label = rng.integers(0, CLASSES, rows)
    points = centres[label] + rng.standard_normal((rows, FEATURES))
    hits = (points @ centres.T).argmax(axis=1) == label
    one_hot = np.eye(CLASSES, dtype=np.float32)[label]
    return {"points": points.astype(np.float32), "label": one_hot}, hits
