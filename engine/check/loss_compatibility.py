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
POSITIVE_ACTIVATIONS = (
    SIGMOIDS | CLIPPED | {"softmax", "softplus", "exponential", "squareplus", "sparse_plus"}
)


@dataclass(frozen=True)
class OutputInput:
    """The input of an Output, with the activation that produces the input.

    Args:
        node: name of the Output.
        output: layer of the Output.
        spec: shape and dtype of the input.
        source: name of the node whose activation determines the input.
        activation: activation of the source, None if unknown.
        can_set_activation: True if the source has the field `activation`.
    """

    node: str
    output: Output
    spec: TensorSpec
    source: str
    activation: str | None
    can_set_activation: bool

    @property
    def unit_count(self) -> int | None:
        """Size of the last axis, None if it is dynamic."""
        last = self.spec.shape[-1] if self.spec.shape else 1
        return last if isinstance(last, int) else None

    def loss_fix(self, text: str, loss: Loss | None) -> Fix:
        """Return a fix, described by `text`, that sets or (if `loss` is None) removes the loss."""
        value = None if loss is None else LOSSES.to_plain_json(loss)
        return set_params_fix(text, loss=value).at_node(self.node)

    def activation_fix(self, activation: str) -> Fix:
        """Return a fix that sets the activation, without an edit if `source` has no such field."""
        text = f'Set the activation of {self.source} to "{activation}".'
        if not self.can_set_activation:
            return Fix(f"Add an Activation {activation} after {self.source}.")
        return set_params_fix(text, activation=activation).at_node(self.source)


def check_loss(output_input: OutputInput) -> Iterator[Diagnostic]:
    """Check whether the loss of an Output fits the Output's input; yield at most one diagnostic.

    The dtype and the last axis of the input are checked first, then the activation that produced
    the input.
    """
    loss = output_input.output.loss
    if loss is None:
        return
    if output_input.spec.dtype != "float32":
        yield _integer_input(output_input)
    elif output_input.activation == "softmax" and output_input.unit_count == 1:
        yield _softmax_on_one(output_input)
    elif loss.expected_activation == "softmax" and (
        output_input.unit_count is None or output_input.unit_count < 2
    ):
        yield _no_classes(output_input, loss)
    elif output_input.activation is not None:
        yield from _check_activation(output_input, loss, output_input.activation)


def _check_activation(output_input: OutputInput, loss: Loss, curve: str) -> Iterator[Diagnostic]:
    if loss.takes_logits:
        if curve != "linear":
            yield _logits_twice(output_input, loss, curve)
    elif loss.expected_activation != "any":
        if curve not in _accepted_activations(loss):
            yield _activation_mismatch(output_input, loss, curve)
    elif loss.target_form == "number" and curve == "softmax":
        yield _regression_on_softmax(output_input, loss)
    elif (
        loss.target_form == "number"
        and curve in CLIPPED
        and not isinstance(loss, MeanSquaredLogarithmicError)
    ):
        yield _output_clipped(output_input, loss, curve)


def _accepted_activations(loss: Loss) -> frozenset[str]:
    if loss.expected_activation == "positive":
        return POSITIVE_ACTIVATIONS
    return SIGMOIDS if loss.expected_activation == "sigmoid" else frozenset({"softmax"})


def _activation_mismatch(output_input: OutputInput, loss: Loss, curve: str) -> Diagnostic:
    name = LOSSES.name_of(loss)
    activation: str = loss.expected_activation
    expected = activation
    if activation == "positive":
        activation, expected = "softplus", "positive outputs, such as softplus"
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
        node=output_input.node,
        param="loss",
        found=f"{curve} ({output_input.source})",
        expected=expected,
        why=why,
        fixes=tuple(_activation_fixes(output_input, loss, curve, activation)),
    )


