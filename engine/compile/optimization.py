"""Optimization passes over a plan, which make it faster without changing its results."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from engine.compile.plan import Plan, Step
from engine.layers.base import Layer
from engine.layers.conv import Conv1D
from engine.layers.dense import Embedding
from engine.layers.pool import (
    AveragePooling1D,
    GlobalMaxPooling1D,
    GlobalMaxPooling2D,
    MaxPooling1D,
    MaxPooling2D,
)
from engine.layers.recurrent import RecurrentLayer

CHANNELS_LAST = "channels-last"
DEFERRED_CONV = "deferred-conv"  # a convolution that is deferred to the max pooling after it
ROW_GRADIENTS = "row-gradients"  # an embedding whose gradients are accumulated per row
DEFERRED_LOOKUP = "deferred-lookup"  # an embedding whose lookup is deferred to the next layer
LOOKUP_FUSED = "fused-lookup"  # a recurrent layer that does a deferred lookup
FUSED_MAX_POOLING = "fused-max-pooling"  # a max pooling fused with a deferred convolution
CHANNELS_LAST_MODES = (CHANNELS_LAST, DEFERRED_CONV)  # implementations with channels last
# Activations f that are monotonic even after rounding, so that f(max(x)) equals max(f(x)) exactly.
_MONOTONIC = frozenset({"relu", "relu6", "leaky_relu"})
_MAX_POOLINGS = (MaxPooling1D, MaxPooling2D, GlobalMaxPooling1D, GlobalMaxPooling2D)


def optimize_plan(plan: Plan) -> Plan:
    """Return a faster plan with the same results, weights and nodes, in the same order."""
    return _fuse_embeddings(_fuse_max_pooling(_use_channels_last(_pool_before_activation(plan))))


def _pool_before_activation(plan: Plan) -> Plan:
    """Move monotonic activations from a layer to the max pooling after it.

    Why: pooling leaves a fraction of the values, so the activation and its backward pass have less
        to compute. The result is exactly the same: relu(max(x)) equals max(relu(x)). If a whole
        window is below zero, the window's gradient is zero in both cases.
    """
    steps = {step.node: step for step in plan.steps}
    for source, step in _private_pairs(plan):
        is_pooling = isinstance(step.layer, _MAX_POOLINGS) and step.activation == "linear"
        if is_pooling and source.activation in _MONOTONIC:
            steps[source.node] = replace(steps[source.node], activation="linear")
            steps[step.node] = replace(steps[step.node], activation=source.activation)
    return replace(plan, steps=tuple(steps.values()))


def _fuse_max_pooling(plan: Plan) -> Plan:
    """Fuse a convolution with the max pooling that is its only consumer.

    Why: only the maximum of each window has a gradient. A separate backward pass of the convolution
        would multiply the zero gradients of all other values. The fused backward pass visits the
        maxima only. Without compiled code (native kernels), the layers are computed separately.
    """
    steps = {step.node: step for step in plan.steps}
    for source, step in _private_pairs(plan):
        is_conv = isinstance(source.layer, Conv1D) and source.implementation == CHANNELS_LAST
        if is_conv and source.activation == "linear" and _is_fusible_pooling(step.layer):
            steps[source.node] = replace(steps[source.node], implementation=DEFERRED_CONV)
            steps[step.node] = replace(steps[step.node], implementation=FUSED_MAX_POOLING)
    return replace(plan, steps=tuple(steps.values()))


def _is_fusible_pooling(layer: Layer) -> bool:
    is_global = isinstance(layer, GlobalMaxPooling1D)
    return is_global or (isinstance(layer, MaxPooling1D) and layer.padding == "valid")


def _fuse_embeddings(plan: Plan) -> Plan:
    """Accumulate embedding gradients per row, and let some layers after embeddings look up rows.

    Why: a recurrent layer can read the embedding's rows in the order of the time steps, and project
        each distinct id once. A fused convolution writes row gradients directly to the embedding.
    """
    steps = {
        step.node: replace(step, implementation=ROW_GRADIENTS)
        if isinstance(step.layer, Embedding)
        else step
        for step in plan.steps
    }
    for source, step in _private_pairs(plan):
        is_recurrent = isinstance(step.layer, RecurrentLayer)
        can_look_up = is_recurrent or step.implementation == DEFERRED_CONV
        if isinstance(source.layer, Embedding) and can_look_up:
            fused = LOOKUP_FUSED if is_recurrent else DEFERRED_CONV
            steps[source.node] = replace(steps[source.node], implementation=DEFERRED_LOOKUP)
            steps[step.node] = replace(steps[step.node], implementation=fused)
    return replace(plan, steps=tuple(steps.values()))


def _private_pairs(plan: Plan) -> Iterator[tuple[Step, Step]]:
    """Yield (source, step) pairs in which `step` is the only user of the only output of `source`.

    The output is the first input of `step`.
    """
    variables = [var for step in plan.steps for var in (*step.inputs, *step.masks) if var]
    uses = Counter([*variables, *(head.variable for head in plan.heads)])
    sources = {
        step.output: step
        for step in plan.steps
        if step.pre_activation is None and not step.layer.activity_penalties()
    }
    for step in plan.steps:
        source = sources.get(step.inputs[0] or "") if step.inputs else None
        if source is not None and len(source.outputs) == 1 and uses[source.output] == 1:
            yield source, step


def _use_channels_last(plan: Plan) -> Plan:
    """Compute convolutions and poolings of sequences with channels last.

    Why: torch's 1D layers need channels first, so each would transpose its input and output. The 2D
        layers support channels last. A sequence is computed as an image with one row.
    """
    steps = (
        replace(step, implementation=CHANNELS_LAST) if _supports_channels_last(step) else step
        for step in plan.steps
    )
    return replace(plan, steps=tuple(steps))


def _supports_channels_last(step: Step) -> bool:
    layer = step.layer
    if isinstance(layer, MaxPooling1D | AveragePooling1D):
        return layer.padding == "valid"
    return isinstance(layer, Conv1D) and _needs_no_padding_module(layer)


def _needs_no_padding_module(layer: Conv1D) -> bool:
    """Return whether torch's convolution can do the padding itself."""
    is_symmetric = layer.dilation_rate * (layer.kernel_size - 1) % 2 == 0
    is_same = layer.padding == "same" and is_symmetric and layer.strides == 1
    return layer.padding == "valid" or is_same


def describe_optimizations(before: Plan, after: Plan) -> Iterator[str]:
    """Yield a line of text for each node that is computed differently in the plan `after`."""
    for old, new in zip(before.steps, after.steps, strict=True):
        if new.implementation == FUSED_MAX_POOLING:
            yield f"{new.node}: fused with the convolution before it, backward pass of maxima only"
        elif new.implementation == DEFERRED_LOOKUP:
            yield f"{new.node}: the lookup is deferred to the next layer"
        elif new.implementation == ROW_GRADIENTS:
            yield f"{new.node}: gradients are accumulated per row"
        elif new.implementation in CHANNELS_LAST_MODES:
            yield f"{new.node}: channels last, without transposing"
        if new.activation != old.activation and new.activation != "linear":
            yield f"{new.node}: pooling before {new.activation}"
