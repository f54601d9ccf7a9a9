"""The training loop: a generator that trains a network in place and tells what happens."""

from __future__ import annotations

import math
import time
from collections.abc import Generator, Iterator, Sequence

import torch
from torch import Tensor

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
from engine.recipe.schedule import ReduceLROnPlateau
from engine.recipe.score_names import watched
from engine.runtime.batches.data_loader import Batch, Feed
from engine.runtime.device import seed_step
from engine.runtime.model.total_loss import Scores, heads_of, score
from engine.runtime.training.control import BEAT
from engine.runtime.training.divergence import diverged, harmed
from engine.runtime.training.epoch_metrics import scored
from engine.runtime.training.non_finite import spoiled_answers, spoiled_weights
from engine.runtime.training.state import Training, learning_rate, never

__all__ = ["Training", "fit", "learning_rate", "never", "one_batch"]

Named = dict[str, float]


def fit(training: Training) -> Iterator[Event]:
    """Train, and tell what happens as it happens.

    Yields:
        A StepsDone for each batch; an EpochDone for each epoch, before it a BestFound where it
        beats the others; at last RunFinished, RunStopped or RunFailed. At each event the training
        is in a state that can be saved and resumed from.
    """
    try:
        yield from _told(training)
    finally:
        if training.network.native is not None:
            training.network.native.rest()


def _told(training: Training) -> Iterator[Event]:
    progress = training.progress
    clock = _Clock(training)
    yield from _attended(training)
    if training.live and training.live.stop:
        yield _stopped(training, training.live.stop)
        return
    while progress.epoch <= training.recipe.epochs and not progress.ended:
        epoch = _Epoch(training)
        for event in epoch.steps():
            progress.seconds = clock.seconds
            yield event
            if isinstance(event, RunFailed):
                return
            yield from _attended(training)
            if asked := _asked(training):
                progress.seconds = clock.seconds
                yield _stopped(training, asked)
                return
        if not training.network.finite:
            spoiled = spoiled_weights(training.network)
            yield harmed(progress, learning_rate(training), spoiled)
            return
        done = yield from epoch.close()
        if done is None:
            progress.seconds = clock.seconds
            yield _stopped(training, epoch.asked)
            return
        progress.next_epoch()
        progress.seconds = clock.seconds
        yield done
    progress.seconds = clock.seconds
    yield RunFinished(reason=progress.ended or "all epochs are done", **progress.end())


class _Clock:
    """Counts the seconds of a run, those of earlier attempts included, those of pauses not."""

    def __init__(self, training: Training) -> None:
        self._training = training
        self._began = time.monotonic() - training.idle - training.progress.seconds

    @property
    def seconds(self) -> float:
        """What the run has taken so far."""
        return time.monotonic() - self._began - self._training.idle


def _attended(training: Training) -> Iterator[Event]:
    """Carry out what people ask for."""
    live = training.live
    return live.attend(training) if live and live.due(training.progress.step) else iter(())


def _asked(training: Training) -> str:
    """Return why to stop now, "" to go on."""
    return training.stop() or (training.live.stop if training.live else "")


def _stopped(training: Training, reason: str) -> RunStopped | RunFailed:
    if not training.network.finite:
        spoiled = spoiled_weights(training.network)
        return harmed(training.progress, learning_rate(training), spoiled)
    return RunStopped(reason=reason, **training.progress.end())