def _activation_fixes(
    output_input: OutputInput, loss: Loss, curve: str, expected: str
) -> Iterator[Fix]:
    if curve == "softmax" and loss.expected_activation == "sigmoid":
        yield output_input.loss_fix("Use categorical_crossentropy.", CategoricalCrossentropy())
    yield output_input.activation_fix(expected)
    if curve == "linear" and loss.can_take_logits:
        yield output_input.loss_fix("Keep the logits and set from_logits.", loss.with_logits(True))
    if curve in SIGMOIDS and loss.expected_activation == "softmax":
        text = "Use binary_crossentropy, if a row may have several classes."
        yield output_input.loss_fix(text, BinaryCrossentropy())


def _logits_twice(output_input: OutputInput, loss: Loss, curve: str) -> Diagnostic:
    linear = output_input.activation_fix("linear")
    off = output_input.loss_fix("Set from_logits to false.", loss.with_logits(False))
    return Diagnostic(
        "logits-twice",
        f"{LOSSES.name_of(loss)} with from_logits expects logits, got {curve} outputs",
        node=output_input.node,
        param="loss",
        found=f"{curve} ({output_input.source})",
        expected="linear",
        why=f"from_logits makes the loss apply {loss.expected_activation} itself",
        fixes=(off, linear) if curve in _accepted_activations(loss) else (linear,),
    )


def _softmax_on_one(output_input: OutputInput) -> Diagnostic:
    return Diagnostic.error(
        "softmax-on-one",
        "softmax over one unit is always 1, so nothing is learned",
        output_input.activation_fix("sigmoid"),
        "Give the layer one unit per class.",
        node=output_input.node,
        found=f"softmax on 1 unit ({output_input.source})",
        expected="sigmoid for binary classification, or one unit per class",
    )


def _no_classes(output_input: OutputInput, loss: Loss) -> Diagnostic:
    is_dynamic = bool(output_input.spec.shape) and isinstance(
        output_input.spec.shape[-1], DynamicLength
    )
    binary = BinaryCrossentropy(from_logits=loss.takes_logits)
    return Diagnostic(
        "loss-shape",
        f"{LOSSES.name_of(loss)} needs one value per class",
        node=output_input.node,
        param="loss",
        found=str(output_input.spec),
        expected="(batch, ..., classes) with at least 2 classes",
        fixes=(Fix("Insert a Dense with one unit per class before it."),)
        if is_dynamic
        else (
            output_input.loss_fix("Use binary_crossentropy for binary classification.", binary),
            Fix("Give the last layer one unit per class."),
        ),
    )


def _integer_input(output_input: OutputInput) -> Diagnostic:
    return Diagnostic.error(
        "wrong-dtype",
        "can't be trained on integers, which have no gradient",
        "Insert a layer with weights before it, such as Embedding and Dense.",
        output_input.loss_fix("Set loss to null, so that it is not trained.", None),
        node=output_input.node,
        port="x",
        found=output_input.spec.dtype,
        expected="float32",
    )


def _regression_on_softmax(output_input: OutputInput, loss: Loss) -> Diagnostic:
    return Diagnostic.warning(
        "regression-on-softmax",
        f"{LOSSES.name_of(loss)} learns slowly from probabilities",
        output_input.loss_fix("Use categorical_crossentropy.", CategoricalCrossentropy()),
        output_input.activation_fix("linear"),
        node=output_input.node,
        param="loss",
        found=f"softmax ({output_input.source})",
        expected="a linear layer for numbers, a cross-entropy for classes",
        why="where softmax is confident but wrong, the gradient of such a loss nearly vanishes",
    )


def _output_clipped(output_input: OutputInput, loss: Loss, curve: str) -> Diagnostic:
    return Diagnostic.warning(
        "output-clipped",
        f"{curve} before {LOSSES.name_of(loss)} never predicts a negative number",
        output_input.activation_fix("linear"),
        output_input.activation_fix("softplus"),
        node=output_input.node,
        param="loss",
        found=f"{curve} ({output_input.source})",
        expected="linear, or softplus for positive numbers",
        why="where the output is clipped its gradient is 0, so the unit may never recover",
    )
