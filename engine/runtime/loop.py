"""The training loop: a generator that trains a network in place and tells what happens."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.core.diagnostic import Diagnostic, Fix
from engine.events import BestFound, EpochDone, Event, RunFailed, RunFinished, RunStopped, StepsDone
from engine.recipe.recipe import Recipe
from engine.recipe.schedule import ReduceLROnPlateau
from engine.recipe.scores import watched
from engine.runtime.device import Device, seed_step
from engine.runtime.feed import Batch, Feed, epoch_order
from engine.runtime.ledger import Ledger, evaluate
from engine.runtime.module import Network
from engine.runtime.objective import Scores, heads_of, score
from engine.runtime.optimizers import Stepper
from engine.runtime.place import Place


def never() -> str:
    """Answer that nobody asked for the end."""
    return ""


@dataclass
class Training:
    """All that a training needs, and where it stands.

    Args:
        network: trained in place.
        recipe: how.
        optimizer: moves the network's parameters.
        train, validation: the rows.
        device: how to compute.
        place: where to begin; moved along.
        stop: asked after each step; a reason, or "" to go on.
    """

    network: Network
    recipe: Recipe
    optimizer: Stepper
    train: Feed
    validation: Feed | None = None
    device: Device = field(default_factory=Device)
    place: Place = field(default_factory=Place)
    stop: Callable[[], str] = never

    def __post_init__(self) -> None:
        self.ledger = Ledger(heads_of(self.network))

    def state(self) -> dict[str, Any]:
        """Answer all that a resumed run has to know besides weights and optimizer, as JSON."""
        return {"place": self.place.plain(), "ledger": self.ledger.state()}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from what `state` answered."""
        self.place = Place.read(state["place"])
        self.ledger.restore(state["ledger"])

    @property
    def planned_updates(self) -> int:
        """Times the weights will be moved, if the run goes to its end."""
        return self.recipe.epochs * math.ceil(len(self.train) / self.recipe.accumulate)


def fit(training: Training) -> Iterator[Event]:
    """Train, and tell what happens as it happens.

    Yields:
        A StepsDone for each batch; an EpochDone for each epoch, before it a BestFound where it
        beats the others; at last RunFinished, RunStopped or RunFailed. At each event the training
        is in a state that can be saved and resumed from.
    """
    began = time.monotonic()
    place = training.place
    reason = "all epochs are done"
    while place.epoch <= training.recipe.epochs:
        epoch = _Epoch(training)
        for event in epoch.steps():
            yield event
            if isinstance(event, RunFailed):
                return
            if asked := training.stop():
                seconds = time.monotonic() - began
                yield RunStopped(step=place.step, epoch=place.epoch, seconds=seconds, reason=asked)
                return
        closed = yield from epoch.close()
        place.next_epoch()
        yield closed.done
        if closed.stop:
            reason = closed.stop
            break
    seconds = time.monotonic() - began
    yield RunFinished(step=place.step, epoch=place.epoch - 1, seconds=seconds, reason=reason)


@dataclass(frozen=True)
class _Closed:
    """The end of an epoch: its event, and why to stop after it ("" to go on)."""

    done: EpochDone
    stop: str


class _Epoch:
    """One pass over the training rows, from wherever the training stands."""

    def __init__(self, training: Training) -> None:
        self.training = training
        self.place = training.place
        self.began = time.monotonic()

    def steps(self) -> Iterator[Event]:
        """Train on the batches that are left, and yield what each was worth."""
        training, place = self.training, self.place
        recipe = training.recipe
        training.network.train()
        order = epoch_order(training.train.rows, recipe.seed, place.epoch, recipe.shuffle)
        for batch in training.train.batches(order, place.batch):
            seed_step(recipe.seed, place.step)
            with training.device.autocast():
                scores = score(training.network, batch)
            total = float(scores.total)
            if not math.isfinite(total):
                yield _diverged(training, scores)
                return
            rate = self._learn(scores)
            training.ledger.add(training.network, scores, batch)
            yield StepsDone(
                first=place.step,
                last=place.step,
                epoch=place.epoch,
                loss=(total,),
                losses={name: (float(loss),) for name, loss in scores.losses.items()},
                learning_rate=(rate,),
            )

    def _learn(self, scores: Scores) -> float:
        """Take the gradients in, and move the weights if it is time; answers the learning rate."""
        training, place = self.training, self.place
        rate = learning_rate(training)
        group = training.recipe.accumulate
        first = place.batch - place.batch % group
        size = min(group, len(training.train) - first)
        training.device.backward(scores.total if size == 1 else scores.total / size)
        place.step += 1
        place.batch += 1
        if place.batch == first + size:
            training.device.step(training.optimizer, rate)
            place.updates += 1
        return rate

    def close(self) -> Generator[Event, None, _Closed]:
        """Score the validation rows and judge the epoch.

        Returns:
            The epoch's event, and whether to stop.
        """
        training, place = self.training, self.place
        train = training.ledger.result()
        training.ledger.reset()
        held: dict[str, float] = {}
        if training.validation is not None:
            with training.device.autocast():
                held = evaluate(training.network, training.validation.batches())
        scores = watched(train, held)
        recipe = training.recipe
        place.best, verdict = recipe.best_rule.update(place.best, scores, place.epoch - 1)
        if verdict.best:
            yield BestFound(
                epoch=place.epoch, step=place.step, scores=scores, reason=verdict.reason
            )
        stop = ""
        if recipe.stopping is not None:
            place.stopping, judged = recipe.stopping.update(place.stopping, scores, place.epoch - 1)
            stop = judged.reason if judged.stop else ""
        if isinstance(recipe.schedule, ReduceLROnPlateau):
            base = recipe.optimizer.learning_rate
            place.plateau = recipe.schedule.after(place.plateau, scores, base)
        seconds = time.monotonic() - self.began
        done = EpochDone(
            epoch=place.epoch, step=place.step, train=train, validation=held, seconds=seconds
        )
        return _Closed(done, stop)


def learning_rate(training: Training) -> float:
    """Answer the learning rate of the next update."""
    recipe, place = training.recipe, training.place
    base = recipe.optimizer.learning_rate
    if isinstance(recipe.schedule, ReduceLROnPlateau):
        return base * place.plateau.factor
    planned = training.planned_updates
    return base * recipe.schedule.scale(place.updates, place.epoch - 1, planned)


def _diverged(training: Training, scores: Scores) -> RunFailed:
    """Say which output blew up; the weights are still those before this batch."""
    broken = [name for name, loss in scores.losses.items() if not math.isfinite(float(loss))]
    place = training.place
    found = Diagnostic(
        "diverged",
        "the loss is no longer a number, so the training was stopped before it harmed the weights",
        node=broken[0] if broken else None,
        place=f"step {place.step + 1}, epoch {place.epoch}",
        found=f"loss {float(scores.total)}",
        expected="a finite number",
        fixes=(
            Fix(f"Use a smaller learning rate than {learning_rate(training):g}."),
            Fix("Clip the gradients: set global_clipnorm of the optimizer to 1."),
            Fix("Standardise large inputs and targets (scale in the data block)."),
        ),
    )
    return RunFailed(
        step=place.step, epoch=place.epoch, code=found.code, diagnostic=found.to_dict()
    )


def one_batch(training: Training, batch: Batch) -> Scores:
    """Train on one batch outside of any epoch, and answer what it was worth before the update."""
    training.network.train()
    seed_step(training.recipe.seed, training.place.step)
    scores = score(training.network, batch)
    training.device.backward(scores.total)
    training.device.step(training.optimizer, learning_rate(training))
    training.place.step += 1
    training.place.updates += 1
    return scores
