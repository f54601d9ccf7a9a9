"""Looks out for curves that mean trouble, and says in words what to do; each kind once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import isfinite
from typing import Any

from engine.core.diagnostic import Diagnostic, Fix
from engine.events import ControlTaken, Event, RunStarted, StepsDone, Warned

WINDOW = 50  # steps over which curves are averaged
ZERO = 1e-12  # a loss below it teaches nothing
MOST = 0.95  # a share of the total that leaves others no say
RISES = 3  # windows in a row that each lie higher than the one before

ZERO_LOSS, RISING, DROWNS = "loss-zero", "loss-rising", "output-drowns"


class Lookout:
    """Is shown what a run says, and answers with findings.

    Args:
        earlier: what earlier attempts said; what they warned of is not said again.
    """

    def __init__(self, earlier: Iterable[Event] = ()) -> None:
        self._said: set[tuple[str, str | None]] = set()
        self._weights: dict[str, float] = {}
        self._zeros: dict[str, int] = {}
        self._window = _Window()
        self._means: list[float] = []
        self._drowned: str | None = None
        for event in earlier:
            if isinstance(event, Warned):
                self._said.add((str(event.diagnostic.get("code")), event.diagnostic.get("node")))

    def see(self, event: Event) -> list[Diagnostic]:
        """Take an event in, and answer what it gives rise to say; mostly nothing."""
        match event:
            case RunStarted():
                self._weights = {head.name: head.weight for head in event.outputs if head.loss}
            case ControlTaken(request="loss_weight", code="", value=dict() as weights):
                self._reweigh(weights)
            case StepsDone():
                return [found for found in self._steps(event) if self._new(found)]
        return []

    def _new(self, found: Diagnostic) -> bool:
        key = (found.code, found.node)
        known = key in self._said
        self._said.add(key)
        return not known

    def _reweigh(self, weights: Mapping[str, Any]) -> None:
        """Begin anew where totals before and after do not compare."""
        self._weights |= weights
        self._window = _Window()
        self._means, self._drowned = [], None

    def _steps(self, event: StepsDone) -> Iterable[Diagnostic]:
        yield from self._flat(event)
        self._window.add(event, self._weights)
        if self._window.steps >= WINDOW:
            window, self._window = self._window, _Window()
            self._means.append(window.mean)
            yield from self._rising(event)
            yield from self._drowning(window, event)

    def _flat(self, event: StepsDone) -> Iterable[Diagnostic]:
        for name, losses in event.losses.items():
            zero = max(map(abs, losses)) <= ZERO
            self._zeros[name] = self._zeros.get(name, 0) + len(losses) if zero else 0
            if self._zeros[name] >= WINDOW:
                yield _zero(name, event.last, self._zeros[name])

    def _rising(self, event: StepsDone) -> Iterable[Diagnostic]:
        """Compare the newest means with the first one and the best one."""
        means = self._means
        if len(means) <= RISES or not all(map(isfinite, means)):
            return
        first, best, last = means[0], min(means), means[-1]
        tail = means[-RISES - 1 :]
        higher = all(before < after for before, after in zip(tail, tail[1:], strict=False))
        if higher and last > first and last - best > max(first - best, abs(first) / 2):
            yield _rising(event.last, best, last, event.learning_rate[-1:])

    def _drowning(self, window: _Window, event: StepsDone) -> Iterable[Diagnostic]:
        parts = {name: part for name, part in window.parts.items() if self._weights.get(name)}
        whole = sum(parts.values())
        if len(parts) < 2 or not isfinite(whole) or whole <= 0:
            return
        largest = max(parts, key=parts.__getitem__)
        others = whole - parts[largest]
        before, self._drowned = self._drowned, None
        if others > 0 and parts[largest] / whole >= MOST:
            self._drowned = largest
            if before == largest:
                fair = others / (len(parts) - 1) / parts[largest] * self._weights[largest]
                yield _drowns(largest, parts[largest] / whole, fair, event.last)


class _Window:
    """Sums over some steps."""

    def __init__(self) -> None:
        self.steps = 0
        self._total = 0.0
        self.parts: dict[str, float] = {}

    def add(self, event: StepsDone, weights: Mapping[str, float]) -> None:
        """Take steps in; weights that change from step to step stand in the event itself."""
        self.steps += len(event.loss)
        self._total += sum(event.loss)
        for name, losses in event.losses.items():
            if (own := event.weights.get(name)) is not None:
                part = sum(abs(w * loss) for w, loss in zip(own, losses, strict=True))
            else:
                part = weights.get(name, 0.0) * sum(map(abs, losses))
            self.parts[name] = self.parts.get(name, 0.0) + part

    @property
    def mean(self) -> float:
        """The mean total."""
        return self._total / self.steps


def _zero(name: str, step: int, count: int) -> Diagnostic:
    return Diagnostic(
        ZERO_LOSS,
        f"the loss has been zero for {count:,} steps, so nothing is learned from it",
        severity="warning",
        node=name,
        place=f"step {step:,}",
        found="0",
        expected="a loss that comes down from above zero",
        fixes=(
            Fix("Look at its target: does it change from row to row, and do rows have one?"),
            Fix("Look at the layer before it: one unit with softmax always answers 1."),
        ),
    )


def _rising(step: int, best: float, last: float, rates: Sequence[float]) -> Diagnostic:
    rate = f" ({rates[0]:g} now)" if rates else ""
    return Diagnostic(
        RISING,
        "the loss goes up and up",
        severity="warning",
        place=f"step {step:,}",
        found=f"{last:.4g}, after {best:.4g} at best; means of {WINDOW} steps",
        expected="a loss that comes down",
        fixes=(
            Fix(f"Divide the learning rate{rate} by 10; that can be done while the run goes on."),
            Fix("Clip the gradients: set global_clipnorm of the optimizer to 1."),
        ),
    )


def _drowns(name: str, share: float, fair: float, step: int) -> Diagnostic:
    weight = float(f"{fair:.1g}")
    return Diagnostic(
        DROWNS,
        "its loss makes up almost all of the total, so the other outputs hardly count",
        severity="warning",
        node=name,
        place=f"step {step:,}",
        found=f"{share:.1%} of the total",
        expected=f"less than {MOST:.0%}",
        fixes=(
            Fix(
                f"Set loss_weight of {name} to {weight:g}, so that it counts about as much as "
                "the others; that can be done while the run goes on.",
                {"do": "set_params", "node": name, "params": {"loss_weight": weight}},
            ),
            Fix(f"If the target of {name} is a number, standardise it (scale in the data block)."),
        ),
    )
