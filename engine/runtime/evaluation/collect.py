"""One pass over rows: scores, and per output what was true, what was said, and what it cost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.data.dataset.dataset import Dataset
from engine.layers.activation import bend
from engine.objectives.head import Head
from engine.runs.evaluation import Task
from engine.runtime.batches.data_loader import Batch, make_data_loader
from engine.runtime.inference.trained_model import TrainedModel
from engine.runtime.loss_weighting.total_loss import BatchLosses, compute_losses
from engine.runtime.model.losses import align, combine_masks, entry_values, expand_to
from engine.runtime.training.epoch_metrics import EpochMetrics

Array = NDArray[Any]
Progress = Callable[[int, int], None]
FULL = 20  # classes up to which all probabilities are kept


@dataclass(frozen=True, slots=True)
class Answers:
    """What one output said of all rows, with what does not count left out.

    Args:
        head: the output.
        task: what kind of answer it gives.
        row: of each answer, the place of its row among those scored; a row may have several.
        truth: a class number for classes, else the target, (answers, columns).
        said: the class that was chosen for classes, else the prediction, (answers, columns).
        confidence: probability of the chosen class, () for other tasks.
        probabilities: (answers, classes) where there are few classes, else (answers, 0).
        counted: True where a cell of `truth` counts; all do for classes.
        losses: by row; NaN where nothing counts.
    """

    head: Head
    task: Task
    row: Array
    truth: Array
    said: Array
    confidence: Array
    probabilities: Array
    counted: Array
    losses: Array


def task_of(head: Head) -> Task:
    """Return what kind of answer a head gives."""
    if head.form in ("index", "onehot", "distribution"):
        return "classes"
    if head.form == "binary":
        return "yes-no" if head.classes == 2 else "labels"
    return "number"


def silent(done: int, whole: int) -> None:
    """Tell nobody how far it is."""


def collected(
    trained: TrainedModel, rows: Dataset, progress: Progress = silent
) -> tuple[dict[str, float], list[Answers]]:
    """Score rows, and answer what each output with a target said of them.

    Args:
        trained: the run.
        rows: to score.
        progress: hears how many of how many rows are scored, after each batch.

    Returns:
        As `Ledger.result`, and the answers in drawing order.
    """
    network = trained.network
    heads = [head for head in trained.heads if head.loss is not None]
    ledger = EpochMetrics(trained.heads)
    gathered = {head.name: _Gathered(head) for head in heads}
    done = 0
    with torch.no_grad(), trained.device_context.autocast():
        for batch in make_data_loader(rows, trained.batch_size, trained.device_context).batches():
            scores = compute_losses(network, batch)
            ledger.update(network, scores, batch)
            said = network.apply_activations(scores.forward_output)
            for head in heads:
                if head.name in batch.targets:
                    gathered[head.name].add(scores, said[head.name], batch)
            done += batch.rows
            progress(done, rows.rows)
    return ledger.result(), [each.done() for each in gathered.values() if each.rows]


class _Gathered:
    """The answers of one head, batch by batch."""

    def __init__(self, head: Head) -> None:
        self.head = head
        self.task = task_of(head)
        self.rows = 0
        self._parts: dict[str, list[Array]] = {}

    def add(self, scores: BatchLosses, said: Tensor, batch: Batch) -> None:
        """Take one batch in."""
        head, name = self.head, self.head.name
        mask, present = scores.forward_output.masks.get(name), batch.masks.get(name)
        target = batch.targets[name]
        self._keep(
            "losses", _row_losses(head, scores.forward_output.heads[name], target, mask, present)
        )
        said, target = align(head, said, target)
        said = bend(torch, head.link, said)
        if self.task == "classes":
            self._add_classes(said, target, (mask, present))
        else:
            self._add_cells(said, target, (mask, present))
        self.rows += batch.rows

    def _add_classes(self, said: Tensor, target: Tensor, masks: tuple[Tensor | None, ...]) -> None:
        head = self.head
        assert head.loss is not None
        counted = head.loss.counted(torch, target)
        said = said.movedim(head.loss.class_axis, -1)
        cells = said[..., 0]
        keep = _kept((*masks, counted), cells, said)
        if head.form != "index":
            target = target.movedim(head.loss.class_axis, -1).argmax(-1)
        top, chosen = said.max(-1)
        self._keep("row", _rows_of(keep) + self.rows)
        for part, values in (("truth", target), ("said", chosen), ("confidence", top)):
            self._keep(part, values[keep])
        few = said.shape[-1] <= FULL
        self._keep("probabilities", said[keep] if few else said[keep][:, :0])

    def _add_cells(self, said: Tensor, target: Tensor, masks: tuple[Tensor | None, ...]) -> None:
        keep = _kept(masks, said, said)
        width = said.shape[-1]
        flat = keep.reshape(-1, width)
        some = flat.any(-1)
        rows = torch.arange(len(said), device=said.device).repeat_interleave(
            len(flat) // max(len(said), 1)
        )
        self._keep("row", rows[some] + self.rows)
        self._keep("truth", target.reshape(-1, width)[some])
        self._keep("said", said.reshape(-1, width)[some])
        self._keep("counted", flat[some])

    def _keep(self, part: str, values: Tensor) -> None:
        self._parts.setdefault(part, []).append(values.detach().cpu().numpy())

    def done(self) -> Answers:
        """Return all of it."""
        parts = {part: np.concatenate(arrays) for part, arrays in self._parts.items()}
        nothing = np.zeros((len(parts["row"]), 0))
        counted = parts.get("counted")
        return Answers(
            self.head,
            self.task,
            parts["row"],
            parts["truth"],
            parts["said"],
            parts.get("confidence", nothing[:, 0:0]),
            parts.get("probabilities", nothing),
            np.ones(parts["truth"].shape, bool) if counted is None else counted,
            parts["losses"],
        )


def _kept(masks: tuple[Tensor | None, ...], cells: Tensor, said: Tensor) -> Tensor:
    """Return True where an answer counts, of the shape of `cells`."""
    keep = torch.ones(cells.shape, dtype=torch.bool, device=cells.device)
    for mask in masks:
        if mask is None:
            continue
        if mask.shape == said.shape and cells.dim() < said.dim():
            mask = mask.all(-1)
        keep &= expand_to(mask, cells).bool()
    return keep


def _rows_of(keep: Tensor) -> Tensor:
    return keep.nonzero()[:, 0]


def _row_losses(
    head: Head, raw: Tensor, target: Tensor, mask: Tensor | None, present: Tensor | None
) -> Tensor:
    """Return the mean loss of each row, NaN where it has nothing that counts."""
    assert head.loss is not None
    raw, target = align(head, raw, target)
    values, present = entry_values(head.loss, target, raw, present)
    keep = combine_masks(
        combine_masks(mask, present, values), head.loss.counted(torch, target), values
    )
    flat = values.reshape(len(values), -1)
    if keep is None:
        return flat.mean(-1)
    share = expand_to(keep, values).to(values.dtype).reshape(len(values), -1)
    return (flat * share).sum(-1) / share.sum(-1)
