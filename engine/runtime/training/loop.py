"""The training loop: a generator that trains a network in place and yields events."""

from __future__ import annotations

import math
import time
from collections.abc import Generator, Iterator, Sequence

import torch
from torch import Tensor

from engine import events
from engine.events import EpochDone, Event, RunFailed, RunFinished, RunStopped
from engine.recipe.schedule import ReduceLROnPlateau
from engine.recipe.score_names import monitored_scores
from engine.runs.log.step_buffer import TrainingStep
from engine.runtime.batches.data_loader import Batch, DataLoader
from engine.runtime.loss_weighting.total_loss import BatchLosses, compute_losses, heads_of
from engine.runtime.seeding import seed_step
from engine.runtime.training.control import HEARTBEAT_SECONDS
from engine.runtime.training.divergence import divergence_failure, non_finite_weights_failure
from engine.runtime.training.epoch_metrics import evaluate_steps
from engine.runtime.training.non_finite import first_non_finite_output, first_non_finite_weight
from engine.runtime.training.training import Training

NamedValues = dict[str, float]


def fit(training: Training) -> Iterator[Event | TrainingStep]:
    """Train the network, and yield whenever something has happened.

    Yields:
        A TrainingStep per batch. Events: an EpochDone per epoch, preceded by a BestFound if the
        epoch is the best so far; finally RunFinished, RunStopped or RunFailed. Also a ControlTaken
        per control request, and Heartbeats during pauses and validation. Whenever something is
        yielded, the state of the training is consistent, so it can be saved in a checkpoint.
    """
    progress = training.progress
    start = training.clock - progress.seconds
    yield from _poll_requests(training)
    if training.control and training.control.stop_reason:
        yield _stop_event(training, training.control.stop_reason)
        return
    while progress.epoch <= training.recipe.epochs and not progress.ended:
        epoch = _Epoch(training)
        for event in epoch.steps():
            progress.seconds = training.clock - start
            yield event
            if isinstance(event, RunFailed):
                return
            yield from _poll_requests(training)
            if reason := _stop_reason(training):
                progress.seconds = training.clock - start
                yield _stop_event(training, reason)
                return
        if failure := _non_finite_failure(training):
            yield failure
            return
        epoch_done = yield from epoch.finish()
        if epoch_done is None:
            progress.seconds = training.clock - start
            yield _stop_event(training, epoch.stop_reason)
            return
        progress.next_epoch()
        progress.seconds = training.clock - start
        yield epoch_done
    progress.seconds = training.clock - start
    yield RunFinished(reason=progress.ended or "all epochs are done", **progress.end_fields())


def _poll_requests(training: Training) -> Iterator[Event]:
    control = training.control
    if control and control.is_due(training.progress.step):
        return control.process_requests(training)
    return iter(())


def _stop_reason(training: Training) -> str:
    """Return why the training has to stop now, or "" to continue."""
    return training.stop() or (training.control.stop_reason if training.control else "")


def _stop_event(training: Training, reason: str) -> RunStopped | RunFailed:
    stopped = RunStopped(reason=reason, **training.progress.end_fields())
    return _non_finite_failure(training) or stopped


def _non_finite_failure(training: Training) -> RunFailed | None:
    """Return the event for weights that are not finite; None if all are finite."""
    if training.network.is_finite:
        return None
    node = first_non_finite_weight(training.network)
    return non_finite_weights_failure(training.progress, training.learning_rate, node)


