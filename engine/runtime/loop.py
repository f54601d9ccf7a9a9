"""The training loop: a generator that trains a network in place and tells what happens."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch

from engine.core.diagnostic import Diagnostic, Fix
from engine.events import (
    BestFound,
    EpochDone,
    Event,
    Heartbeat,
    RunFailed,
    RunFinished,
    RunStopped,
    StepsDone,
)
from engine.recipe.recipe import Recipe
from engine.recipe.schedule import ReduceLROnPlateau
from engine.recipe.scores import watched
from engine.runtime.device import Place, make_place, seed_step
from engine.runtime.feed import Batch, Feed, epoch_order
from engine.runtime.ledger import Ledger, scored
from engine.runtime.module import Network
from engine.runtime.objective import Scores, heads_of, score
from engine.runtime.optimizers import Optimizer
from engine.runtime.progress import Progress

BEAT = 2.0  # seconds of validation after which a sign of life is due


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
        place: where to compute.
        progress: where to begin; moved along.
        stop: asked after each step; a reason, or "" to go on.
    """

    network: Network
    recipe: Recipe
    optimizer: Optimizer[Any]
    train: Feed
    validation: Feed | None = None
    place: Place = field(default_factory=lambda: make_place("cpu", "float32"))
    progress: Progress = field(default_factory=Progress)
    stop: Callable[[], str] = never

    def __post_init__(self) -> None:
        self.ledger = Ledger(heads_of(self.network))

    def state(self) -> dict[str, Any]:
        """Answer all that a resumed run has to know besides weights and optimizer, as JSON."""
        return {
            "progress": self.progress.plain(),
            "ledger": self.ledger.state(),
            "place": self.place.state(),
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from what `state` answered."""
        self.progress = Progress.read(state["progress"])
        self.ledger.restore(state["ledger"])
        self.place.load_state(state["place"])

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
    progress = training.progress
    began = time.monotonic() - progress.seconds
    while progress.epoch <= training.recipe.epochs and not progress.ended:
        epoch = _Epoch(training)
        for event in epoch.steps():
            progress.seconds = time.monotonic() - began
            yield event
            if isinstance(event, RunFailed):
                return
            if asked := training.stop():
                progress.seconds = time.monotonic() - began
                yield _stopped(training, asked)
                return
        if not training.network.finite:
            yield _harmed(training)
            return
        done = yield from epoch.close()
        progress.next_epoch()
        progress.seconds = time.monotonic() - began
        yield done
    progress.seconds = time.monotonic() - began
    yield RunFinished(reason=progress.ended or "all epochs are done", **progress.end())


def _stopped(training: Training, reason: str) -> RunStopped | RunFailed:
    if not training.network.finite:
        return _harmed(training)
    return RunStopped(reason=reason, **training.progress.end())


class _Epoch:
    """One pass over the training rows, from wherever the training stands."""

    def __init__(self, training: Training) -> None:
        self.training = training
        self.progress = training.progress
        self.began = time.monotonic()

    def steps(self) -> Iterator[Event]:
        """Train on the batches that are left, and yield what each was worth."""
        training, progress = self.training, self.progress
        recipe = training.recipe
        training.network.train()
        order = epoch_order(training.train.rows, recipe.seed, progress.epoch, recipe.shuffle)
        for batch in training.train.batches(order, progress.batch):
            seed_step(recipe.seed, progress.step, training.place.device)
            with training.place.autocast():
                scores = score(training.network, batch)
            total, losses, penalties = _numbers(scores)
            if not math.isfinite(total):
                yield _diverged(training, scores)
                return
            rate = self._learn(scores)
            training.ledger.add(training.network, scores, batch)
            yield StepsDone(
                first=progress.step,
                last=progress.step,
                epoch=progress.epoch,
                loss=(total,),
                losses={name: (loss,) for name, loss in losses.items()},
                penalties={name: (term,) for name, term in penalties.items()},
                learning_rate=(rate,),
            )

    def _learn(self, scores: Scores) -> float:
        """Take the gradients in, and move the weights if it is time; answers the learning rate."""
        training, progress = self.training, self.progress
        rate = learning_rate(training)
        group = training.recipe.accumulate
        first = progress.batch - progress.batch % group
        size = min(group, len(training.train) - first)
        training.place.backward(scores.total if size == 1 else scores.total / size)
        progress.step += 1
        progress.batch += 1
        if progress.batch == first + size:
            training.place.step(training.optimizer, rate)
            training.optimizer.zero_grad()
            progress.updates += 1
        return rate

    def _validate(self, validation: Feed) -> Generator[Event, None, dict[str, float]]:
        """Score the validation rows, with a sign of life now and then."""
        scoring = scored(self.training.network, validation.batches())
        beat = time.monotonic()
        while True:
            try:
                with self.training.place.autocast():
                    next(scoring)
            except StopIteration as done:
                held: dict[str, float] = done.value
                return held
            if time.monotonic() - beat >= BEAT:
                beat = time.monotonic()
                yield Heartbeat(phase="validating", step=self.progress.step)

    def close(self) -> Generator[Event, None, EpochDone]:
        """Score the validation rows and judge the epoch.

        Returns:
            The epoch's event.
        """
        training, progress = self.training, self.progress
        train = training.ledger.result()
        training.ledger.reset()
        held: dict[str, float] = {}
        if training.validation is not None:
            held = yield from self._validate(training.validation)
        scores = watched(train, held)
        recipe = training.recipe
        progress.best, verdict = recipe.best_rule.update(progress.best, scores, progress.epoch - 1)
        if verdict.best:
            yield BestFound(
                epoch=progress.epoch, step=progress.step, scores=scores, reason=verdict.reason
            )
        if recipe.stopping is not None:
            progress.stopping, judged = recipe.stopping.update(
                progress.stopping, scores, progress.epoch - 1
            )
            progress.ended = judged.reason if judged.stop else ""
        if isinstance(recipe.schedule, ReduceLROnPlateau):
            base = recipe.optimizer.learning_rate
            progress.plateau = recipe.schedule.after(progress.plateau, scores, base)
        seconds = time.monotonic() - self.began
        return EpochDone(
            epoch=progress.epoch, step=progress.step, train=train, validation=held, seconds=seconds
        )


def _numbers(scores: Scores) -> tuple[float, dict[str, float], dict[str, float]]:
    """Answer total, losses and penalties as numbers, all in one transfer from the device."""
    terms = {**scores.losses, **scores.penalties}
    values = [scores.total.detach(), *(term.detach() for term in terms.values())]
    total, *numbers = torch.stack(values).tolist()
    losses = dict(zip(scores.losses, numbers, strict=False))
    return total, losses, dict(zip(scores.penalties, numbers[len(losses) :], strict=True))


def learning_rate(training: Training) -> float:
    """Answer the learning rate of the next update."""
    recipe, progress = training.recipe, training.progress
    base: float = recipe.optimizer.learning_rate
    if isinstance(recipe.schedule, ReduceLROnPlateau):
        return base * progress.plateau.factor
    planned = training.planned_updates
    scale: float = recipe.schedule.scale(progress.updates, progress.epoch - 1, planned)
    return base * scale


def _diverged(training: Training, scores: Scores) -> RunFailed:
    """Say which output blew up; this batch has not moved the weights."""
    broken = [name for name, loss in scores.losses.items() if not math.isfinite(loss.item())]
    message = "the loss is no longer a number, so the training was stopped before this step"
    found = f"loss {scores.total.item()}"
    return _failed(training, message, found, training.progress.step + 1, next(iter(broken), None))


def _harmed(training: Training) -> RunFailed:
    """Say that the last steps of an epoch made weights that no checkpoint should hold."""
    message = "the last steps spoiled the weights, so the run was stopped before they were saved"
    return _failed(training, message, "weights that are infinite or NaN", training.progress.step)


def _failed(
    training: Training, message: str, found: str, step: int, node: str | None = None
) -> RunFailed:
    progress = training.progress
    diagnostic = Diagnostic(
        "diverged",
        message,
        node=node,
        place=f"step {step}, epoch {progress.epoch}",
        found=found,
        expected="finite numbers",
        fixes=(
            Fix(f"Use a smaller learning rate than {learning_rate(training):g}."),
            Fix("Clip the gradients: set global_clipnorm of the optimizer to 1."),
            Fix("Standardise large inputs and targets (scale in the data block)."),
        ),
    )
    return RunFailed(code=diagnostic.code, diagnostic=diagnostic.to_dict(), **progress.end())


def one_batch(training: Training, batch: Batch) -> Scores:
    """Train on one batch outside of any epoch, and answer what it was worth before the update."""
    training.network.train()
    seed_step(training.recipe.seed, training.progress.step, training.place.device)
    scores = score(training.network, batch)
    training.place.backward(scores.total)
    training.place.step(training.optimizer, learning_rate(training))
    training.optimizer.zero_grad()
    training.progress.step += 1
    training.progress.updates += 1
    return scores
