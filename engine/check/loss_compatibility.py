"""Checks of a loss against its input: activation, shape and dtype."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from engine.core.diagnostic import Diagnostic, Fix, set_params_fix
from engine.core.tensor_spec import DynamicLength, TensorSpec
from engine.layers.io import Output
from engine.objectives.classification import BinaryCrossentropy, CategoricalCrossentropy
from engine.objectives.loss import LOSSES, Loss
from engine.objectives.regression import MeanSquaredLogarithmicError

# Elementwise activations with outputs from 0 to 1, and activations with outputs of at least 0.
SIGMOIDS = frozenset({"sigmoid", "hard_sigmoid", "sparse_sigmoid"})
CLIPPED = frozenset({"relu", "relu6"})
POSITIVE = SIGMOIDS | CLIPPED | {"softmax", "softplus", "exponential", "squareplus", "sparse_plus"}


@dataclass(frozen=True)
class Fed:
    """The input of an Output.

    Args:
        node: name of the Output.
        output, spec: its layer and input spec.
        source: node whose activation determines the input.
        activation: that activation, None if unknown.
        can_set_activation: True if the source has the field `activation`.
    """

    node: str
    output: Output
    spec: TensorSpec
    feeder: str
    curve: str | None
    bendable: bool

    @property
    def units(self) -> int | None:
        """Size of the last axis, None if it is dynamic."""
        last = self.spec.shape[-1] if self.spec.shape else 1
        return last if isinstance(last, int) else None

    def set_loss(self, text: str, loss: Loss | None) -> Fix:
        """Return a fix that sets the loss of the Output."""
        value = None if loss is None else LOSSES.to_plain_json(loss)
        return set_params_fix(text, loss=value).at_node(self.node)

    def set_curve(self, curve: str) -> Fix:
        """Return a fix that sets the activation, or only advises to if the source has no field."""
        text = f'Set the activation of {self.feeder} to "{curve}".'
        if not self.bendable:
            return Fix(f"Add an Activation {curve} after {self.feeder}.")
        return set_params_fix(text, activation=curve).at_node(self.feeder)


def loss_fits(fed: Fed) -> Iterator[Diagnostic]:
    """Yield the diagnostics of a loss; one about dtype or shape hides those that follow from it."""
    loss = fed.output.loss
    if loss is None:
        return
    if fed.spec.dtype != "float32":
        yield _integer_input(fed)
    elif fed.curve == "softmax" and fed.units == 1:
        yield _softmax_on_one(fed)
    elif loss.link == "softmax" and (fed.units is None or fed.units < 2):
        yield _no_classes(fed, loss)
    elif fed.curve is not None:
        yield from _check_activation(fed, loss, fed.curve)


def _check_activation(fed: Fed, loss: Loss, curve: str) -> Iterator[Diagnostic]:
    if loss.takes_logits:
        if curve != "linear":
            yield _logits_twice(fed, loss, curve)
    elif loss.link != "any":
        if curve not in _accepted_activations(loss):
            yield _activation_mismatch(fed, loss, curve)
    elif loss.form == "number" and curve == "softmax":
        yield _regression_on_softmax(fed, loss)
    elif (
        loss.form == "number"
        and curve in CLIPPED
        and not isinstance(loss, MeanSquaredLogarithmicError)
    ):
        yield _output_clipped(fed, loss, curve)


def _accepted_activations(loss: Loss) -> frozenset[str]:
    if loss.link == "positive":
        return POSITIVE
    return SIGMOIDS if loss.link == "sigmoid" else frozenset({"softmax"})


def _activation_mismatch(fed: Fed, loss: Loss, curve: str) -> Diagnostic:
    name = LOSSES.name_of(loss)
    expected = "softplus" if loss.link == "positive" else loss.link
    if loss.link == "positive":
        why = f"{curve} can output negative values, for which the loss (a logarithm) is undefined"
    elif curve == "softmax":
        why = (
            "softmax outputs sum to 1 over the classes, but the loss treats each one independently"
        )
    elif curve in SIGMOIDS:
        why = "each output is an independent probability, so they do not sum to 1"
    else:
        why = f"{curve} outputs are not probabilities"
    return Diagnostic(
        "activation-unfit",
        f"{name} does not fit {curve} outputs",
        node=fed.node,
        param="loss",
        found=f"{curve} ({fed.feeder})",
        expected=expected if loss.link != "positive" else "positive outputs, such as softplus",
        why=why,
        fixes=tuple(_activation_fixes(fed, loss, curve, expected)),
    )


def _activation_fixes(fed: Fed, loss: Loss, curve: str, expected: str) -> Iterator[Fix]:
    if curve == "softmax" and loss.link == "sigmoid":
        yield fed.set_loss("Use categorical_crossentropy.", CategoricalCrossentropy())
    yield fed.set_curve(expected)
    if curve == "linear" and loss.can_take_logits:
        yield fed.set_loss("Keep the logits and set from_logits.", loss.with_logits(True))
    if curve in SIGMOIDS and loss.link == "softmax":
        yield fed.set_loss(
            "Use binary_crossentropy, if a row may have several classes.", BinaryCrossentropy()
        )


def _logits_twice(fed: Fed, loss: Loss, curve: str) -> Diagnostic:
    linear = fed.set_curve("linear")
    off = fed.set_loss("Set from_logits to false.", loss.with_logits(False))
    return Diagnostic(
        "logits-twice",
        f"{LOSSES.name_of(loss)} with from_logits expects logits, got {curve} outputs",
        node=fed.node,
        param="loss",
        found=f"{curve} ({fed.feeder})",
        expected="linear",
        why=f"from_logits makes the loss apply {loss.link} itself",
        fixes=(off, linear) if curve in _accepted_activations(loss) else (linear,),
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
    is_dynamic = bool(fed.spec.shape) and isinstance(fed.spec.shape[-1], DynamicLength)
    binary = BinaryCrossentropy(from_logits=loss.takes_logits)
    return Diagnostic(
        "loss-shape",
        f"{LOSSES.name_of(loss)} needs one value for each class",
        node=fed.node,
        param="loss",
        found=str(fed.spec),
        expected="(batch, ..., classes) with at least 2 classes",
        fixes=(Fix("Put a Dense with one unit for each class in front."),)
        if is_dynamic
        else (
            fed.set_loss("Use binary_crossentropy for yes or no.", binary),
            Fix("Give the last layer one unit for each class."),
        ),
    )


def _integer_input(fed: Fed) -> Diagnostic:
    return Diagnostic(
        "wrong-dtype",
        "can't be trained on integers, which have no gradient",
        node=fed.node,
        port="x",
        found=fed.spec.dtype,
        expected="float32",
        fixes=(
            Fix("Put a layer with weights in front, such as Embedding and Dense."),
            fed.set_loss("Only predict.", None),
        ),
    )


def _regression_on_softmax(fed: Fed, loss: Loss) -> Diagnostic:
    return Diagnostic(
        "regression-on-softmax",
        f"{LOSSES.name_of(loss)} learns slowly from probabilities",
        severity="warning",
        node=fed.node,
        param="loss",
        found=f"softmax ({fed.feeder})",
        expected="a linear layer for numbers, a cross-entropy for classes",
        why="where softmax is confident but wrong, the gradient of such a loss nearly vanishes",
        fixes=(
            fed.set_loss("Use categorical_crossentropy.", CategoricalCrossentropy()),
            fed.set_curve("linear"),
        ),
    )


def _output_clipped(fed: Fed, loss: Loss, curve: str) -> Diagnostic:
    return Diagnostic(
        "output-clipped",
        f"{curve} in front of {LOSSES.name_of(loss)} never predicts a negative number",
        severity="warning",
        node=fed.node,
        param="loss",
        found=f"{curve} ({fed.feeder})",
        expected="linear, or softplus for positive numbers",
        why="where the output is clipped its gradient is 0, so the unit may never recover",
        fixes=(fed.set_curve("linear"), fed.set_curve("softplus")),
    )
