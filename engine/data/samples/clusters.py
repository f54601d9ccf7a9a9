"""Ten Gaussian clusters in 64 dimensions; the best classifier is linear."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.data.samples.base import Sample

FEATURES = 64
CLASSES = 10
CENTER_DISTANCE = 4.5  # the distance of each center from 0; points have a standard deviation of 1


def gaussian_clusters(rng: np.random.Generator, rows: int, held_out: int) -> Sample:
    """Return `rows` training rows and `held_out` test rows, each with a point and its cluster.

    Columns: points, float32 of shape (64,); label, the one-hot cluster of shape (10,).
    """
    # For orthogonal centers of equal norm, the most probable class has the largest dot product.
    centers = np.linalg.qr(rng.standard_normal((FEATURES, CLASSES)))[0].T * CENTER_DISTANCE
    train, _ = _points(rng, rows, centers)
    test, is_correct = _points(rng, held_out, centers)
    return Sample(train, test, {"label": {"accuracy": float(is_correct.mean())}})


def _points(
    rng: np.random.Generator, rows: int, centers: NDArray[np.float64]
) -> tuple[dict[str, NDArray[np.float32]], NDArray[np.bool_]]:
    label = rng.integers(0, CLASSES, rows)
    points = centers[label] + rng.standard_normal((rows, FEATURES))
    is_correct = (points @ centers.T).argmax(axis=1) == label
    one_hot = np.eye(CLASSES, dtype=np.float32)[label]
    return {"points": points.astype(np.float32), "label": one_hot}, is_correct
