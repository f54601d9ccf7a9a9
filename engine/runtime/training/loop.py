"""The training loop: a generator that trains a network in place and yields events."""

from __future__ import annotations

import math
import time
from collections.abc import Generator, Iterator, Sequence
from itertools import islice

import torch
from torch import Tensor

from engine import events
from engine.events import EpochDone, Event, RunFailed, RunFinished, RunStopped
from engine.recipe.schedule import ReduceLROnPlateau
from engine.recipe.score_names import monitored_scores
from engine.runs.log.step_buffer import TrainingStep
from engine.runtime.batches.batch import Batch
from engine.runtime.batches.data_loader import DataLoader
from engine.runtime.loss_weighting.total_loss import BatchLosses, heads_of
from engine.runtime.training.control import HEARTBEAT_SECONDS
from engine.runtime.training.divergence import non_finite_loss, non_finite_weights, run_failed
from engine.runtime.training.epoch_metrics import EpochMetrics, evaluate_steps
from engine.runtime.training.non_finite import first_non_finite_output, first_non_finite_weight
from engine.runtime.training.step import compute_gradients
from engine.runtime.training.training import Training

NamedValues = dict[str, float]
_BatchNumbers = tuple[float, NamedValues, NamedValues, NamedValues]


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
            is_last_batch = event.step == progress.step  # of the same step of the optimizer
            if not (is_last_batch and training.is_decision_due):
                continue
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
    """Yield the events of the requests that have arrived, if any."""
    control = training.control
    if control and training.group.decide(control.has_requests(training.progress.step)):
        yield from control.process_requests(training)


def _stop_reason(training: Training) -> str:
    """Return why the training has to stop now, or "" to continue."""
    return training.stop_reason() or (training.control.stop_reason if training.control else "")


def _stop_event(training: Training, reason: str) -> RunStopped | RunFailed:
    stopped = RunStopped(reason=reason, **training.progress.end_fields())
    return _non_finite_failure(training) or stopped


def _non_finite_failure(training: Training) -> RunFailed | None:
    """Return the event for weights that are not finite; None if all are finite."""
    if training.network.is_finite:
        return None
    node = first_non_finite_weight(training.network)
    diagnostic = non_finite_weights(training.progress, training.learning_rate, node)
    return run_failed(training.progress, diagnostic)


class _Epoch:
    def __init__(self, training: Training) -> None:
        self.training = training
        self.progress = training.progress
        self.stop_reason = ""  # set if a stop was requested during validation
        self.start = training.clock

    def steps(self) -> Iterator[TrainingStep | RunFailed]:
        training, progress = self.training, self.progress
        recipe = training.recipe
        training.network.train()
        order = training.train.epoch_order(recipe.seed, progress.epoch, recipe.shuffle)
        batches = training.train.batches(order, progress.batch)
        # Gradient accumulation: several batches are one step of the optimizer.
        while group := list(islice(batches, recipe.accumulate)):
            results = compute_gradients(training, group, progress.epoch)
            values, norm = _to_floats(results, training.optimizer.gradient_norms())
            for batch, result, (total, *_) in zip(group, results, values, strict=True):
                if not math.isfinite(total):
                    yield self._divergence(batch, result)
                    return
            rate, first = training.learning_rate, progress.step + 1
            norm /= training.device_context.gradient_scale
            training.update_weights(rate)
            progress.step += len(group)
            progress.batch += len(group)
            training.rows_seen += int(sum(result.row_count for result in results))
            for step, numbers in enumerate(values, first):
                yield TrainingStep(step, progress.epoch, *numbers, rate, norm)

    def _divergence(self, batch: Batch, losses: BatchLosses) -> RunFailed:
        training = self.training
        training.optimizer.zero_grad()
        with training.random_numbers(self.progress.epoch, batch):
            found = training.group.gather(first_non_finite_output(training.network, batch.inputs))
        order = {step.node: index for index, step in enumerate(training.network.plan.steps)}
        nodes = sorted(filter(None, found), key=lambda node: order.get(node.node, 0))
        non_finite = nodes[0] if nodes else None
        rate = training.learning_rate
        return run_failed(self.progress, non_finite_loss(self.progress, rate, losses, non_finite))

    def _validate(self, validation: DataLoader) -> Generator[Event, None, NamedValues | None]:
        """Yield events while validation rows are scored; return the scores, or None if stopped."""
        training, control = self.training, self.training.control
        evaluation = evaluate_steps(training.network, validation.batches(), training.group)
        last_beat = time.monotonic()
        while True:
            try:
                with training.device_context.autocast():
                    next(evaluation)
            except StopIteration as done:
                scores: NamedValues = done.value
                return scores
            if control and training.group.decide(control.has_requests(self.progress.step)):
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
                    evaluation = evaluate_steps(
                        training.network, validation.batches(), training.group
                    )
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
        # Replaced only now, since a checkpoint saved during validation needs the epoch's metrics.
        training.epoch_metrics.merge(training.group)
        train = training.group.broadcast(training.epoch_metrics.result())
        training.epoch_metrics = EpochMetrics(heads_of(training.network))
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
    results: Sequence[BatchLosses], norms: Sequence[Tensor]
) -> tuple[list[_BatchNumbers], float]:
    """Return the numbers of each batch of a step, and the norm of the gradient.

    The device copies all numbers in one transfer.

    Args:
        norms: norms of parts of the gradient.
    """
    tensors = []
    for result in results:
        groups = (result.losses, result.penalties, result.weights)
        terms = (result.total, *(term for group in groups for term in group.values()))
        tensors += [term.detach() for term in terms]
    values = iter(torch.stack([*tensors, *norms]).tolist())
    numbers: list[_BatchNumbers] = []
    for result in results:
        total = next(values)
        groups = (result.losses, result.penalties, result.weights)
        # each zip takes as many values as its group has names
        numbers.append((total, *(dict(zip(group, values, strict=False)) for group in groups)))
    return numbers, math.hypot(*values)


def train_on_batch(training: Training, batch: Batch) -> None:
    """Train on one batch outside of any epoch; `training.epoch_metrics` then has its scores."""
    training.network.train()
    compute_gradients(training, [batch], training.progress.step)
    training.update_weights(training.learning_rate)
    training.progress.step += 1
