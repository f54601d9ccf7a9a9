"""Loss weighting: methods that adapt the loss weights of several outputs during training."""

from __future__ import annotations

from pydantic import Field

from engine.core.registry import Registry
from engine.core.schema import Schema


class LossWeightingSettings(Schema):
    """The base of all loss weighting methods.

    Each method multiplies the loss of an output by a learned factor, in addition to the fixed
    loss_weight of the output. Reported scores use the fixed weights only, so that epochs and runs
    stay comparable.
    """


LOSS_WEIGHTINGS: Registry[LossWeightingSettings] = Registry("loss weighting")
LossWeightingField = LOSS_WEIGHTINGS.field_type(LossWeightingSettings)


@LOSS_WEIGHTINGS.register(name="uncertainty")
class Uncertainty(LossWeightingSettings):
    """Weights each loss by the learned uncertainty of its target: noisier targets weigh less.

    With s, the learned logarithm of the variance, a regression loss is multiplied by exp(-s) / 2
    and a classification loss by exp(-s). The term s / 2 is added to the loss to keep s bounded.

    Source: Kendall, Gal and Cipolla 2018, Multi-Task Learning Using Uncertainty to Weigh Losses
        for Scene Geometry and Semantics, arXiv:1705.07115, equations 5, 7 and 10.
    """

    start: float = Field(0.0, ge=-20, le=20, description="The initial logarithm of the variances.")
    learning_rate: float | None = Field(
        None,
        gt=0,
        allow_inf_nan=False,
        description="The learning rate of the variances, before the schedule; null uses "
        "that of the optimizer.",
    )


@LOSS_WEIGHTINGS.register(name="gradnorm")
class GradNorm(LossWeightingSettings):
    """Equalizes the gradients of all losses, with more weight on outputs that learn slowly.

    Each loss has a learned factor; the factors sum to the number of outputs. To adapt the factors,
    the gradient norms of the losses are compared in the last layer that all outputs share.

    Source: Chen, Badrinarayanan, Lee and Rabinovich 2018, GradNorm: Gradient Normalization for
        Adaptive Loss Balancing in Deep Multitask Networks, arXiv:1711.02257, algorithm 1.
    """

    alpha: float = Field(
        1.5, ge=0, le=20, description="Balancing strength (alpha): higher favors slow outputs."
    )
    learning_rate: float = Field(
        0.025,
        gt=0,
        allow_inf_nan=False,
        description="The learning rate of the factors, before the schedule.",
    )
    layer: str | None = Field(
        None, description="The layer whose gradients are compared; null uses the last shared one."
    )
