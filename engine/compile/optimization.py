"""Passes over a plan that change how fast it is computed, and nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from engine.compile.plan import Plan, Step
from engine.layers.conv import Conv1D
from engine.layers.dense import Embedding
from engine.layers.pool import (
    AveragePooling1D,
    GlobalMaxPooling1D,
    GlobalMaxPooling2D,
    MaxPooling1D,
    MaxPooling2D,
)
from engine.layers.recurrent import Recurrence

CHANNELS_LAST = "channels-last"
UNPOOLED = "unpooled"  # a convolution that is computed with the pooling that it feeds
ADDED = "added"  # an embedding whose gradients are added row by row
UNREAD = "unread"  # an embedding that the layer after it looks up
READING = "reading"  # that recurrence
WINNERS = "winners"  # that pooling: the way back leads through the largest values alone
ALONG = (CHANNELS_LAST, UNPOOLED)  # what goes along a sequence as it lies
# Curves that never fall, to the last bit: the largest value stays the largest.
_RISING = frozenset({"relu", "relu6", "leaky_relu"})
_LARGEST = (MaxPooling1D, MaxPooling2D, GlobalMaxPooling1D, GlobalMaxPooling2D)


def quickened(plan: Plan) -> Plan:
    """Return a plan that computes the same in less time; nodes, order and weights stay."""
    return _with_words(_with_winners(_with_channels_last(_pooled_first(plan))))


def _pooled_first(plan: Plan) -> Plan:
    """Take the largest value before the curve that it goes through, where that is the same.

    Why: a pooling leaves a fraction of the values, and the curve and its backward pass then see
        these alone. No bit changes: relu(max(x)) is max(relu(x)), and where all of a window is
        below zero the gradient is zero either way.
    """
    uses = _uses(plan)
    steps = {step.node: step for step in plan.steps}
    made = {step.out: step for step in plan.steps}
    for step in plan.steps:
        source = made.get(step.inputs[0] or "") if step.inputs else None
        if source is None or not isinstance(step.layer, _LARGEST) or not _is_free(source):
            continue
        if source.curve in _RISING and uses[source.out] == 1 and step.curve == "linear":
            steps[source.node] = replace(steps[source.node], curve="linear")
            steps[step.node] = replace(steps[step.node], curve=source.curve)
    return replace(plan, steps=tuple(steps.values()))


def _with_winners(plan: Plan) -> Plan:
    """Let a convolution and the pooling that alone it feeds go back through the winners only.

    Why: all but the largest value of each window has a gradient of zero, and a convolution's
        backward pass would multiply these zeros. It takes the native part; without it both are
        computed one after the other.
    """
    uses = _uses(plan)
    steps = {step.node: step for step in plan.steps}
    made = {step.out: step for step in plan.steps}
    for step in plan.steps:
        source = made.get(step.inputs[0] or "") if step.inputs else None
        if source is None or not _wins(step) or not _is_free(source):
            continue
        spoken = isinstance(source.layer, Conv1D) and source.way == CHANNELS_LAST
        if spoken and source.curve == "linear" and uses[source.out] == 1:
            steps[source.node] = replace(steps[source.node], way=UNPOOLED)
            steps[step.node] = replace(steps[step.node], way=WINNERS)
    return replace(plan, steps=tuple(steps.values()))


def _wins(step: Step) -> bool:
    layer = step.layer
    whole = isinstance(layer, GlobalMaxPooling1D)
    return whole or (isinstance(layer, MaxPooling1D) and layer.padding == "valid")


def _with_words(plan: Plan) -> Plan:
    """Let embeddings add up what is said of their rows, and some layers look their own words up.

    Why: a recurrence goes along the steps, so that their rows are best laid out in that order; and
        a word that stands at many steps is to be projected once. A convolution that goes back
        through winners puts the gradients of rows where these were.
    """
    uses = _uses(plan)
    steps = {
        step.node: replace(step, way=ADDED) if isinstance(step.layer, Embedding) else step
        for step in plan.steps
    }
    made = {step.out: step for step in plan.steps}
    for step in plan.steps:
        source = made.get(step.inputs[0] or "") if step.inputs else None
        reads = isinstance(step.layer, Recurrence)
        if source is None or not (reads or step.way == UNPOOLED) or not _is_free(source):
            continue
        if isinstance(source.layer, Embedding) and uses[source.out] == 1:
            steps[source.node] = replace(steps[source.node], way=UNREAD)
            steps[step.node] = replace(steps[step.node], way=READING if reads else UNPOOLED)
    return replace(plan, steps=tuple(steps.values()))


def _is_free(step: Step) -> bool:
    """True if nobody looks at what a step answers but the steps after it."""
    return step.raw is None and not step.layer.activities() and len(step.outs) == 1


def _uses(plan: Plan) -> Counter[str]:
    """Return how often each variable is read."""
    read = [var for step in plan.steps for var in (*step.inputs, *step.masks) if var]
    return Counter([*read, *(head.var for head in plan.heads)])


def _with_channels_last(plan: Plan) -> Plan:
    """Let convolutions and poolings along a sequence take its values as they lie.

    Why: torch's layers for sequences want channels first, so that each would transpose what comes
        and what goes. Those for images have kernels for channels last; a sequence is an image of
        one row.
    """
    steps = (replace(step, way=CHANNELS_LAST) if _fits(step) else step for step in plan.steps)
    return replace(plan, steps=tuple(steps))


def _fits(step: Step) -> bool:
    layer = step.layer
    if isinstance(layer, MaxPooling1D | AveragePooling1D):
        return layer.padding == "valid"
    return isinstance(layer, Conv1D) and _pads_itself(layer)


def _pads_itself(layer: Conv1D) -> bool:
    """True if torch's convolution needs no padding in front of it."""
    even = layer.dilation_rate * (layer.kernel_size - 1) % 2 == 0
    return layer.padding == "valid" or (layer.padding == "same" and even and layer.strides == 1)


def told(before: Plan, after: Plan) -> Iterator[str]:
    """Say node by node what a pass changed."""
    for old, new in zip(before.steps, after.steps, strict=True):
        if new.way == WINNERS:
            yield f"{new.node}: with the convolution before it, and back through the winners only"
        elif new.way == UNREAD:
            yield f"{new.node}: looked up by the layer after it, in the order that this reads in"
        elif new.way == ADDED:
            yield f"{new.node}: its gradients are added row by row"
        elif new.way in ALONG:
            yield f"{new.node}: channels last, without transposing"
        if new.curve != old.curve and new.curve != "linear":
            yield f"{new.node}: pooled before {new.curve}"
