"""Pictures that are changed at random in training, each by a draw of its own.

Channels stand last. Layerloom draws by seed, layer, epoch and row, so that neither batches nor an
interruption change what becomes of a picture. Anywhere else torch's generator draws.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional


class Augmentation(nn.Module):
    """Base of what changes each picture at random, in training only.

    Shapes: x (batch, height, width, channels) -> (batch, height, width, channels), unchanged.
    Args:
        ranges: from where to where each amount is drawn.

    drawn: numbers from 0 to 1 that were drawn for this batch, (batch, ranges); None has torch draw.
    """

    drawn: Tensor | None = None

    def __init__(self, *ranges: tuple[float, float]) -> None:
        super().__init__()
        self.ranges = ranges

    def forward(self, x: Tensor) -> Tensor:
        """Return the pictures changed, or as they came where nothing is trained."""
        return self.changed(x, *self.amounts(len(x))) if self.training else x

    def amounts(self, rows: int) -> list[Tensor]:
        """Return by how much each picture is changed, in each way.

        Why: double precision on the processor, so that no batch and no device rounds otherwise.
        """
        drawn = self.drawn
        if drawn is None:
            drawn = torch.rand(rows, len(self.ranges), dtype=torch.float64)
        parts = zip(self.ranges, drawn.unbind(1), strict=True)
        return [low + (high - low) * part for (low, high), part in parts]

    def changed(self, x: Tensor, *amounts: Tensor) -> Tensor:
        """Return the pictures changed by these amounts, (batch,) each."""
        raise NotImplementedError


class RandomFlip(Augmentation):
    """Mirrors every other picture, along each axis by itself.

    Args:
        axes: 1 turns it upside down, 2 swaps left and right.
    """

    def __init__(self, axes: Sequence[int]) -> None:
        super().__init__(*[(0.0, 1.0) for _ in axes])
        self.axes = axes

    def changed(self, x: Tensor, *amounts: Tensor) -> Tensor:
        """Mirror where the amount is below one half."""
        for axis, amount in zip(self.axes, amounts, strict=True):
            x = torch.where(beside(amount < 0.5, x), x.flip(axis), x)
        return x


class RandomContrast(Augmentation):
    """Moves all values of a picture away from the mean of their channel, or towards it.

    Args:
        factors: from where to where the factor is drawn; 1 changes nothing.
        value_range: what is beyond is cut off; None cuts nothing.
    """

    def __init__(
        self, factors: tuple[float, float], value_range: tuple[float, float] | None
    ) -> None:
        super().__init__(factors)
        self.value_range = value_range

    def changed(self, x: Tensor, *amounts: Tensor) -> Tensor:
        """Multiply the distances from the mean."""
        # One axis at a time: a mean over both may be added up otherwise for a single picture.
        mean = x.mean(1, keepdim=True).mean(2, keepdim=True)
        x = (x - mean) * beside(amounts[0], x).to(x.dtype) + mean
        return x if self.value_range is None else x.clamp(*self.value_range)


class Warp(Augmentation):
    """Base of what looks each pixel up at another place of the picture.

    Args:
        ranges: as for an `Augmentation`.
        fill_mode: what lies beyond the edges: "reflect", "wrap", "nearest" or "constant".
        interpolation: "bilinear" or "nearest".
        fill_value: what lies beyond, with "constant".
    """

    def __init__(
        self,
        *ranges: tuple[float, float],
        fill_mode: str = "reflect",
        interpolation: str = "bilinear",
        fill_value: float = 0.0,
    ) -> None:
        super().__init__(*ranges)
        self.fill_mode = fill_mode
        self.interpolation = interpolation
        self.fill_value = fill_value

    def place(self, height: int, width: int, *amounts: Tensor) -> tuple[Tensor, ...]:
        """Return the row and the column to look up, of a pixel `down` and `right` of the middle.

        Returns:
            Factor of down, factor of right and shift of the row; then those of the column.
        """
        raise NotImplementedError

    def changed(self, x: Tensor, *amounts: Tensor) -> Tensor:
        """Look every pixel up."""
        height, width = x.shape[1:3]
        wide = x.to(torch.promote_types(x.dtype, torch.float32))
        told = torch.stack(self.place(height, width, *amounts), 1).to(wide)
        a, b, c, d, e, f = told.view(-1, 6, 1, 1).unbind(1)
        down = torch.arange(height).to(wide).view(-1, 1) - (height - 1) / 2
        right = torch.arange(width).to(wide) - (width - 1) / 2
        row = a * down + b * right + c + (height - 1) / 2
        column = d * down + e * right + f + (width - 1) / 2
        return self.looked_up(wide, row, column).to(x.dtype)

    def looked_up(self, x: Tensor, row: Tensor, column: Tensor) -> Tensor:
        """Return the values at fractions of rows and columns, (batch, height, width) each."""
        if self.fill_mode == "wrap":
            # The first ones come after the last ones, and nothing lies beyond.
            row, column = row % x.shape[1], column % x.shape[2]
            x = torch.cat([x, x[:, :1]], 1)
            x = torch.cat([x, x[:, :, :1]], 2)
        height, width = x.shape[1:3]
        # From -1 to 1 between the outer edges of the outermost pixels.
        grid = torch.stack([(2 * column + 1) / width - 1, (2 * row + 1) / height - 1], -1)
        found = functional.grid_sample(
            (x - self.fill_value).permute(0, 3, 1, 2),
            grid,
            mode=self.interpolation,
            padding_mode={"reflect": "reflection", "constant": "zeros"}.get(
                self.fill_mode, "border"
            ),
            align_corners=False,
        )
        return found.permute(0, 2, 3, 1) + self.fill_value


class RandomTranslation(Warp):
    """Moves each picture down and to the right, by fractions of its height and width."""

    def place(self, height: int, width: int, *amounts: Tensor) -> tuple[Tensor, ...]:
        """Look up as far above and to the left."""
        down, right = amounts
        one, none = torch.ones_like(down), torch.zeros_like(down)
        return one, none, -down * height, none, one, -right * width


class RandomRotation(Warp):
    """Turns each picture about its middle, by fractions of a full turn."""

    def place(self, height: int, width: int, *amounts: Tensor) -> tuple[Tensor, ...]:
        """Look up as far clockwise."""
        cos, sin = torch.cos(amounts[0] * math.tau), torch.sin(amounts[0] * math.tau)
        none = torch.zeros_like(cos)
        return cos, sin, none, -sin, cos, none


class RandomZoom(Warp):
    """Makes each picture smaller about its middle, or larger where an amount is below 0.

    Of two amounts the first is that of the height; one alone holds for both.
    """

    def place(self, height: int, width: int, *amounts: Tensor) -> tuple[Tensor, ...]:
        """Look up farther from the middle, or nearer."""
        down, right = 1 + amounts[0], 1 + amounts[-1]
        none = torch.zeros_like(down)
        return down, none, none, none, right, none


def beside(amounts: Tensor, x: Tensor) -> Tensor:
    """Return one value for each picture, to be spread over it."""
    return amounts.to(x.device).view(-1, 1, 1, 1)