class _Epoch:
    def __init__(self, training: Training) -> None:
        self.training = training
        self.progress = training.progress
        self.stop_reason = ""  # set if a stop was requested during validation
        self.start = training.clock

    def steps(self) -> Iterator[TrainingStep | RunFailed]:
        training, progress = self.training, self.progress
        recipe, context = training.recipe, training.device_context
        training.network.train()
        order = training.train.epoch_order(recipe.seed, progress.epoch, recipe.shuffle)
        for batch in training.train.batches(order, progress.batch):
            seed_step(recipe.seed, progress.step, context.device)
            with (
                context.autocast(),
                training.augmentation_random.for_rows(progress.epoch, batch.row_indices),
            ):
                batch_losses = compute_losses(training.network, batch)
            # Gradient accumulation: each of `size` batches adds 1/size of its gradient, and the
            # last of them updates the weights.
            size, remaining = self._accumulation()
            weighted = training.weight_losses(batch_losses, batch, size)
            context.backward(weighted.total if size == 1 else weighted.total / size)
            values = _to_floats(weighted, training.optimizer.gradient_norms())
            total, losses, penalties, weights, norm = values
            # Report the norm of the mean gradient of the batches accumulated so far, unscaled.
            norm = norm * size / (size - remaining) / context.gradient_scale
            if not math.isfinite(total):
                training.optimizer.zero_grad()
                non_finite = first_non_finite_output(training.network, batch.inputs)
                yield divergence_failure(progress, training.learning_rate, weighted, non_finite)
                return
            rate = training.learning_rate
            progress.step += 1
            progress.batch += 1
            if remaining == 0:
                training.update_weights(rate)
            training.rows_seen += batch.row_count
            training.epoch_metrics.update(training.network, batch_losses, batch)
            yield TrainingStep(
                progress.step, progress.epoch, total, losses, penalties, weights, rate, norm
            )

    def _accumulation(self) -> tuple[int, int]:
        """Return two numbers about the batches whose gradients are accumulated for the next update.

        The first is their number. The second is how many of them follow the current batch.
        """
        batch, group_size = self.progress.batch, self.training.recipe.accumulate
        first = batch - batch % group_size
        size = min(group_size, len(self.training.train) - first)
        return size, first + size - batch - 1

    def _validate(self, validation: DataLoader) -> Generator[Event, None, NamedValues | None]:
        """Yield events while validation rows are scored; return the scores, or None if stopped."""
        training, control = self.training, self.training.control
        evaluation = evaluate_steps(training.network, validation.batches())
        last_beat = time.monotonic()
        while True:
            try:
                with training.device_context.autocast():
                    next(evaluation)
            except StopIteration as done:
                scores: NamedValues = done.value
                return scores
            if control and control.is_due(self.progress.step):
                heads = heads_of(training.network)
                yield from control.process_requests(training)
                self.stop_reason = _stop_reason(training)
                if self.stop_reason:
                    evaluation.close()
                    return None
                if heads_of(training.network) != heads:
                    # Loss weights changed, so the validation is restarted: a resumed run applies
                    # the change before validation, and has to get the same scores.
                    evaluation.close()
                    evaluation = evaluate_steps(training.network, validation.batches())
            if time.monotonic() - last_beat >= HEARTBEAT_SECONDS:
                last_beat = time.monotonic()
                yield events.Heartbeat(phase="validating", step=self.progress.step)

    def finish(self) -> Generator[Event, None, EpochDone | None]:
        """Finish the epoch: validate, then update best epoch, early stopping and ReduceLROnPlateau.

        Returns:
            The event of the epoch; None if a stop was requested during validation.
        """
        training, progress = self.training, self.progress
        validation: NamedValues | None = {}
        if training.validation is not None:
            validation = yield from self._validate(training.validation)
        if validation is None:
            return None
        # Reset only now, since a checkpoint saved during validation needs the epoch's metrics.
        train = training.epoch_metrics.result()
        training.epoch_metrics.reset()
        scores = monitored_scores(train, validation)
        if progress.mixed and not validation:
            # Loss weights changed within the epoch, so its total training loss is meaningless.
            # A missing score is never better than the best one.
            scores = {name: value for name, value in scores.items() if name != "loss"}
        recipe = training.recipe
        index = progress.epoch - 1
        progress.best, decision = recipe.best_epoch_rule.update(progress.best, scores, index)
        if decision.best:
            yield events.BestFound(
                epoch=progress.epoch, step=progress.step, scores=scores, reason=decision.reason
            )
        if recipe.stopping is not None:
            progress.stopping, decision = recipe.stopping.update(progress.stopping, scores, index)
            progress.ended = decision.reason if decision.stop else ""
        if isinstance(recipe.schedule, ReduceLROnPlateau):
            base_rate = recipe.optimizer.learning_rate
            progress.plateau = recipe.schedule.update(progress.plateau, scores, base_rate)
        weighting = training.loss_weighting
        weights = weighting.loss_weights(heads_of(training.network)) if weighting else {}
        return EpochDone(
            epoch=progress.epoch,
            step=progress.step,
            train=train,
            validation=validation,
            weights={name: weight.item() for name, weight in weights.items()},
            seconds=training.clock - self.start,
        )


def _to_floats(
    batch_losses: BatchLosses, norms: Sequence[Tensor]
) -> tuple[float, NamedValues, NamedValues, NamedValues, float]:
    """Return total, losses, penalties, loss weights and global gradient norm as Python numbers.

    `norms` are norms of parts of the gradient. The device copies all numbers in one transfer.
    """
    groups = (batch_losses.losses, batch_losses.penalties, batch_losses.weights)
    terms = [term.detach() for group in groups for term in group.values()]
    total, *values = torch.stack([batch_losses.total.detach(), *terms, *norms]).tolist()
    remaining = iter(values)  # each zip takes as many values as its group has names
    losses, penalties, weights = (dict(zip(group, remaining, strict=False)) for group in groups)
    return total, losses, penalties, weights, math.hypot(*remaining)


def train_on_batch(training: Training, batch: Batch) -> BatchLosses:
    """Train on one batch outside of any epoch, and return its losses before the update."""
    training.network.train()
    seed_step(training.recipe.seed, training.progress.step, training.device_context.device)
    with training.augmentation_random.for_rows(training.progress.step, batch.row_indices):
        batch_losses = compute_losses(training.network, batch)
    rate = training.learning_rate
    training.device_context.backward(training.weight_losses(batch_losses, batch).total)
    training.update_weights(rate)
    training.progress.step += 1
    return batch_losses
