"""Suggesting loss weights that give all outputs an equal share of the initial total loss."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import torch

from engine.core.diagnostic import Diagnostic, DiagnosticError, Fix, diagnostic_error
from engine.runs.request import TrainRequest
from engine.runs.state.loss_shares import loss_shares
from engine.runtime.loss_weighting.total_loss import compute_losses, heads_of
from engine.runtime.run.job import resolve
from engine.runtime.run.warm_start import warm_start
from engine.runtime.seeding import seed_step
from engine.runtime.training.builder import build_training
from engine.runtime.training.epoch_metrics import EpochMetrics
from engine.runtime.training.training import Training

MAX_ROWS = 10_000  # enough for a mean loss that is accurate to some percent


@dataclass(frozen=True, slots=True)
class LossWeightSuggestion:
    """The losses of an untrained network, and loss weights that would balance these losses.

    Args:
        rows: number of training rows used.
        losses: losses before the first step, by name of each output that is trained.
        current_weights: current loss weights by output name.
        shares: shares of the total loss with the current weights, by output name.
        weights: suggested weights by output name; they make all shares equal and keep the total.
    """

    rows: int
    losses: Mapping[str, float]
    current_weights: Mapping[str, float]
    shares: Mapping[str, float]
    weights: Mapping[str, float]

    @property
    def edit(self) -> dict[str, Any]:
        """The edit, as JSON, that sets all suggested weights; one undo step reverts it."""
        edits = [_edit(name, weight) for name, weight in self.weights.items()]
        return {"do": "several", "edits": edits}

    def diagnostics(self) -> list[Diagnostic]:
        """Return one diagnostic per output, with a fix that sets the suggested weight."""
        return [
            Diagnostic(
                "weights-suggested",
                f"starts with {self.shares[name]:.1%} of the total",
                severity="info",
                node=name,
                param="loss_weight",
                found=f"loss {self.losses[name]:.4g}, loss_weight {self.current_weights[name]:g}",
                expected=f"{1 / len(self.weights):.1%}",
                fixes=(Fix(f"Set loss_weight to {weight:g}.", _edit(name, weight)),),
            )
            for name, weight in self.weights.items()
        ]

    def to_dict(self) -> dict[str, Any]:
        """Return the suggestion as plain JSON."""
        return {
            "rows": self.rows,
            "losses": dict(self.losses),
            "loss_weights": dict(self.current_weights),
            "shares": dict(self.shares),
            "suggested": dict(self.weights),
            "edit": self.edit,
        }


def suggest_loss_weights(training: Training, max_rows: int = MAX_ROWS) -> LossWeightSuggestion:
    """Return loss weights with which all outputs contribute equally to the initial total loss.

    Args:
        training: a training that has not started. It can't be trained afterwards, because layers
            such as BatchNormalization have been updated.
        max_rows: number of rows after which no further batch of the first epoch is used.

    Raises:
        DiagnosticError: if fewer than two outputs are trained, or a loss is not positive and
            finite.
    """
    heads = [head for head in heads_of(training.network) if head.is_trained]
    if len(heads) < 2:
        raise diagnostic_error(
            "balance-idle",
            "loss weights can't be balanced, since fewer than two outputs are trained",
            "Train without suggested weights.",
            found=", ".join(head.name for head in heads) or "no trained output",
            expected="two or more outputs with a loss and a weight above 0",
        )
    rows, scores = _initial_scores(training, max_rows)
    losses = {head.name: scores[f"{head.name}/loss"] for head in heads}
    now = {head.name: head.loss_weight for head in heads}
    invalid = [name for name, loss in losses.items() if not 0 < loss < float("inf")]
    if invalid:
        raise _invalid_loss(invalid[0], losses[invalid[0]])
    total = sum(now[name] * loss for name, loss in losses.items())
    share = total / len(heads)
    weights = {name: float(f"{share / loss:.3g}") for name, loss in losses.items()}
    return LossWeightSuggestion(rows, losses, now, loss_shares(total, losses, now), weights)


def suggest_for_run(request: TrainRequest) -> LossWeightSuggestion:
    """Return suggested loss weights for a training request, whose field `run` is ignored.

    Raises:
        DiagnosticError: if the graph or the data has errors, or as in `suggest_loss_weights`.
    """
    job = resolve(replace(request, run=None, tensorboard=False))
    training = build_training(job.data, device=job.device)
    if request.warm_start is not None:
        warm_start(training.network, request.warm_start)
    return suggest_loss_weights(training)


def _initial_scores(training: Training, max_rows: int) -> tuple[int, dict[str, float]]:
    """Return the number of rows used, and the scores on these rows by name, such as "age/loss".

    The scores are computed in training mode, before any update of the weights.
    """
    network, recipe = training.network, training.recipe
    metrics, rows = EpochMetrics(heads_of(network)), 0
    network.train()
    order = training.train.epoch_order(recipe.seed, 1, recipe.shuffle)
    for step, batch in enumerate(training.train.batches(order)):
        seed_step(recipe.seed, step, training.device_context.device)
        numbers = training.random_numbers(1, batch)
        with torch.no_grad(), training.device_context.autocast(), numbers:
            metrics.update(network, compute_losses(network, batch), batch)
        rows += batch.row_count
        if rows >= max_rows:
            break
    return rows, metrics.result()


def _edit(output: str, weight: float) -> dict[str, Any]:
    return {"do": "set_params", "node": output, "params": {"loss_weight": weight}}


def _invalid_loss(output: str, loss: float) -> DiagnosticError:
    return diagnostic_error(
        "balance-unfit",
        "its initial loss is not a number above 0, so no weight can balance it",
        "Check its targets: engine check FILE --data D.",
        node=output,
        found=f"loss {loss:g}",
        expected="a loss above 0 on the first rows",
    )
