"""How the weights of several losses find themselves while a network is trained."""

from __future__ import annotations

from pydantic import Field

from engine.core.registry import Family
from engine.core.schema import Schema


class Balance(Schema):
    """Base of all ways to balance losses.

    Each multiplies the loss of an output, on top of the output's own loss_weight, which says how
    much that output matters. Scores count by the outputs' own weights alone, so that epochs and
    runs compare.
    """


BALANCES: Family[Balance] = Family("balance")
BalanceField = BALANCES.field(Balance)


@BALANCES.add(name="uncertainty")
class Uncertainty(Balance):
    """Learns how noisy each output's target is, and trusts noisy ones less.

    A number's loss counts exp(-s) / 2, that of a class exp(-s), where s is the logarithm of the
    variance; s / 2 is added, else every s would grow for ever.

    Source: Kendall, Gal and Cipolla 2018, Multi-Task Learning Using Uncertainty to Weigh Losses
        for Scene Geometry and Semantics, arXiv:1705.07115, equations 5, 7 and 10.
    """

    start: float = Field(
        0.0, ge=-20, le=20, description="The logarithm of the variance at the start."
    )
    learning_rate: float | None = Field(
        None,
        gt=0,
        allow_inf_nan=False,
        description="Of these logarithms, before the schedule; null takes the optimizer's.",
    )


@BALANCES.add(name="gradnorm")
class GradNorm(Balance):
    """Lets every output pull at the shared layers about equally, those behind a little more.

    The factors sum to the number of outputs. Each follows the length of its loss' gradient on the
    last layer that all outputs share.

    Source: Chen, Badrinarayanan, Lee and Rabinovich 2018, GradNorm: Gradient Normalization for
        Adaptive Loss Balancing in Deep Multitask Networks, arXiv:1711.02257, algorithm 1.
    """

    alpha: float = Field(
        1.5, ge=0, le=20, description="How much more an output pulls that has learned less; 0 none."
    )
    learning_rate: float = Field(
        0.025, gt=0, allow_inf_nan=False, description="Of the factors, before the schedule."
    )
    layer: str | None = Field(
        None, description="The layer that gradients are measured on; null takes the last shared."
    )
