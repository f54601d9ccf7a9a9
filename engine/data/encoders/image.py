"""Encodes paths of image files as pixel arrays of the same size."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import numpy as np
from pydantic import Field

from engine.core.diagnostic import diagnostic_error
from engine.data.encoders.base import ENCODERS, Encoder, Fitter, PortRequirement
from engine.data.encoders.categories import to_text
from engine.data.readers.images import load_images, resolve_image_paths
from engine.data.table.array import Array
from engine.data.table.column_types import Column
from engine.data.table.dtypes import size_limit_error
from engine.recipe import encoding
from engine.recipe.encoding import PixelRange

MAX_IMAGE_BYTES = 4 * 2**30  # the maximum size of a column of images in memory, in bytes
_RANGES: Mapping[PixelRange, tuple[float, float]] = MappingProxyType(
    {"unit": (0.0, 255.0), "symmetric": (127.5, 127.5), "none": (0.0, 1.0)}
)


@ENCODERS.register("Image", name="image")
class ImageEncoder(Encoder):
    """Encodes images as pixels, channels last. All images are resized to the same size."""

    size: tuple[int, int] = Field(description="Height and width.")
    channels: int = Field(3, description="1 for grayscale, 3 for RGB.")
    scale: PixelRange = Field("unit", description="The range of the values.")

    def describe(self) -> str:
        """Return text that describes the size of the images and the scaling of the pixel values."""
        low, span = _RANGES[self.scale]
        height, width = self.size
        pixels = f"{height} x {width} pixels and {self.channels} channels"
        return f"images of {pixels}, (value - {low:g}) / {span:g}"

    def transform(self, column: Column, name: str, folder: Path = Path()) -> Array:
        """Return scaled pixels, of shape (rows, height, width, channels).

        Raises:
            DiagnosticError: with the rows whose image is missing, damaged or outside the folder.
        """
        byte_count = 4 * len(column) * self.size[0] * self.size[1] * self.channels
        if byte_count > MAX_IMAGE_BYTES:
            advice = "Use a smaller size, or fewer rows."
            what = f'the images of "{name}" are'
            raise size_limit_error(what, f"column {name}", byte_count, MAX_IMAGE_BYTES, advice)
        paths = resolve_image_paths(to_text(column), name, folder)
        pixels = load_images(paths, name, self.size, self.channels)
        low, span = _RANGES[self.scale]
        values = np.subtract(pixels, low, dtype=np.float32)
        return np.divide(values, np.float32(span), out=values)


class ImageFitter(Fitter):
    """Creates the `ImageEncoder` of a column, without reading its images.

    The image size is that of the encoding settings. If they contain no size, the image size is
    that of the Input node's shape.
    """

    def __init__(self, settings: encoding.Image, requirement: PortRequirement) -> None:
        self._settings = settings
        self._requirement = requirement

    def add(self, column: Column) -> None:
        """Ignore the rows, which don't affect the encoder."""

    def finish(self) -> ImageEncoder:
        """Return the encoder.

        Raises:
            DiagnosticError: if neither the encoding nor the Input defines an image size.
        """
        settings, port = self._settings, self._requirement
        height, width = settings.size or (port.axis_size(0), port.axis_size(1))
        if height is None or width is None:
            raise diagnostic_error(
                "size-unknown",
                "images need a size, since the Input has no fixed shape",
                "Set the shape of the Input, such as [64, 64, 3].",
                found="no size",
                expected='an Input of shape [height, width, channels], or "size" in the encoding',
            )
        channels = settings.channels or port.axis_size(2)
        if channels is None or channels not in (1, 3):
            channels = 1 if len(port.shape) == 2 else 3
        return ImageEncoder(size=(height, width), channels=channels, scale=settings.scale)
