"""Streaming metrics of a head: updated per batch, computed once per epoch."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from math import nan
from typing import Any

import torch
from torch import Tensor

from engine.layers.activation import apply_activation
from engine.objectives import metric as kinds
from engine.objectives.head import Head
from engine.objectives.loss import EPSILON, Objective
from engine.runtime.model.losses import align, combine_masks, entry_values, expand_to

# Metrics that are not a mean over entries; torchmetrics computes them.
TORCH_METRICS = (kinds.AUC, kinds.Precision, kinds.Recall, kinds.F1Score, kinds.R2Score)
ROW_METRICS = (kinds.F1Score, kinds.R2Score)  # computed per column, so they need complete rows
# Sums are in double precision, which MPS lacks.
SUM_DTYPE = torch.float32 if torch.backends.mps.is_available() else torch.float64
MAX_PENDING = 1000  # means of batches that are summed together: 3 instead of 20 µs per batch


class WeightedMean:
    """A weighted mean that is accumulated on the device, without synchronization."""

    def __init__(self) -> None:
        self._total: Tensor | float = 0.0
        self._count: Tensor | float = 0.0
        self._pending: list[tuple[Tensor, float]] = []

    def add(self, values: Tensor, count: Tensor | float) -> None:
        """Add values that were multiplied by their weights; `count` is the sum of the weights."""
        # MPS has no float64.
        dtype = torch.float32 if values.device.type == "mps" else torch.float64
        self._total = self._total + values.detach().sum(dtype=dtype)
        self._count = self._count + count

    def add_mean(self, mean: Tensor, count: float) -> None:
        """Add `count` values with this mean, a scalar."""
        self._count = self._count + count
        self._pending.append((mean.detach(), count))
        if len(self._pending) == MAX_PENDING:
            self._add_pending()

    def _add_pending(self) -> None:
        """Add the pending means to the sum, in order, after one transfer from the device."""
        if self._pending:
            means, counts = zip(*self._pending, strict=True)
            stacked = torch.stack(means)
            for value in (stacked * torch.tensor(counts, device=stacked.device)).tolist():
                self._total = self._total + value
            self._pending = []

    def result(self) -> float:
        """Return the mean, or NaN if no values were added."""
        self._add_pending()
        count = float(self._count)
        return float(self._total) / count if count else nan

    def state(self) -> list[float]:
        """Return the sum of weighted values and the sum of weights."""
        self._add_pending()
        return [float(self._total), float(self._count)]

    def load_state(self, state: list[float]) -> None:
        """Load a state that the method `state` returned."""
        self._total, self._count = state
        self._pending = []


class MeanMetric(WeightedMean):
    """A metric, such as an accuracy, computed from a mean over the unmasked rows or time steps."""

    def __init__(self, metric: Objective) -> None:
        super().__init__()
        self._metric = metric

    def update(self, prediction: Tensor, target: Tensor, mask: Tensor | None) -> None:
        """Add a batch to the mean, without the entries where `mask` is False."""
        values, mask = entry_values(self._metric, target, prediction, mask)
        mask = combine_masks(values, mask, self._metric.target_mask(torch, target))
        if mask is None:
            self.add(values, values.numel())
        else:
            weights = expand_to(mask.to(values.dtype), values)
            self.add(values * weights, weights.sum())

    def result(self) -> float:
        """Return the metric over all batches so far."""
        return self._metric.from_mean(super().result())


class TorchMetric:
    """A metric that torchmetrics computes over all batches, without the masked entries."""

    def __init__(self, metric: Objective, head: Head) -> None:
        self._columns = head.target_form in ("onehot", "distribution", "index")
        self._metric = metric
        self._torchmetric = _torchmetric(metric, head)
        self._entries = 0

    def update(self, prediction: Tensor, target: Tensor, mask: Tensor | None) -> None:
        """Add a batch to the metric, without the values where `mask` is False."""
        prediction, target = self._unmasked(prediction, target, mask)
        if len(prediction):
            self._entries += len(prediction)
            self._torchmetric.to(prediction.device).update(*self._arguments(prediction, target))

    def _unmasked(
        self, prediction: Tensor, target: Tensor, mask: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        """Return the unmasked predictions and targets as tensors of shape (positions, columns)."""
        if target.dim() < prediction.dim():  # the target holds class ids
            target = torch.nn.functional.one_hot(target, prediction.shape[-1])
        if mask is not None and mask.shape == prediction.shape and prediction.shape[-1] > 1:
            if not isinstance(self._metric, ROW_METRICS):
                return prediction[mask].unsqueeze(-1), target[mask].unsqueeze(-1)
            mask = mask.all(-1)
        if mask is not None:
            keep = expand_to(mask, prediction[..., 0]).bool()
            return prediction[keep], target[keep]
        columns = prediction.shape[-1]
        return prediction.reshape(-1, columns), target.reshape(-1, columns)

    def _arguments(self, prediction: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
        """Return predictions and targets in the form that the torchmetrics class expects."""
        if isinstance(self._metric, kinds.R2Score):
            return prediction.squeeze(-1).to(SUM_DTYPE), target.squeeze(-1).to(SUM_DTYPE)
        if isinstance(self._metric, kinds.F1Score):
            if self._columns:
                return prediction.argmax(-1), target.argmax(-1)
            if prediction.shape[1] > 1:
                return prediction, (target > 0.5).long()
        # As in Keras, each column is a separate binary classification.
        return prediction.flatten(), (target > 0.5).long().flatten()

    def result(self) -> float:
        """Return the metric over all batches so far."""
        if self._entries < (2 if isinstance(self._metric, kinds.R2Score) else 1):
            return nan
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # absent classes score 0, as in Keras
            return float(self._torchmetric.compute().mean())

    def state(self) -> dict[str, Any]:
        """Return the accumulated counts as plain JSON."""
        counts = {name: value.tolist() for name, value in self._torchmetric.metric_state.items()}
        return {"entries": self._entries, "counts": counts}

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Load a state that the method `state` returned."""
        self._torchmetric.reset()
        self._entries = state["entries"]
        for name, value in state["counts"].items():
            current = getattr(self._torchmetric, name)
            dtype = SUM_DTYPE if current.is_floating_point() else current.dtype
            counts = torch.tensor(value, dtype=dtype, device=current.device)
            if counts.shape != current.shape:
                raise ValueError(f"counts of {tuple(counts.shape)}, not {tuple(current.shape)}")
            setattr(self._torchmetric, name, counts)
        # Without this, torchmetrics warns that `compute` was called before `update`.
        self._torchmetric._update_count = int(self._entries > 0)


