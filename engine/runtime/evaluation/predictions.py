"""The predictions and targets of each output, and the scores, from one pass over a dataset."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from engine.data.dataset.dataset import Dataset
from engine.data.table.array import Array
from engine.layers.activation import apply_activation
from engine.objectives.head import Head
from engine.runs.evaluation import Task
from engine.runtime.batches.batch import Batch
from engine.runtime.batches.data_loader import make_data_loader
from engine.runtime.inference.label_decoder import head_task
from engine.runtime.inference.trained_model import TrainedModel
from engine.runtime.loss_weighting.total_loss import BatchLosses, compute_losses
from engine.runtime.model.losses import align, combine_masks, entry_values, expand_to
from engine.runtime.training.epoch_metrics import EpochMetrics

Masks = tuple[Tensor | None, ...]
Progress = Callable[[int, int], None]
MAX_FULL_CLASSES = 20  # maximum classes for which all probabilities are kept


@dataclass(frozen=True, slots=True)
class Predictions:
    """The targets and predictions of one output on all rows, except for fully masked positions.

    Args:
        head: the output.
        task: task of the output: classes, yes-no, labels or number.
        row_indices: position of each prediction's row among the scored rows; a row may have several
            predictions, such as one per time step.
        truth: true class indices; for other tasks, targets of shape (predictions, columns).
        predicted: predicted class indices; for other tasks, an array with the shape of `truth`.
        confidence: probability of each predicted class; empty for other tasks.
        probabilities: probabilities of shape (predictions, classes); (predictions, 0) for other
            tasks, or if there are more than MAX_FULL_CLASSES classes.
        mask: array with the shape of `truth`: True for unmasked elements.
        losses: mean loss of each scored row, above that of a perfect prediction of a number; NaN if
            the row is masked completely.
    """

    head: Head
    task: Task
    row_indices: Array
    truth: Array
    predicted: Array
    confidence: Array
    probabilities: Array
    mask: Array
    losses: Array


def predict_and_score(
    trained: TrainedModel, dataset: Dataset, progress: Progress | None = None
) -> tuple[dict[str, float], list[Predictions]]:
    """Return the scores of a dataset, and the predictions of each output that has a target.

    Args:
        progress: called after each batch with the number of scored rows and of all rows.

    Returns:
        The scores by name, such as "loss" or "age/mae"; the predictions in the order of outputs.
    """
    network = trained.network
    heads = [head for head in trained.heads if head.loss is not None]
    metrics = EpochMetrics(trained.heads)
    collectors = {head.name: _PredictionCollector(head) for head in heads}
    scored_rows = 0
    loader = make_data_loader(dataset, trained.batch_size, trained.device_context)
    with torch.no_grad(), trained.device_context.autocast():
        for batch, output in trained.forward_outputs(loader.batches()):
            losses = compute_losses(network, batch, output)
            metrics.update(network, losses, batch)
            predictions = network.apply_activations(losses.forward_output)
            for head in heads:
                if head.name in batch.targets:
                    collectors[head.name].add(losses, predictions[head.name], batch)
            scored_rows += batch.row_count
            if progress:
                progress(scored_rows, dataset.row_count)
    if trained.group.rank:  # rank 0 has all results
        return {}, []
    collected_rows = [collector for collector in collectors.values() if collector.rows]
    return metrics.result(), [collector.result() for collector in collected_rows]


class _PredictionCollector:
    """Accumulates the targets and predictions of one output (`Head`), batch by batch."""

    def __init__(self, head: Head) -> None:
        self.head = head
        self.task = head_task(head)
        self.rows = 0
        self._arrays: dict[str, list[Array]] = {}  # by field of `Predictions`, per batch

    def add(self, losses: BatchLosses, prediction: Tensor, batch: Batch) -> None:
        head, name = self.head, self.head.name
        mask, target_mask = losses.forward_output.masks.get(name), batch.masks.get(name)
        target = batch.targets[name]
        logits = losses.forward_output.heads[name]
        self._append("losses", _row_losses(head, logits, target, mask, target_mask))
        prediction, target = align(head, prediction, target)
        prediction = apply_activation(torch, head.probability_activation, prediction)
        if self.task == "classes":
            self._add_classes(prediction, target, (mask, target_mask))
        else:
            self._add_elements(prediction, target, (mask, target_mask))
        self.rows += batch.row_count

    def _add_classes(self, prediction: Tensor, target: Tensor, masks: Masks) -> None:
        """Append the true and predicted class of each unmasked position to the collected arrays."""
        head = self.head
        assert head.loss is not None
        counted = head.loss.target_mask(torch, target)
        probabilities = prediction.movedim(head.loss.class_axis, -1)
        keep = _keep_mask((*masks, counted), probabilities[..., 0], probabilities)
        if head.target_form != "index":
            target = target.movedim(head.loss.class_axis, -1).argmax(-1)
        confidence, predicted_class = probabilities.max(-1)
        self._append("row_indices", keep.nonzero()[:, 0] + self.rows)
        self._append("truth", target[keep])
        self._append("predicted", predicted_class[keep])
        self._append("confidence", confidence[keep])
        class_count = probabilities.shape[-1] if probabilities.shape[-1] <= MAX_FULL_CLASSES else 0
        self._append("probabilities", probabilities[keep][:, :class_count])

    def _add_elements(self, prediction: Tensor, target: Tensor, masks: Masks) -> None:
        """Store target and prediction vectors (last axis) of a batch; skip fully masked ones."""
        keep = _keep_mask(masks, prediction, prediction)
        width, row_count = prediction.shape[-1], len(prediction)
        flat = keep.reshape(-1, width)
        has_elements = flat.any(-1)
        per_row = len(flat) // max(row_count, 1)
        rows = torch.arange(row_count, device=prediction.device).repeat_interleave(per_row)
        self._append("row_indices", rows[has_elements] + self.rows)
        self._append("truth", target.reshape(-1, width)[has_elements])
        self._append("predicted", prediction.reshape(-1, width)[has_elements])
        self._append("mask", flat[has_elements])

    def _append(self, field: str, values: Tensor) -> None:
        self._arrays.setdefault(field, []).append(values.detach().cpu().numpy())

    def result(self) -> Predictions:
        arrays = {field: np.concatenate(batches) for field, batches in self._arrays.items()}
        empty = np.zeros((len(arrays["row_indices"]), 0))
        mask = arrays.get("mask")
        return Predictions(
            self.head,
            self.task,
            arrays["row_indices"],
            arrays["truth"],
            arrays["predicted"],
            arrays.get("confidence", empty[:, 0:0]),
            arrays.get("probabilities", empty),
            np.ones(arrays["truth"].shape, bool) if mask is None else mask,
            arrays["losses"],
        )


def _keep_mask(masks: Masks, positions: Tensor, prediction: Tensor) -> Tensor:
    """Return a mask with the shape of the tensor `positions`: True where all `masks` are True.

    A mask may also have the shape of `prediction`, which has one more axis at the end. Such a mask
    counts as True where it is True along this entire axis. A mask that is None is ignored.
    """
    keep = torch.ones(positions.shape, dtype=torch.bool, device=positions.device)
    for mask in masks:
        if mask is None:
            continue
        if mask.shape == prediction.shape and positions.dim() < prediction.dim():
            mask = mask.all(-1)
        keep &= expand_to(mask, positions).bool()
    return keep


def _row_losses(
    head: Head, logits: Tensor, target: Tensor, mask: Tensor | None, target_mask: Tensor | None
) -> Tensor:
    """Return the mean loss of each row over its unmasked elements; NaN for a fully masked row.

    An element is masked by `mask` (from the network) or by `target_mask` (missing targets). If the
    loss may be negative, that of a perfect prediction is subtracted: half the Poisson deviance.
    """
    assert head.loss is not None
    logits, target = align(head, logits, target)
    values, value_mask = entry_values(head.loss, target, logits, target_mask)
    if head.loss.can_be_negative:
        values = values - entry_values(head.loss, target, target, target_mask)[0]
    keep = combine_masks(values, mask, value_mask, head.loss.target_mask(torch, target))
    flat = values.reshape(len(values), -1)
    if keep is None:
        return flat.mean(-1)
    weights = expand_to(keep, values).to(values.dtype).reshape(len(values), -1)
    return (flat * weights).sum(-1) / weights.sum(-1)
