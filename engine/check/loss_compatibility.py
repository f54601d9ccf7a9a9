"""Does a loss fit what it is fed: the activation, the shape, the kind of number."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from engine.core.diagnostic import Diagnostic, Fix, set_params_fix
from engine.core.tensor_spec import DynamicLength, TensorSpec
from engine.layers.io import Output
from engine.objectives.classification import BinaryCrossentropy, CategoricalCrossentropy
from engine.objectives.loss import LOSSES, Loss
from engine.objectives.regression import MeanSquaredLogarithmicError

# Curves that answer between 0 and 1, each value by itself, and those that never go below 0.
SIGMOIDS = frozenset({"sigmoid", "hard_sigmoid", "sparse_sigmoid"})
CLIPPED = frozenset({"relu", "relu6"})
POSITIVE = SIGMOIDS | CLIPPED | {"softmax", "softplus", "exponential", "squareplus", "sparse_plus"}


@dataclass(frozen=True)
class Fed:
    """An Output with what feeds it.

    Args:
        node: the name of the Output.
        output, spec: its layer, and what comes in.
        feeder: the node whose activation decides.
        curve: that activation, None if it can't be told.
        bendable: True if the feeder has a parameter `activation` that may be set.
    """

    node: str
    output: Output
    spec: TensorSpec
    feeder: str
    curve: str | None
    bendable: bool

    @property
    def units(self) -> int | None:
        """Size of the last axis, None while it is free."""
        last = self.spec.shape[-1] if self.spec.shape else 1
        return last if isinstance(last, int) else None

    def set_loss(self, text: str, loss: Loss | None) -> Fix:
        """Return a fix that gives the Output another loss."""
        plain = None if loss is None else LOSSES.to_plain_json(loss)
        return set_params_fix(text, loss=plain).at_node(self.node)

    def set_curve(self, curve: str) -> Fix:
        """Return a fix that changes the activation, by itself where there is a parameter for it."""
        text = f'Set the activation of {self.feeder} to "{curve}".'
        if not self.bendable:
            return Fix(f"Put an Activation {curve} behind {self.feeder}.")
        return set_params_fix(text, activation=curve).at_node(self.feeder)


def loss_fits(fed: Fed) -> Iterator[Diagnostic]:
    """Say what is wrong with the loss; each fault of the shape hides those that follow from it."""
    loss = fed.output.loss
    if loss is None:
        return
    if fed.spec.dtype != "float32":
        yield _no_number(fed)
    elif fed.curve == "softmax" and fed.units == 1:
        yield _softmax_on_one(fed)
    elif loss.link == "softmax" and (fed.units is None or fed.units < 2):
        yield _no_classes(fed, loss)
    elif fed.curve is not None:
        yield from _bent(fed, loss, fed.curve)


def _bent(fed: Fed, loss: Loss, curve: str) -> Iterator[Diagnostic]:
    if loss.takes_logits:
        if curve != "linear":
            yield _logits_twice(fed, loss, curve)
    elif loss.link != "any":
        if curve not in _wanted(loss):
            yield _unfit(fed, loss, curve)
    elif loss.form == "number" and curve == "softmax":
        yield _on_softmax(fed, loss)
    elif (
        loss.form == "number"
        and curve in CLIPPED
        and not isinstance(loss, MeanSquaredLogarithmicError)
    ):
        yield _clipped(fed, loss, curve)


def _wanted(loss: Loss) -> frozenset[str]:
    if loss.link == "positive":
        return POSITIVE
    return SIGMOIDS if loss.link == "sigmoid" else frozenset({"softmax"})


def _unfit(fed: Fed, loss: Loss, curve: str) -> Diagnostic:
    name = LOSSES.name_of(loss)
    wanted = "softplus" if loss.link == "positive" else loss.link
    if loss.link == "positive":
        why = f"{curve} answers may be negative, and have no logarithm then"
    elif curve == "softmax":
        why = "softmax makes the answers compete, the loss takes each for itself"
    elif curve in SIGMOIDS:
        why = "each answer is a probability by itself, they do not sum to 1"
    else:
        why = f"{curve} answers are no probabilities"
    return Diagnostic(
        "activation-unfit",
        f"{name} does not fit {curve} answers",
        node=fed.node,
        param="loss",
        found=f"{curve} ({fed.feeder})",
        expected=wanted if loss.link != "positive" else "positive answers, such as softplus",
        why=why,
        fixes=tuple(_ways_to_fit(fed, loss, curve, wanted)),
    )


def _ways_to_fit(fed: Fed, loss: Loss, curve: str, wanted: str) -> Iterator[Fix]:
    if curve == "softmax" and loss.link == "sigmoid":
        yield fed.set_loss("Use categorical_crossentropy.", CategoricalCrossentropy())
    yield fed.set_curve(wanted)
    if curve == "linear" and loss.can_take_logits:
        yield fed.set_loss("Keep the scores and set from_logits.", loss.with_logits(True))
    if curve in SIGMOIDS and loss.link == "softmax":
        yield fed.set_loss(
            "Use binary_crossentropy, if several answers may be yes.", BinaryCrossentropy()
        )


def _logits_twice(fed: Fed, loss: Loss, curve: str) -> Diagnostic:
    straight = fed.set_curve("linear")
    off = fed.set_loss("Switch from_logits off.", loss.with_logits(False))
    return Diagnostic(
        "logits-twice",
        f"{LOSSES.name_of(loss)} with from_logits bends {curve} answers again",
        node=fed.node,
        param="loss",
        found=f"{curve} ({fed.feeder})",
        expected="linear",
        why=f"from_logits makes the loss apply {loss.link} itself",
        fixes=(off, straight) if curve in _wanted(loss) else (straight,),
    )


def _softmax_on_one(fed: Fed) -> Diagnostic:
    return Diagnostic(
        "softmax-on-one",
        "softmax over one unit is always 1, so nothing is learned",
        node=fed.node,
        found=f"softmax on 1 unit ({fed.feeder})",
        expected="sigmoid for yes or no, or a unit for each class",
        fixes=(fed.set_curve("sigmoid"), Fix("Give the layer one unit for each class.")),
    )


def _no_classes(fed: Fed, loss: Loss) -> Diagnostic:
    free = bool(fed.spec.shape) and isinstance(fed.spec.shape[-1], DynamicLength)
    binary = BinaryCrossentropy(from_logits=loss.takes_logits)
    return Diagnostic(
        "loss-shape",
        f"{LOSSES.name_of(loss)} needs one value for each class",
        node=fed.node,
        param="loss",
        found=str(fed.spec),
        expected="(batch, ..., classes) with at least 2 classes",
        fixes=(Fix("Put a Dense with one unit for each class in front."),)
        if free
        else (
            fed.set_loss("Use binary_crossentropy for yes or no.", binary),
            Fix("Give the last layer one unit for each class."),
        ),
    )


def _no_number(fed: Fed) -> Diagnostic:
    return Diagnostic(
        "wrong-dtype",
        "can't be trained on whole numbers, they have no gradient",
        node=fed.node,
        port="x",
        found=fed.spec.dtype,
        expected="float32",
        fixes=(
            Fix("Put a layer with weights in front, such as Embedding and Dense."),
            fed.set_loss("Only predict.", None),
        ),
    )


def _on_softmax(fed: Fed, loss: Loss) -> Diagnostic:
    return Diagnostic(
        "regression-on-softmax",
        f"{LOSSES.name_of(loss)} learns slowly from probabilities",
        severity="warning",
        node=fed.node,
        param="loss",
        found=f"softmax ({fed.feeder})",
        expected="a linear layer for numbers, a cross-entropy for classes",
        why="where a softmax is sure and wrong, the gradient of such a loss nearly vanishes",
        fixes=(
            fed.set_loss("Use categorical_crossentropy.", CategoricalCrossentropy()),
            fed.set_curve("linear"),
        ),
    )


def _clipped(fed: Fed, loss: Loss, curve: str) -> Diagnostic:
    return Diagnostic(
        "output-clipped",
        f"{curve} in front of {LOSSES.name_of(loss)} never predicts a negative number",
        severity="warning",
        node=fed.node,
        param="loss",
        found=f"{curve} ({fed.feeder})",
        expected="linear, or softplus for positive numbers",
        why="where the unit is cut off its gradient is 0, and it may never recover",
        fixes=(fed.set_curve("linear"), fed.set_curve("softplus")),
    )
