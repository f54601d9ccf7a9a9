"""The share of each output in the total loss, and the loss weights over time."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, repeat
from operator import add, mul, sub
from typing import Self, TypeAlias

from engine.events import ControlTaken, OutputInfo
from engine.runs.state.step_curve import StepCurve

LOSS_SUFFIX, WEIGHT_SUFFIX = "/loss", "/weight"
Values: TypeAlias = "array[float]"


def loss_shares(
    total: float, losses: Mapping[str, float], weights: Mapping[str, float]
) -> dict[str, float]:
    """Return the shares of the outputs in the total loss by output name, from 0 to 1.

    The rest of the total is the share of penalties.

    Args:
        total: total loss of a step or an epoch.
        losses: unweighted losses by output name.
        weights: loss weights by output name; 1 for outputs without an entry.

    Why: the shares are computed from absolute values because a penalty may be negative.
    """
    terms = {name: weights.get(name, 1.0) * loss for name, loss in losses.items()}
    size = sum(map(abs, terms.values())) + abs(total - sum(terms.values()))
    return {name: abs(term) / size if size > 0 else 0.0 for name, term in terms.items()}


@dataclass(frozen=True, slots=True)
class LossWeightHistory:
    """The history of the loss weights, which users can change while the run trains.

    Args:
        first_steps: the first step that uses each mapping in `weights`, in ascending order.
        weights: mappings from output name to loss weight, a new mapping for each change.
    """

    first_steps: tuple[int, ...] = ()
    weights: tuple[Mapping[str, float], ...] = ()

    @property
    def latest(self) -> Mapping[str, float]:
        """The current weights by output name."""
        return self.weights[-1] if self.weights else {}

    def at(self, step: int) -> Mapping[str, float]:
        """Return the weights that a step uses, by output name."""
        index = bisect_right(self.first_steps, step) - 1
        return self.weights[index] if index >= 0 else {}

    def with_start(self, step: int, heads: tuple[OutputInfo, ...]) -> Self:
        """Return the history up to `step`, with the loss weights of `heads` for later steps."""
        return self.truncated(step)._with(step + 1, {head.name: head.weight for head in heads})

    def with_response(self, event: ControlTaken) -> Self:
        """Return the history; if `event` changed loss weights, the new weights are appended."""
        if event.request != "loss_weight" or event.code or not isinstance(event.value, Mapping):
            return self
        return self._with(event.step + 1, {**self.latest, **event.value})

    def truncated(self, step: int) -> Self:
        """Return the history without the changes after `step`."""
        count = sum(first <= step for first in self.first_steps)
        return type(self)(self.first_steps[:count], self.weights[:count])

    def _with(self, step: int, weights: Mapping[str, float]) -> Self:
        return type(self)((*self.first_steps, step), (*self.weights, weights))


def share_curves(
    steps: Mapping[str, StepCurve], weights: LossWeightHistory
) -> dict[str, StepCurve]:
    """Return the share of each output in the total loss: curves over steps by output name.

    Args:
        steps: curves over steps by name, such as "age/loss"; see `RunState.steps`.
        weights: loss weights of the outputs that have no curve "NAME/weight" in `steps`.

    Why: steps are grouped into spans in which outputs and weights don't change. Within a span, no
        Python loop over steps is needed, which keeps a million steps fast.
    """
    outputs = [name.removesuffix(LOSS_SUFFIX) for name in steps if name.endswith(LOSS_SUFFIX)]
    curves = {name: StepCurve() for name in outputs}
    for first, totals in _spans(steps, weights):
        last = first + len(totals) - 1
        slices = {name: _slice(steps[name + LOSS_SUFFIX], first, last) for name in outputs}
        losses = {name: values for name, values in slices.items() if values is not None}
        learned = {name: _slice(steps.get(name + WEIGHT_SUFFIX), first, last) for name in losses}
        given = weights.at(first)
        factors = [learned[name] or repeat(given.get(name, 1.0)) for name in losses]
        shares = _span_shares(totals, list(losses.values()), factors)
        shares_by_name = dict(zip(losses, shares, strict=True))
        zeros = array("d", bytes(8 * len(totals)))
        for name in outputs:
            curves[name] = curves[name].extended(first, shares_by_name.get(name, zeros))
    return curves


def _span_shares(
    totals: Values, losses: Sequence[Values], factors: Sequence[Iterable[float]]
) -> Iterator[list[float]]:
    """Yield the shares of each output in the total loss: one list per output, one value per step.

    `totals` has the total loss, `losses` each output's unweighted loss, `factors` its loss weight.
    """
    if not losses:
        return
    terms = [list(map(mul, *pair)) for pair in zip(factors, losses, strict=True)]
    sizes = [list(map(abs, term)) for term in terms]
    rest = map(abs, map(sub, totals, map(sum, zip(*terms, strict=True))))  # penalties
    sums = list(map(add, map(sum, zip(*sizes, strict=True)), rest))
    for values in sizes:
        yield [size / total if total > 0 else 0.0 for size, total in zip(values, sums, strict=True)]


def _spans(
    steps: Mapping[str, StepCurve], weights: LossWeightHistory
) -> Iterator[tuple[int, Values]]:
    """Yield spans of steps with the same outputs and weights: (first step, total loss per step)."""
    edges = set(weights.first_steps)
    for name, curve in steps.items():
        if name.endswith((LOSS_SUFFIX, WEIGHT_SUFFIX)):
            for first, values in curve.chunks:
                edges |= {first, first + len(values)}
    cuts = sorted(edges)
    for first, values in steps.get("loss", StepCurve()).chunks:
        end = first + len(values)
        inside = cuts[bisect_right(cuts, first) : bisect_left(cuts, end)]
        for start, stop in pairwise((first, *inside, end)):
            yield start, values[start - first : stop - first]


def _slice(curve: StepCurve | None, first: int, last: int) -> Values | None:
    """Return the values from step `first` to `last`; None if the curve lacks some of them."""
    for start, values in curve.chunks if curve else ():
        if start <= first and last < start + len(values):
            return values[first - start : last - start + 1]
    return None
