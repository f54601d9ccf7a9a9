"""Running metrics of one head: fed batch by batch, read once an epoch."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from math import nan
from typing import Any, Protocol

import torch
from torch import Tensor

from engine.layers.activation import bend
from engine.objectives import metric as kinds
from engine.objectives.head import Head
from engine.objectives.loss import EPSILON, Objective
from engine.runtime.model.losses import aligned, both, entries, spread

# Metrics that are counts over all entries rather than a mean of values; torchmetrics has them.
COUNTED = (kinds.AUC, kinds.Precision, kinds.Recall, kinds.F1Score, kinds.R2Score)
BY_ROW = (kinds.F1Score, kinds.R2Score)  # those that tell columns apart, so need whole rows


class Running(Protocol):
    """Something that is fed batches and answers one number."""

    def update(self, prediction: Tensor, target: Tensor, mask: Tensor | None) -> None:
        """Take one batch in."""

    def result(self) -> float:
        """Return the number for all batches so far, NaN if there were none."""

    def reset(self) -> None:
        """Forget all batches."""

    def state(self) -> Any:
        """Return what was taken in so far as plain JSON."""

    def restore(self, state: Any) -> None:
        """Restore what `state` returned."""


class Mean:
    """A weighted mean, summed where the tensors are, so that a GPU is never waited for."""

    def __init__(self) -> None:
        self._total: Tensor | float = 0.0
        self._count: Tensor | float = 0.0

    def add(self, values: Tensor, count: Tensor | float) -> None:
        """Add values that are already weighted, and the sum of their weights."""
        # MPS has no float64.
        wide = torch.float32 if values.device.type == "mps" else torch.float64
        self._total = self._total + values.detach().sum(dtype=wide)
        self._count = self._count + count

    def result(self) -> float:
        """Return the mean, NaN of nothing."""
        count = float(self._count)
        return float(self._total) / count if count else nan

    def state(self) -> list[float]:
        """Return the sums so far."""
        return [float(self._total), float(self._count)]

    def restore(self, state: list[float]) -> None:
        """Go on from sums that `state` answered."""
        self._total, self._count = state

    def reset(self) -> None:
        """Start again from nothing."""
        self._total = self._count = 0.0


class MeanOfValues:
    """The mean of a metric's values over all entries that are not masked."""

    def __init__(self, metric: Objective) -> None:
        self._metric = metric
        self._mean = Mean()

    def update(self, prediction: Tensor, target: Tensor, mask: Tensor | None) -> None:
        """Take one batch in."""
        values, mask = entries(self._metric, target, prediction, mask)
        mask = both(mask, self._metric.counted(torch, target), values)
        if mask is None:
            self._mean.add(values, values.numel())
        else:
            share = spread(mask.to(values.dtype), values)
            self._mean.add(values * share, share.sum())

    def result(self) -> float:
        """Return the metric for all batches so far."""
        return self._metric.finish(self._mean.result())

    def reset(self) -> None:
        """Forget all batches."""
        self._mean.reset()

    def state(self) -> list[float]:
        """Return the sums so far."""
        return self._mean.state()

    def restore(self, state: list[float]) -> None:
        """Go on from sums that `state` answered."""
        self._mean.restore(state)


