"""How much of the total each output makes: its loss by its weight, beside all that is added up."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, repeat
from operator import add, mul, sub
from typing import Self, TypeAlias

from engine.events import ControlTaken, OutputInfo
from engine.runs.state.step_curve import Curve

LOSS, WEIGHT = "/loss", "/weight"
Values: TypeAlias = "array[float]"


def shares(
    total: float, losses: Mapping[str, float], weights: Mapping[str, float]
) -> dict[str, float]:
    """Return each output's share of the total, from 0 to 1; what is left is that of penalties.

    Args:
        total: of a step or an epoch.
        losses: by output, before the weight.
        weights: by output, what its loss was multiplied by; 1 where none is told.

    Why: sizes are added up, since a learned weight may add a term below 0.
    """
    parts = {name: abs(weights.get(name, 1.0) * loss) for name, loss in losses.items()}
    weighed = sum(weights.get(name, 1.0) * loss for name, loss in losses.items())
    whole = sum(parts.values()) + abs(total - weighed)
    return {name: part / whole if whole > 0 else 0.0 for name, part in parts.items()}


@dataclass(frozen=True, slots=True)
class Weights:
    """The weights of losses, from which step on; people may change them while a run goes on.

    Args:
        since: the first step of each, ascending.
        held: by output.
    """

    since: tuple[int, ...] = ()
    held: tuple[Mapping[str, float], ...] = ()

    @property
    def newest(self) -> Mapping[str, float]:
        """Those that count now."""
        return self.held[-1] if self.held else {}

    def at(self, step: int) -> Mapping[str, float]:
        """Return those that counted in a step."""
        place = bisect_right(self.since, step) - 1
        return self.held[place] if place >= 0 else {}

    def begun(self, step: int, heads: tuple[OutputInfo, ...]) -> Self:
        """Return the weights after an attempt has begun; `step` is the last one before it."""
        return self.until(step)._with(step + 1, {head.name: head.weight for head in heads})

    def turned(self, event: ControlTaken) -> Self:
        """Return the weights after a request that may have changed them."""
        if event.request != "loss_weight" or event.code or not isinstance(event.value, Mapping):
            return self
        return self._with(event.step + 1, {**self.newest, **event.value})

    def until(self, step: int) -> Self:
        """Return the weights without what was changed after a step."""
        kept = sum(first <= step for first in self.since)
        return type(self)(self.since[:kept], self.held[:kept])

    def _with(self, step: int, weights: Mapping[str, float]) -> Self:
        return type(self)((*self.since, step), (*self.held, weights))


def share_curves(steps: Mapping[str, Curve], weights: Weights) -> dict[str, Curve]:
    """Return by output the share of the total at each step.

    Args:
        steps: curves by step, as `RunState.steps` has them.
        weights: what counted, where no curve tells it.

    Why: a million steps are worked out span by span, within each of which the same outputs and
    weights count, so that nothing is done in a loop over steps.
    """
    outputs = [name.removesuffix(LOSS) for name in steps if name.endswith(LOSS)]
    found = {name: Curve() for name in outputs}
    for first, totals in _spans(steps, weights):
        last = first + len(totals) - 1
        losses = {name: _part(steps[name + LOSS], first, last) for name in outputs}
        told = {name: part for name, part in losses.items() if part is not None}
        learned = {name: _part(steps.get(name + WEIGHT), first, last) for name in told}
        held = weights.at(first)
        factors = [learned[name] or repeat(held.get(name, 1.0)) for name in told]
        shared = dict(zip(told, _shared(totals, list(told.values()), factors), strict=True))
        nothing = array("d", bytes(8 * len(totals)))
        for name in outputs:
            found[name] = found[name].extended(first, shared.get(name, nothing))
    return found


def _shared(
    totals: Values, losses: Sequence[Values], factors: Sequence[Iterable[float]]
) -> Iterator[list[float]]:
    """Yield for each output what `shares` answers, at many steps at once."""
    if not losses:
        return
    terms = [list(map(mul, *pair)) for pair in zip(factors, losses, strict=True)]
    parts = [list(map(abs, term)) for term in terms]
    left = map(abs, map(sub, totals, map(sum, zip(*terms, strict=True))))
    wholes = list(map(add, map(sum, zip(*parts, strict=True)), left))
    for part in parts:
        yield [own / whole if whole > 0 else 0.0 for own, whole in zip(part, wholes, strict=True)]


def _spans(steps: Mapping[str, Curve], weights: Weights) -> Iterator[tuple[int, Values]]:
    """Yield spans of the total, cut where an output or a weight begins or ends to count."""
    edges = set(weights.since)
    for name, curve in steps.items():
        if name.endswith((LOSS, WEIGHT)):
            edges |= {
                edge for first, values in curve.chunks for edge in (first, first + len(values))
            }
    cuts = sorted(edges)
    for first, values in steps.get("loss", Curve()).chunks:
        end = first + len(values)
        inside = cuts[bisect_right(cuts, first) : bisect_left(cuts, end)]
        for start, stop in pairwise((first, *inside, end)):
            yield start, values[start - first : stop - first]


def _part(curve: Curve | None, first: int, last: int) -> Values | None:
    """Return the values of a span, None if the curve has none there."""
    for start, values in curve.chunks if curve else ():
        if start <= first and last < start + len(values):
            return values[first - start : last - start + 1]
    return None
