"""How much of the total each output makes: its loss by its weight, beside all that is added up."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Self

from engine.events import ControlTaken, Head
from engine.runs.curve import Curve

LOSS, WEIGHT = "/loss", "/weight"


def shares(
    total: float, losses: Mapping[str, float], weights: Mapping[str, float]
) -> dict[str, float]:
    """Answer each output's share of the total, from 0 to 1; what is left is that of penalties.

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
        """Answer those that counted in a step."""
        place = bisect_right(self.since, step) - 1
        return self.held[place] if place >= 0 else {}

    def begun(self, step: int, heads: tuple[Head, ...]) -> Self:
        """Answer the weights after an attempt has begun; `step` is the last one before it."""
        return self.until(step)._with(step + 1, {head.name: head.weight for head in heads})

    def turned(self, event: ControlTaken) -> Self:
        """Answer the weights after a request that may have changed them."""
        if event.request != "loss_weight" or event.code or not isinstance(event.value, Mapping):
            return self
        return self._with(event.step + 1, {**self.newest, **event.value})

    def until(self, step: int) -> Self:
        """Answer the weights without what was changed after a step."""
        kept = sum(first <= step for first in self.since)
        return type(self)(self.since[:kept], self.held[:kept])

    def _with(self, step: int, weights: Mapping[str, float]) -> Self:
        return type(self)((*self.since, step), (*self.held, weights))


def share_curves(steps: Mapping[str, Curve], weights: Weights) -> dict[str, Curve]:
    """Answer by output the share of the total at each step.

    Args:
        steps: curves by step, as `RunState.steps` has them.
        weights: what counted, where no curve tells it.
    """
    outputs = [name.removesuffix(LOSS) for name in steps if name.endswith(LOSS)]
    rows = list(_rows(steps, outputs, weights))
    first = rows[0][0] if rows else 0
    found: dict[str, list[float]] = {name: [] for name in outputs}
    curves = {name: Curve() for name in outputs}
    for place, (step, row) in enumerate(rows):
        for name in outputs:
            found[name].append(row.get(name, 0.0))
        if place + 1 == len(rows) or rows[place + 1][0] != step + 1:
            for name in outputs:
                curves[name] = curves[name].extended(first, found[name])
                found[name] = []
            first = rows[place + 1][0] if place + 1 < len(rows) else 0
    return curves


def _rows(
    steps: Mapping[str, Curve], outputs: list[str], weights: Weights
) -> Iterator[tuple[int, dict[str, float]]]:
    """Yield each step with the shares of the outputs in it."""
    losses = {name: dict(steps[name + LOSS]) for name in outputs}
    learned = {name: dict(steps[name + WEIGHT]) for name in outputs if name + WEIGHT in steps}
    for step, total in steps.get("loss", Curve()):
        own = {name: each[step] for name, each in losses.items() if step in each}
        now = {name: each[step] for name, each in learned.items() if step in each}
        yield step, shares(total, own, {**weights.at(step), **now})