def _torchmetric(metric: Objective, head: Head) -> Any:
    """Return the torchmetrics object that computes the same value as Keras.

    Why: torchmetrics is imported here because the import takes half a second.
    """
    from torchmetrics import classification, regression

    # The ranks of a training add up their states themselves.
    local = {"sync_on_compute": False}
    unchecked: dict[str, Any] = {"validate_args": False, **local}  # the data has been checked
    match metric:
        case kinds.Precision():
            return classification.BinaryPrecision(metric.thresholds, **unchecked)
        case kinds.Recall():
            return classification.BinaryRecall(metric.thresholds, **unchecked)
        case kinds.AUC():
            thresholds = _thresholds(metric.num_thresholds)
            if metric.curve == "ROC":
                return classification.BinaryAUROC(thresholds=thresholds, **unchecked)
            # Keras interpolates the precision-recall curve (Davis and Goadrich 2006). Average
            # precision, as in scikit-learn, differs from that by some thousandths.
            return classification.BinaryAveragePrecision(thresholds=thresholds, **unchecked)
        case kinds.F1Score():
            return _f1(metric, head, unchecked)
        case _:
            assert isinstance(metric, kinds.R2Score)
            names = {"variance_weighted_average": "variance_weighted"}
            aggregation = names.get(metric.class_aggregation, metric.class_aggregation)
            score = regression.R2Score(multioutput=aggregation, **local)
            columns = head.spec.shape[-1] if head.spec.rank else 1
            if isinstance(columns, int) and columns > 1:
                # torchmetrics knows the number of columns only after the first rows.
                for name in ("sum_squared_error", "sum_error", "residual"):
                    score.add_state(name, torch.zeros(columns), dist_reduce_fx="sum")
            return score


