"""Small grayscale images: geometric shapes, and stereo images of a lamp."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Reals = NDArray[np.float64]

IMAGE_SIZE = 16  # pixels
SHAPES = ("disc", "square", "triangle", "cross")
NOISE = 0.2  # the standard deviation of pixels; the brightness of a shape is 0.6 to 1

MIN_DISTANCE, MAX_DISTANCE = 1.0, 5.0  # meters
UNIT_DISPARITY = 8.0  # the disparity in pixels of a lamp at a distance of one meter
LAMP_NOISE = 0.05


def shape_images(rng: np.random.Generator, rows: int) -> dict[str, NDArray[np.float32]]:
    """Return images that show a disc, square, triangle or cross of random position and size.

    Columns: picture, float32 of shape (16, 16, 1); figure, one-hot of shape (4,).
    """
    classes = rng.integers(0, len(SHAPES), rows)
    size = rng.uniform(3.5, 5.5, (rows, 1, 1))
    center = rng.uniform(5.5, 9.5, (2, rows, 1, 1))
    brightness = rng.uniform(0.6, 1.0, (rows, 1, 1))
    y, x = _offsets(center)
    max_offset = np.maximum(np.abs(y), np.abs(x))
    is_inside = np.stack(
        [
            np.hypot(y, x) <= size,
            max_offset <= 0.85 * size,
            (y <= 0.75 * size) & (y >= 2 * np.abs(x) - size),
            (max_offset <= size) & (np.minimum(np.abs(y), np.abs(x)) <= 0.3 * size),
        ]
    )[classes, np.arange(rows)]
    image = brightness * is_inside + rng.normal(0.0, NOISE, is_inside.shape)
    one_hot = np.eye(len(SHAPES), dtype=np.float32)[classes]
    return {"picture": image[..., None].astype(np.float32), "figure": one_hot}


def stereo_images(rng: np.random.Generator, rows: int) -> dict[str, NDArray[np.float32]]:
    """Return stereo images of a lamp; the disparity is inversely proportional to the distance.

    Columns: left and right, float32 of shape (16, 16, 1); distance, float32, in meters.
    """
    distance = rng.uniform(MIN_DISTANCE, MAX_DISTANCE, rows)
    center = rng.uniform((4.0, 5.5), (11.0, 9.5), (rows, 2)).T[..., None, None]
    # The width is independent of the distance, so that one image alone does not reveal it.
    width = rng.uniform(1.0, 2.0, (rows, 1, 1))
    half_disparity = (UNIT_DISPARITY / distance / 2)[:, None, None]
    columns = {}
    for name, shift in (("left", half_disparity), ("right", -half_disparity)):
        y, x = _offsets(center + np.stack([np.zeros_like(shift), shift]))
        lamp = np.exp(-(y**2 + x**2) / (2 * width**2))
        image = lamp + rng.normal(0.0, LAMP_NOISE, lamp.shape)
        columns[name] = image[..., None].astype(np.float32)
    return {**columns, "distance": distance.astype(np.float32)}


def _offsets(center: Reals) -> tuple[Reals, Reals]:
    """Return the vertical and the horizontal offset of each pixel from the object in its image.

    `center` has the y and x of the object in each image, in an array of shape (2, rows, 1, 1).
    """
    pixels = np.arange(IMAGE_SIZE, dtype=np.float64)
    return pixels[:, None] - center[0], pixels[None, :] - center[1]