class Counts:
    """A metric of torchmetrics, fed with entries: (entries, classes) and what is true of them."""

    def __init__(self, metric: Objective, head: Head) -> None:
        self._columns = head.form in ("onehot", "distribution", "index")
        self._metric = metric
        self._inner = _torchmetric(metric, head)
        self._entries = 0

    def update(self, prediction: Tensor, target: Tensor, mask: Tensor | None) -> None:
        """Take one batch in."""
        prediction, target = self._picked(prediction, target, mask)
        if len(prediction):
            self._entries += len(prediction)
            self._inner.to(prediction.device).update(*self._posed(prediction, target))

    def _picked(
        self, prediction: Tensor, target: Tensor, mask: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        """Return the entries that count as rows: (entries, columns)."""
        if target.dim() < prediction.dim():  # the target is the class' number
            target = torch.nn.functional.one_hot(target, prediction.shape[-1])
        if mask is not None and mask.shape == prediction.shape and prediction.shape[-1] > 1:
            if not isinstance(self._metric, BY_ROW):
                return prediction[mask].unsqueeze(-1), target[mask].unsqueeze(-1)
            mask = mask.all(-1)
        if mask is not None:
            keep = spread(mask, prediction[..., 0]).bool()
            return prediction[keep], target[keep]
        columns = prediction.shape[-1]
        return prediction.reshape(-1, columns), target.reshape(-1, columns)

    def _posed(self, prediction: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
        """Return entries as the question that is counted: numbers, classes, or yes and no."""
        if isinstance(self._metric, kinds.R2Score):
            return prediction.squeeze(-1), target.squeeze(-1)
        if isinstance(self._metric, kinds.F1Score):
            if self._columns:
                return prediction.argmax(-1), target.argmax(-1)
            if prediction.shape[1] > 1:
                return prediction, (target > 0.5).long()
        # As in Keras, several columns are so many questions, each answered yes or no.
        return prediction.flatten(), (target > 0.5).long().flatten()

    def result(self) -> float:
        """Return the metric for all batches so far."""
        if self._entries < (2 if isinstance(self._metric, kinds.R2Score) else 1):
            return nan
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a class that does not occur counts 0, as in Keras
            return float(self._inner.compute().mean())

    def reset(self) -> None:
        """Forget all batches."""
        self._entries = 0
        self._inner.reset()

    def state(self) -> dict[str, Any]:
        """Return the counts so far."""
        counts = {name: value.tolist() for name, value in self._inner.metric_state.items()}
        return {"entries": self._entries, "counts": counts}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from counts that `state` answered."""
        self.reset()
        self._entries = state["entries"]
        for name, value in state["counts"].items():
            own = getattr(self._inner, name)
            counts = torch.tensor(value, dtype=own.dtype, device=own.device)
            if counts.shape != own.shape:
                raise ValueError(f"counts of {tuple(counts.shape)}, not {tuple(own.shape)}")
            setattr(self._inner, name, counts)
        self._inner._update_count = int(self._entries > 0)  # else it warns that nothing came in


def _torchmetric(metric: Objective, head: Head) -> Any:
    """Build the counter of torchmetrics that answers Keras' value.

    Imported here, since torchmetrics takes half a second to import.
    """
    from torchmetrics import classification, regression

    unchecked: dict[str, Any] = {"validate_args": False}  # the data has been checked before
    match metric:
        case kinds.Precision():
            return classification.BinaryPrecision(metric.thresholds, **unchecked)
        case kinds.Recall():
            return classification.BinaryRecall(metric.thresholds, **unchecked)
        case kinds.AUC():
            points = _points(metric.num_thresholds)
            if metric.curve == "ROC":
                return classification.BinaryAUROC(thresholds=points, **unchecked)
            # Keras interpolates between the points (Davis and Goadrich); this is the average
            # precision, as in scikit-learn, some thousandths lower or higher.
            return classification.BinaryAveragePrecision(thresholds=points, **unchecked)
        case kinds.F1Score():
            return _f1(metric, head, unchecked)
        case _:
            assert isinstance(metric, kinds.R2Score)
            names = {"variance_weighted_average": "variance_weighted"}
            way = names.get(metric.class_aggregation, metric.class_aggregation)
            return regression.R2Score(multioutput=way)


def _points(count: int) -> Tensor:
    """Return Keras' thresholds: evenly spread, the outer ones just outside 0 and 1."""
    inner = [place / (count - 1) for place in range(1, count - 1)]
    return torch.tensor([-EPSILON, *inner, 1 + EPSILON])


def _f1(metric: kinds.F1Score, head: Head, unchecked: Mapping[str, Any]) -> Any:
    from torchmetrics import classification

    if head.classes == 2 and head.form == "binary":
        return classification.BinaryF1Score(metric.threshold, **unchecked)
    # torchmetrics leaves absent classes out of a macro mean, Keras counts them 0: average here.
    average = "none" if metric.average == "macro" else metric.average
    columns = head.spec.shape[-1]
    assert isinstance(columns, int), "F1Score.fit refuses a free last axis"
    if head.form == "binary":
        return classification.MultilabelF1Score(
            columns, metric.threshold, average=average, **unchecked
        )
    return classification.MulticlassF1Score(columns, average=average, **unchecked)


class HeadMetrics:
    """All that is measured of one head: its loss, and its metrics by name."""

    def __init__(self, head: Head) -> None:
        self._head = head
        self._loss = Mean()
        self._metrics: dict[str, Running] = {
            name: Counts(metric, head) if isinstance(metric, COUNTED) else MeanOfValues(metric)
            for name, metric in head.metrics
        }

    def update(
        self,
        prediction: Tensor,
        target: Tensor,
        mask: Tensor | None = None,
        loss: Tensor | None = None,
        present: Tensor | None = None,
    ) -> None:
        """Take one batch in.

        Args:
            prediction: what the graph predicts, as `predictions` answers it.
            target: as for `loss_value`.
            mask: True where an entry counts. Weights of rows and classes change the loss only,
                as with Keras' `metrics`.
            loss: the batch's loss; batches are weighted by their rows, as in Keras, or by what has
                a target.
            present: True where there is a target, as for `loss_value`; the rest does not count.
        """
        if present is not None:
            mask = present if mask is None else both(mask, present, _finer(mask, present))
        if loss is not None:
            count = len(prediction) if present is None or mask is None else mask.sum()
            self._loss.add(loss.detach() * count, count)
        if not self._metrics:
            return
        with torch.no_grad():
            prediction, target = aligned(self._head, prediction.detach(), target)
            # Keras would count raw scores above 0.5 as yes; here they become probabilities first.
            prediction = bend(torch, self._head.link, prediction)
            for metric in self._metrics.values():
                metric.update(prediction, target, mask)

    @property
    def loss(self) -> float:
        """The mean loss so far, NaN of nothing."""
        return self._loss.result()

    def result(self) -> dict[str, float]:
        """Return the numbers so far: "loss", then each metric by its name."""
        loss = {"loss": self._loss.result()} if self._head.loss is not None else {}
        return {**loss, **{name: metric.result() for name, metric in self._metrics.items()}}

    def reset(self) -> None:
        """Forget all batches, for the next epoch."""
        self._loss.reset()
        for metric in self._metrics.values():
            metric.reset()

    def state(self) -> dict[str, Any]:
        """Return all that was taken in so far as plain JSON."""
        metrics = {name: metric.state() for name, metric in self._metrics.items()}
        return {"loss": self._loss.state(), "metrics": metrics}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Restore what `state` returned."""
        self._loss.restore(state["loss"])
        for name, metric in self._metrics.items():
            metric.restore(state["metrics"][name])


def _finer(one: Tensor, other: Tensor) -> Tensor:
    """Return the mask that tells more things apart."""
    return one if one.dim() > other.dim() else other
