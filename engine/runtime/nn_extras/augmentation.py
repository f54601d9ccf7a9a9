"""Image augmentation: random changes of each image in training.

Images have channels last. The random numbers depend only on seed, layer, epoch and row, not on
batch size or interruptions. Exported modules use torch's generator instead.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional


class Augmentation(nn.Module):
    """Base class of layers that change images randomly, in training only.

    Shapes: x (batch, height, width, channels) -> (batch, height, width, channels).
    Args:
        ranges: lower and upper bound of each amount by which an image is changed.

    Attributes:
        drawn: random numbers from 0 to 1 for the next call, of shape (batch, len(ranges)); if
            None, each call makes them with torch's generator.
    """

    drawn: Tensor | None

    def __init__(self, *ranges: tuple[float, float]) -> None:
        super().__init__()
        self.ranges = ranges
        self.register_buffer("drawn", None, persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """Return the changed images in training, otherwise `x`."""
        return self.transform(x, *self.amounts(len(x))) if self.training else x

    def amounts(self, rows: int) -> list[Tensor]:
        """Return random amounts for `rows` images: a tensor of shape (rows,) for each of `ranges`.

        Why: the amounts are computed on the CPU in double precision, so that their rounding does
            not depend on batch or device.
        """
        drawn = self.drawn
        if drawn is None:
            drawn = torch.rand(rows, len(self.ranges), dtype=torch.float64)
        parts = zip(self.ranges, drawn.unbind(1), strict=True)
        return [low + (high - low) * part for (low, high), part in parts]

    def transform(self, x: Tensor, *amounts: Tensor) -> Tensor:
        """Return the images changed by these amounts, which are tensors of shape (batch,)."""
        raise NotImplementedError


class RandomFlip(Augmentation):
    """Flips images with probability 1/2, independently along each axis.

    Args:
        axes: 1 for a vertical flip (upside down), 2 for a horizontal flip (left to right).
    """

    def __init__(self, axes: Sequence[int]) -> None:
        super().__init__(*[(0.0, 1.0) for _ in axes])
        self.axes = axes

    def transform(self, x: Tensor, *amounts: Tensor) -> Tensor:
        """Return the images, flipped along each axis whose amount for the image is below 0.5."""
        for axis, amount in zip(self.axes, amounts, strict=True):
            x = torch.where(per_image(amount < 0.5, x), x.flip(axis), x)
        return x


class RandomContrast(Augmentation):
    """Scales the contrast, which is the difference between values and the mean of their channel.

    Args:
        factors: lower and upper bound of the random factor; a factor of 1 changes nothing.
        value_range: bounds to which values are clipped; None for no clipping.
    """

    def __init__(
        self, factors: tuple[float, float], value_range: tuple[float, float] | None
    ) -> None:
        super().__init__(factors)
        self.value_range = value_range

    def transform(self, x: Tensor, *amounts: Tensor) -> Tensor:
        """Return the images, each with its contrast scaled by its factor in `amounts[0]`."""
        # One axis at a time: torch may sum over two axes in another order for a single image.
        mean = x.mean(1, keepdim=True).mean(2, keepdim=True)
        x = (x - mean) * per_image(amounts[0], x).to(x.dtype) + mean
        return x if self.value_range is None else x.clamp(*self.value_range)


class Warp(Augmentation):
    """Base class of affine transformations of images.

    An output pixel at (down, right) has the value of the image at (row, column). Both positions are
    relative to the center. A subclass computes the coefficients a to f.

        row = a down + b right + c,   column = d down + e right + f

    Args:
        ranges: lower and upper bound of each amount by which an image is changed.
        fill_mode: how values outside the image are found: "reflect", "wrap", "nearest", "constant".
        interpolation: "bilinear" or "nearest".
        fill_value: value outside the image for the mode "constant".
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

    def coefficients(self, height: int, width: int, *amounts: Tensor) -> tuple[Tensor, ...]:
        """Return coefficients a to f of `Warp`, each of shape (batch,), for random `amounts`."""
        raise NotImplementedError

    def transform(self, x: Tensor, *amounts: Tensor) -> Tensor:
        """Return the images warped by these amounts, which are tensors of shape (batch,)."""
        height, width = x.shape[1:3]
        wide = x.to(torch.promote_types(x.dtype, torch.float32))
        stacked = torch.stack(self.coefficients(height, width, *amounts), 1).to(wide)
        a, b, c, d, e, f = stacked.view(-1, 6, 1, 1).unbind(1)
        down = torch.arange(height).to(wide).view(-1, 1) - (height - 1) / 2
        right = torch.arange(width).to(wide) - (width - 1) / 2
        row = a * down + b * right + c + (height - 1) / 2
        column = d * down + e * right + f + (width - 1) / 2
        return self.sample(wide, row, column).to(x.dtype)

    def sample(self, x: Tensor, row: Tensor, column: Tensor) -> Tensor:
        """Return images `x`, sampled at fractional `row` and `column` (batch, height, width)."""
        if self.fill_mode == "wrap":
            # Periodic images: the first row and column follow the last ones.
            row, column = row % x.shape[1], column % x.shape[2]
            x = torch.cat([x, x[:, :1]], 1)
            x = torch.cat([x, x[:, :, :1]], 2)
        height, width = x.shape[1:3]
        # grid_sample expects coordinates from -1 to 1, between the outer edges of the image.
        grid = torch.stack([(2 * column + 1) / width - 1, (2 * row + 1) / height - 1], -1)
        sampled = functional.grid_sample(
            (x - self.fill_value).permute(0, 3, 1, 2),
            grid,
            mode=self.interpolation,
            padding_mode={"reflect": "reflection", "constant": "zeros"}.get(
                self.fill_mode, "border"
            ),
            align_corners=False,
        )
        return sampled.permute(0, 2, 3, 1) + self.fill_value


class RandomTranslation(Warp):
    """Translates images down and to the right, by fractions of their height and width."""

    def coefficients(self, height: int, width: int, *amounts: Tensor) -> tuple[Tensor, ...]:
        """Return the coefficients a to f of `Warp`; `amounts` are the fractions (down, right)."""
        down, right = amounts
        one, zero = torch.ones_like(down), torch.zeros_like(down)
        return one, zero, -down * height, zero, one, -right * width


class RandomRotation(Warp):
    """Rotates images about their center, by fractions of a full turn."""

    def coefficients(self, height: int, width: int, *amounts: Tensor) -> tuple[Tensor, ...]:
        """Return coefficients a to f of `Warp` that rotate images by `amounts[0]` full turns."""
        cos, sin = torch.cos(amounts[0] * math.tau), torch.sin(amounts[0] * math.tau)
        zero = torch.zeros_like(cos)
        return cos, sin, zero, -sin, cos, zero


class RandomZoom(Warp):
    """Shrinks images about their center by random amounts; negative amounts enlarge the images.

    The height is divided by 1 + the first amount, the width by 1 + the last amount.
    """

    def coefficients(self, height: int, width: int, *amounts: Tensor) -> tuple[Tensor, ...]:
        """Return the coefficients a to f of `Warp`: pixels are sampled farther from the center."""
        down, right = 1 + amounts[0], 1 + amounts[-1]
        zero = torch.zeros_like(down)
        return down, zero, zero, zero, right, zero


def per_image(amounts: Tensor, x: Tensor) -> Tensor:
    """Return the amounts with shape (batch, 1, 1, 1), on the device of the images `x`."""
    return amounts.to(x.device).view(-1, 1, 1, 1)
