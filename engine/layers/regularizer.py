"""Regularizers of weights and outputs, by their Keras names."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, NonNegativeFloat

from engine.core.registry import Registry
from engine.core.schema import Schema


class Regularizer(Schema):
    """Base class of all regularizers."""

    def penalty(self, torch: Any, x: Any) -> Any:
        """Return the penalty on the tensor `x`, a scalar that is added to the total loss."""
        raise NotImplementedError(type(self).__name__)


REGULARIZERS: Registry[Regularizer] = Registry("regularizer")
RegularizerField = REGULARIZERS.field_type(Regularizer) | None


@REGULARIZERS.register(name="l1")
class L1(Regularizer):
    """L1 penalty: the sum of absolute values, which makes weights sparse."""

    l1: NonNegativeFloat = Field(0.01, description="Factor of the penalty.")

    def penalty(self, torch: Any, x: Any) -> Any:
        return self.l1 * torch.sum(torch.abs(x))


@REGULARIZERS.register(name="l2")
class L2(Regularizer):
    """L2 penalty: the sum of squares, which keeps weights small."""

    l2: NonNegativeFloat = Field(0.01, description="Factor of the penalty.")

    def penalty(self, torch: Any, x: Any) -> Any:
        return self.l2 * torch.sum(torch.square(x))


@REGULARIZERS.register("l1_l2", name="l1_l2")
class L1L2(Regularizer):
    """Sum of the L1 and the L2 penalty."""

    l1: NonNegativeFloat = Field(0.0, description="Factor of the L1 penalty.")
    l2: NonNegativeFloat = Field(0.0, description="Factor of the L2 penalty.")

    def penalty(self, torch: Any, x: Any) -> Any:
        # A sum with the factor 0 is skipped, because 0 * inf would be NaN.
        l1 = self.l1 * torch.sum(torch.abs(x)) if self.l1 else x.new_zeros(())
        return l1 + self.l2 * torch.sum(torch.square(x)) if self.l2 else l1


@REGULARIZERS.register()
class OrthogonalRegularizer(Regularizer):
    """Penalty on rows (or columns) of a matrix that are not orthogonal to each other."""

    factor: NonNegativeFloat = Field(0.01, description="Factor of the penalty.")
    mode: Literal["rows", "columns"] = Field(
        "rows", description="Whether rows or columns should be orthogonal."
    )

    def penalty(self, torch: Any, x: Any) -> Any:
        unit = torch.nn.functional.normalize(x, dim=1 if self.mode == "rows" else 0, eps=1e-6)
        gram = unit @ unit.T if self.mode == "rows" else unit.T @ unit
        off_diagonal = torch.abs(gram * (1 - torch.eye(len(gram), dtype=x.dtype, device=x.device)))
        pair_count = max(1, len(gram) * (len(gram) - 1) // 2)
        return self.factor * 0.5 * torch.sum(off_diagonal) / pair_count