class _Epoch:
    """One pass over the training rows, from wherever the training stands."""

    def __init__(self, training: Training) -> None:
        self.training = training
        self.progress = training.progress
        self.asked = ""  # why to stop, where that was asked while the epoch was judged
        self.began = time.monotonic() - training.idle

    def steps(self) -> Iterator[Event]:
        """Train on the batches that are left, and yield what each was worth."""
        training, progress = self.training, self.progress
        recipe = training.recipe
        training.network.train()
        order = training.train.order(recipe.seed, progress.epoch, recipe.shuffle)
        for batch in training.train.batches(order, progress.batch):
            seed_step(recipe.seed, progress.step, training.place.device)
            with training.place.autocast(), training.draws.of(progress.epoch, batch.numbers):
                scores = score(training.network, batch)
            size, left = self._group()
            aim = training.aim(scores, batch, size)
            training.place.backward(aim.total if size == 1 else aim.total / size)
            numbers = _numbers(aim, training.optimizer.lengths())
            total, losses, penalties, weights, length = numbers
            # The gradient so far is a sum of `size - left` parts of one size-th each.
            norm = length * size / (size - left) / training.place.scale
            if not math.isfinite(total):
                training.optimizer.zero_grad()
                spoiled = spoiled_answers(training.network, batch.inputs)
                yield diverged(progress, learning_rate(training), aim, spoiled)
                return
            rate = self._learn(left == 0)
            training.rows += batch.rows
            training.ledger.add(training.network, scores, batch)
            yield StepsDone(
                first=progress.step,
                last=progress.step,
                epoch=progress.epoch,
                loss=(total,),
                losses={name: (loss,) for name, loss in losses.items()},
                penalties={name: (term,) for name, term in penalties.items()},
                weights={name: (weight,) for name, weight in weights.items()},
                learning_rate=(rate,),
                grad_norm=(norm,),
            )

    def _group(self) -> tuple[int, int]:
        """Return how many batches are averaged with this one, and how many of them come after."""
        batch, group = self.progress.batch, self.training.recipe.accumulate
        first = batch - batch % group
        size = min(group, len(self.training.train) - first)
        return size, first + size - batch - 1

    def _learn(self, whole: bool) -> float:
        """Move the weights if the group of batches is whole; answers the learning rate."""
        training, progress = self.training, self.progress
        rate = learning_rate(training)
        progress.step += 1
        progress.batch += 1
        if whole:
            training.move(rate)
        return rate

    def _validate(self, validation: Feed) -> Generator[Event, None, Named | None]:
        """Score the validation rows, with a sign of life and an ear for requests now and then.

        Returns:
            The scores, None if somebody asked for the end.
        """
        training, live = self.training, self.training.live
        scoring = scored(training.network, validation.batches())
        beat = time.monotonic()
        while True:
            try:
                with training.place.autocast():
                    next(scoring)
            except StopIteration as done:
                held: Named = done.value
                return held
            if live and live.due(self.progress.step):
                weights = heads_of(training.network)
                yield from live.attend(training)
                self.asked = _asked(training)
                if self.asked:
                    scoring.close()
                    return None
                if heads_of(training.network) != weights:
                    # A resume makes the change before this validation, so all of it has to count.
                    scoring.close()
                    scoring = scored(training.network, validation.batches())
            if time.monotonic() - beat >= BEAT:
                beat = time.monotonic()
                yield Heartbeat(phase="validating", step=self.progress.step)

    def close(self) -> Generator[Event, None, EpochDone | None]:
        """Score the validation rows and judge the epoch.

        Returns:
            The epoch's event, None if somebody asked for the end before it was judged.
        """
        training, progress = self.training, self.progress
        held: Named | None = {}
        if training.validation is not None:
            held = yield from self._validate(training.validation)
        if held is None:
            return None
        # Not before: a run that is saved meanwhile has to keep what it knows of the epoch.
        train = training.ledger.result()
        training.ledger.reset()
        scores = watched(train, held)
        if progress.mixed and not held:  # a score that is not there is never better
            scores = {name: value for name, value in scores.items() if name != "loss"}
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
        seconds = time.monotonic() - self.began - training.idle
        weights = training.balance.weights(heads_of(training.network)) if training.balance else {}
        return EpochDone(
            epoch=progress.epoch,
            step=progress.step,
            train=train,
            validation=held,
            weights={name: weight.item() for name, weight in weights.items()},
            seconds=seconds,
        )


def _numbers(scores: Scores, lengths: Sequence[Tensor]) -> tuple[float, Named, Named, Named, float]:
    """Return total, losses, penalties, weights and the whole gradient's length as numbers.

    Why: all in one transfer, since a step should wait for the device once.
    """
    parts = (scores.losses, scores.penalties, scores.weights)
    terms = [term.detach() for part in parts for term in part.values()]
    total, *numbers = torch.stack([scores.total.detach(), *terms, *lengths]).tolist()
    left = iter(numbers)
    losses, penalties, weights = (dict(zip(part, left, strict=False)) for part in parts)
    return total, losses, penalties, weights, math.hypot(*left)


def one_batch(training: Training, batch: Batch) -> Scores:
    """Train on one batch outside of any epoch, and answer what it was worth before the update."""
    training.network.train()
    seed_step(training.recipe.seed, training.progress.step, training.place.device)
    with training.draws.of(training.progress.step, batch.numbers):
        scores = score(training.network, batch)
    rate = learning_rate(training)
    training.place.backward(training.aim(scores, batch).total)
    training.move(rate)
    training.progress.step += 1
    return scores
