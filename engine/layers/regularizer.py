"""Penalties on weights or outputs: Keras' regularisers by name."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, NonNegativeFloat

from engine.core.registry import Registry
from engine.core.schema import Schema


class Regularizer(Schema):
    """Base of all regularisers."""

    def penalty(self, torch: Any, x: Any) -> Any:
        """Return the penalty on the tensor `x`, a scalar that is added to the total loss."""
        raise NotImplementedError(type(self).__name__)


REGULARIZERS: Registry[Regularizer] = Registry("regularizer")
RegularizerField = REGULARIZERS.field_type(Regularizer) | None


@REGULARIZERS.register(name="l1")
class L1(Regularizer):
    """Sum of absolute values: pushes weights to exactly zero."""

    l1: NonNegativeFloat = Field(0.01, description="Factor on the sum.")

    def penalty(self, torch: Any, x: Any) -> Any:
        return self.l1 * torch.sum(torch.abs(x))


@REGULARIZERS.register(name="l2")
class L2(Regularizer):
    """Sum of squares: keeps weights small."""

    l2: NonNegativeFloat = Field(0.01, description="Factor on the sum.")

    def penalty(self, torch: Any, x: Any) -> Any:
        return self.l2 * torch.sum(torch.square(x))


@REGULARIZERS.register("l1_l2", name="l1_l2")
class L1L2(Regularizer):
    """Both sums together."""

    l1: NonNegativeFloat = Field(0.0, description="Factor on the absolute values.")
    l2: NonNegativeFloat = Field(0.0, description="Factor on the squares.")

    def penalty(self, torch: Any, x: Any) -> Any:
        # A factor of 0 leaves its sum out, even where that is infinite.
        one = self.l1 * torch.sum(torch.abs(x)) if self.l1 else x.new_zeros(())
        return one + self.l2 * torch.sum(torch.square(x)) if self.l2 else one


@REGULARIZERS.register()
class OrthogonalRegularizer(Regularizer):
    """Punishes rows (or columns) of a matrix that point the same way."""

    factor: NonNegativeFloat = Field(0.01, description="Factor on the sum.")
    mode: Literal["rows", "columns"] = Field("rows", description="What should be orthogonal.")

    def penalty(self, torch: Any, x: Any) -> Any:
        unit = torch.nn.functional.normalize(x, dim=1 if self.mode == "rows" else 0, eps=1e-6)
        products = unit @ unit.T if self.mode == "rows" else unit.T @ unit
        off = torch.abs(products * (1 - torch.eye(len(products), dtype=x.dtype, device=x.device)))
        return self.factor * 0.5 * torch.sum(off) / max(1, len(products) * (len(products) - 1) // 2)
