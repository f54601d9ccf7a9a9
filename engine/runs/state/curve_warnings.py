"""Warnings about suspicious loss curves during training. Each warning is issued once per run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import hypot, inf, isfinite, sqrt
from statistics import fmean, pstdev

from engine.core.diagnostic import Diagnostic, set_recipe_fix
from engine.events import ControlTaken, EpochDone, Event, StepsDone, Warned

WINDOW_STEPS = 50  # number of steps over which losses are averaged
MAX_ZERO_LOSS = 1e-12  # largest loss that counts as zero
RISING_WINDOWS = 3  # number of consecutive increases of the mean loss before a warning
MIN_DEVIATIONS = 5  # number of standard errors that a rise exceeds, so that it is no noise
RECENT_EPOCHS = 5  # number of epochs after the best one whose losses show overfitting
MIN_RISE = 0.05  # relative rise of the validation loss that matters


class CurveMonitor:
    """Processes the events of a run, and returns warnings about its loss curves.

    Args:
        previous_events: events of previous attempts, whose warnings are not repeated.
        stops_early: whether the run stops early, so that it is not warned about overfitting.
    """

    def __init__(self, previous_events: Iterable[Event] = (), stops_early: bool = False) -> None:
        self._stops_early = stops_early
        self._epochs: list[tuple[float, float]] = []  # training and validation losses
        self._warned: set[tuple[str, str | None]] = set()
        self._zero_steps: dict[str, int] = {}
        self._losses: list[float] = []  # total losses of the last steps
        self._means: list[float] = []  # of the losses of successive windows of steps
        self._errors: list[float] = []  # the standard errors of the means
        for event in previous_events:
            if isinstance(event, Warned):
                self._warned.add((str(event.diagnostic.get("code")), event.diagnostic.get("node")))

    def update(self, event: Event) -> list[Diagnostic]:
        """Process an event, and return new warnings (usually none)."""
        found: Iterable[Diagnostic] = ()
        match event:
            case ControlTaken(request="loss_weight", code=""):
                self._discard_losses()
            case StepsDone():
                found = self._check(event)
            case EpochDone():
                found = self._check_overfitting(event)
        return [warning for warning in found if self._is_new(warning)]

    def _is_new(self, warning: Diagnostic) -> bool:
        key = (warning.code, warning.node)
        is_known = key in self._warned
        self._warned.add(key)
        return not is_known

    def _discard_losses(self) -> None:
        """Discard the losses so far: those with other loss weights are not comparable."""
        self._losses, self._means, self._errors, self._epochs = [], [], [], []

    def _check(self, event: StepsDone) -> Iterable[Diagnostic]:
        yield from self._check_zero(event)
        self._losses += event.loss
        if len(self._losses) >= WINDOW_STEPS:
            losses, self._losses = self._losses, []
            mean = fmean(losses)
            self._means.append(mean)
            deviation = pstdev(losses) if isfinite(mean) else inf
            self._errors.append(deviation / sqrt(len(losses)))
            yield from self._check_rising(event)

    def _check_zero(self, event: StepsDone) -> Iterable[Diagnostic]:
        for name, losses in event.losses.items():
            is_zero = max(map(abs, losses)) <= MAX_ZERO_LOSS
            self._zero_steps[name] = self._zero_steps.get(name, 0) + len(losses) if is_zero else 0
            if self._zero_steps[name] >= WINDOW_STEPS:
                yield _zero_warning(name, event.last, self._zero_steps[name])

    def _check_rising(self, event: StepsDone) -> Iterable[Diagnostic]:
        """Warn if the mean total loss rose `RISING_WINDOWS` times in a row.

        The means are those of successive windows of `WINDOW_STEPS` steps. The last mean must
        also be far above the smallest mean, by more than the noise of single steps explains, and
        above the first mean since the run was started or resumed, or the loss weights were changed.
        """
        means = self._means
        if len(means) <= RISING_WINDOWS or not all(map(isfinite, means)):
            return
        first, best, last = means[0], min(means), means[-1]
        tail = means[-RISING_WINDOWS - 1 :]
        is_rising = all(left < right for left, right in pairwise(tail))
        noise = MIN_DEVIATIONS * hypot(self._errors[-1], self._errors[means.index(best)])
        if is_rising and last > first and last - best > max(first - best, abs(first) / 2, noise):
            yield _rising_warning(event.last, best, last, event.learning_rate[-1:])

    def _check_overfitting(self, event: EpochDone) -> Iterable[Diagnostic]:
        """Warn if the validation loss rises, by more than noise, while the training loss falls.

        The last `RECENT_EPOCHS` epochs are compared with those around the best epoch. The noise is
        estimated from the differences of the validation loss between successive epochs.
        """
        train, validation = event.train.get("loss"), event.validation.get("loss")
        if self._stops_early or train is None or validation is None:
            return
        self._epochs.append((train, validation))
        losses = [loss for _, loss in self._epochs]
        if not all(map(isfinite, losses)):
            return
        best, count = losses.index(min(losses)), RECENT_EPOCHS
        if len(losses) - best <= count:
            return
        low = fmean(losses[max(0, best - count // 2) : best + count // 2 + 1])
        recent, recent_train = fmean(losses[-count:]), fmean(t for t, _ in self._epochs[-count:])
        noise = pstdev(right - left for left, right in pairwise(losses)) / sqrt(count)
        rise = max(MIN_RISE * abs(low), MIN_DEVIATIONS * noise)
        if recent - low > rise and recent_train < self._epochs[best][0]:
            best_epoch = event.epoch - (len(losses) - 1 - best)  # a resumed run has the later ones
            yield _overfitting_warning(event.epoch, best_epoch, losses[best], recent)


def _zero_warning(name: str, step: int, count: int) -> Diagnostic:
    return Diagnostic.warning(
        "loss-zero",
        f"the loss has been zero for {count:,} steps, so nothing is learned from it",
        "Check its target: does it vary between rows, and is it present?",
        "Check the layer before it: softmax over one unit always returns 1.",
        node=name,
        place=f"step {step:,}",
        found="0",
        expected="a positive loss that decreases",
    )


def _rising_warning(step: int, best: float, last: float, rates: Sequence[float]) -> Diagnostic:
    rate = f" ({rates[0]:g} now)" if rates else ""
    return Diagnostic.warning(
        "loss-rising",
        "the loss keeps rising",
        f"Divide the learning rate{rate} by 10; this is possible while the run trains.",
        "Clip the gradients: set global_clipnorm of the optimizer to 1.",
        place=f"step {step:,}",
        found=f"{last:.4g}, after a minimum of {best:.4g}; means of {WINDOW_STEPS} steps",
        expected="a loss that decreases",
    )


def _overfitting_warning(epoch: int, best: int, lowest: float, recent: float) -> Diagnostic:
    return Diagnostic.warning(
        "overfitting",
        "the validation loss rises while the training loss falls: the network overfits",
        set_recipe_fix(
            "Stop early, and keep the weights of the best epoch.", stopping={"restore_best": True}
        ),
        "Use more rows, a Dropout layer, or fewer units.",
        place=f"epoch {epoch:,}",
        found=f"{recent:.4g} in the last {RECENT_EPOCHS} epochs, {lowest:.4g} in epoch {best:,}",
        expected="a validation loss that decreases, too",
    )
