"""Pictures, by their paths, as numbers of one size."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import numpy as np
from pydantic import Field

from engine.core.diagnostic import Diagnostic, Fix, Refused
from engine.data.encoders.base import ENCODERS, Array, Encoder, Fitter, Wanted
from engine.data.encoders.categories import texts
from engine.data.readers.images import find, load
from engine.data.table.column_types import Column
from engine.data.table.dtypes import over_limit
from engine.recipe import encoding
from engine.recipe.encoding import Pixels

LIMIT = 4 * 2**30  # bytes of pictures that are held at once
_RANGES: Mapping[Pixels, tuple[float, float]] = MappingProxyType(
    {"unit": (0.0, 255.0), "symmetric": (127.5, 127.5), "none": (0.0, 1.0)}
)


@ENCODERS.add()
class Image(Encoder):
    """Pictures of one size; channels come last."""

    size: tuple[int, int] = Field(description="Height and width.")
    channels: int = Field(3, description="1 for grey, 3 for colours.")
    scale: Pixels = Field("unit", description="Range of the numbers.")

    def describe(self) -> str:
        """Return size and range."""
        low, span = _RANGES[self.scale]
        height, width = self.size
        pixels = f"{height} x {width} pixels and {self.channels} channels"
        return f"pictures of {pixels}, (value - {low:g}) / {span:g}"

    def transform(self, column: Column, name: str, folder: Path = Path()) -> Array:
        """Return pixels of shape (rows, height, width, channels).

        Raises:
            Refused: naming the rows whose picture is elsewhere, missing or damaged.
        """
        need = 4 * len(column) * self.size[0] * self.size[1] * self.channels
        if need > LIMIT:
            advice = "Bring them to a smaller size, or use fewer rows."
            what = f'the pictures of "{name}" are'
            raise Refused(over_limit(what, f"column {name}", need, LIMIT, advice))
        pixels = load(find(texts(column), name, folder), name, self.size, self.channels)
        low, span = _RANGES[self.scale]
        values = np.subtract(pixels, low, dtype=np.float32)
        return np.divide(values, np.float32(span), out=values)


class ImageFitter(Fitter):
    """Takes the size that was asked, or the Input's; looks at no picture."""

    def __init__(self, asked: encoding.Image, wanted: Wanted) -> None:
        self._asked = asked
        self._wanted = wanted

    def add(self, column: Column) -> None:
        """Take the next rows in."""

    def done(self) -> Image:
        """Return the size.

        Raises:
            Refused: if neither the encoding nor the Input has one.
        """
        own = (self._wanted.size(0), self._wanted.size(1))
        size = self._asked.size or own
        if size[0] is None or size[1] is None:
            raise Refused(_no_size())
        given = self._asked.channels or self._wanted.size(2)
        channels = given if given in (1, 3) else 1 if len(self._wanted.shape) == 2 else 3
        return Image(size=(size[0], size[1]), channels=channels, scale=self._asked.scale)


def _no_size() -> Diagnostic:
    return Diagnostic(
        "size-unknown",
        "pictures need a size, since the Input has none of its own",
        found="no size",
        expected='an Input of shape [height, width, channels], or "size" in the encoding',
        fixes=(Fix("Set the shape of the Input, such as [64, 64, 3]."),),
    )
