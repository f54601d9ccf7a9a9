"""Small grey pictures: one figure on each, or one lamp as two cameras beside each other see it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.data.samples.base import Sample

Reals = NDArray[np.float64]

SIDE = 16  # pixels
FIGURES = ("disc", "square", "triangle", "cross")
NOISE = 0.2  # deviation of a pixel, where a figure is 0.6 to 1 bright

NEAREST, FARTHEST = 1.0, 5.0  # metres
SHIFT = 8.0  # pixels between both pictures of a lamp one metre away
LAMP_NOISE = 0.05


def figures(rows: int, held_out: int, seed: int) -> Sample:
    """Make pictures of a disc, a square, a triangle or a cross, anywhere and of any size.

    Columns: picture float32 (16, 16, 1), figure one-hot (4,).
    """
    rng = np.random.Generator(np.random.Philox(seed))
    train, test = _figures(rng, rows), _figures(rng, held_out)
    return Sample(train, test, {"figure": {"accuracy": 1.0}})


def _figures(rng: np.random.Generator, rows: int) -> dict[str, NDArray[np.float32]]:
    which = rng.integers(0, len(FIGURES), rows)
    size = rng.uniform(3.5, 5.5, (rows, 1, 1))
    middle = rng.uniform(5.5, 9.5, (2, rows, 1, 1))
    bright = rng.uniform(0.6, 1.0, (rows, 1, 1))
    down, across = _from(middle)
    reach = np.maximum(np.abs(down), np.abs(across))
    inside = np.stack(
        [
            np.hypot(down, across) <= size,
            reach <= 0.85 * size,
            (down <= 0.75 * size) & (down >= 2 * np.abs(across) - size),
            (reach <= size) & (np.minimum(np.abs(down), np.abs(across)) <= 0.3 * size),
        ]
    )[which, np.arange(rows)]
    picture = bright * inside + rng.normal(0.0, NOISE, inside.shape)
    one_hot = np.eye(len(FIGURES), dtype=np.float32)[which]
    return {"picture": picture[..., None].astype(np.float32), "figure": one_hot}


def two_cameras(rows: int, held_out: int, seed: int) -> Sample:
    """Make pictures of a lamp by a left and a right camera: the nearer, the farther apart.

    Columns: left and right float32 (16, 16, 1), distance float32 in metres.
    """
    rng = np.random.Generator(np.random.Philox(seed))
    return Sample(_seen(rng, rows), _seen(rng, held_out))


def _seen(rng: np.random.Generator, rows: int) -> dict[str, NDArray[np.float32]]:
    distance = rng.uniform(NEAREST, FARTHEST, rows)
    middle = rng.uniform((4.0, 5.5), (11.0, 9.5), (rows, 2)).T[..., None, None]
    # As wide at any distance, so that one picture alone does not tell it.
    width = rng.uniform(1.0, 2.0, (rows, 1, 1))
    half = (SHIFT / distance / 2)[:, None, None]
    columns = {}
    for name, side in (("left", half), ("right", -half)):
        down, across = _from(middle + np.stack([np.zeros_like(side), side]))
        lamp = np.exp(-(down**2 + across**2) / (2 * width**2))
        picture = lamp + rng.normal(0.0, LAMP_NOISE, lamp.shape)
        columns[name] = picture[..., None].astype(np.float32)
    return {**columns, "distance": distance.astype(np.float32)}


def _from(middle: Reals) -> tuple[Reals, Reals]:
    """Return how far below and right of a middle each pixel lies, (rows, 16, 16) both."""
    place = np.arange(SIDE, dtype=np.float64)
    return place[:, None] - middle[0], place[None, :] - middle[1]