def _thresholds(count: int) -> Tensor:
    """Return Keras' thresholds: evenly spaced, the first and the last just outside of [0, 1]."""
    inner = [index / (count - 1) for index in range(1, count - 1)]
    return torch.tensor([-EPSILON, *inner, 1 + EPSILON])


def _f1(metric: kinds.F1Score, head: Head, unchecked: Mapping[str, Any]) -> Any:
    from torchmetrics import classification

    if head.class_count == 2 and head.target_form == "binary":
        return classification.BinaryF1Score(metric.threshold, **unchecked)
    # The macro mean of torchmetrics excludes absent classes; in Keras, their score is 0. So
    # `TorchMetric.result` averages the scores of the classes.
    average = "none" if metric.average == "macro" else metric.average
    size = head.spec.shape[-1]
    assert isinstance(size, int), "F1Score.fit raises for a dynamic last axis"
    options = {"average": average, **unchecked}
    if head.target_form == "binary":
        return classification.MultilabelF1Score(size, metric.threshold, **options)
    return classification.MulticlassF1Score(size, **options)


class HeadMetrics:
    """The mean loss and the metrics of one Output, accumulated over batches.

    Attributes:
        loss: mean loss, to which each batch is added separately.
    """

    def __init__(self, head: Head) -> None:
        self._head = head
        self.loss = WeightedMean()
        self._metrics: dict[str, MeanMetric | TorchMetric] = {
            name: TorchMetric(metric, head)
            if isinstance(metric, TORCH_METRICS)
            else MeanMetric(metric)
            for name, metric in head.metrics
        }

    def update(
        self,
        prediction: Tensor,
        target: Tensor,
        mask: Tensor | None = None,
        present: Tensor | None = None,
    ) -> None:
        """Accumulate the metrics of a batch.

        Args:
            prediction: output of the head, as `Network.apply_activations` returns it.
            target: target of the head, in the form that `loss_sum` expects.
            mask: True for the targets that the metrics include. As in Keras, metrics ignore
                sample weights and class weights.
            present: True for targets that are not missing. Metrics exclude missing targets.
        """
        if not self._metrics:
            return
        masks = [given for given in (present, mask) if given is not None]
        mask = combine_masks(max(masks, key=Tensor.dim), *masks) if masks else None
        with torch.no_grad():
            prediction, target = align(self._head, prediction.detach(), target)
            # Logits become probabilities first. Keras would compare logits with the threshold 0.5.
            prediction = apply_activation(torch, self._head.probability_activation, prediction)
            for metric in self._metrics.values():
                metric.update(prediction, target, mask)

    def result(self) -> dict[str, float]:
        """Return the scores so far: "loss", then each metric by its name."""
        loss = {"loss": self.loss.result()} if self._head.loss is not None else {}
        return {**loss, **{name: metric.result() for name, metric in self._metrics.items()}}

    def state_dict(self) -> dict[str, Any]:
        """Return the accumulated state as plain JSON."""
        metrics = {name: metric.state() for name, metric in self._metrics.items()}
        return {"loss": self.loss.state(), "metrics": metrics}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Load a state that `state_dict` returned."""
        self.loss.load_state(state["loss"])
        for name, metric in self._metrics.items():
            metric.load_state(state["metrics"][name])
