"""`evaluate`, `predict`, `train_on_batch` and `test_on_batch` on arrays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from engine.core.diagnostic import Diagnostic, Fix
from engine.core.symbolic.call_site import emit_warnings
from engine.data.encoders import Number
from engine.data.preprocessing.fitted_encoders import FittedEncoders
from engine.functional.state.model_state import State
from engine.functional.training.dataset import Fed, Ports, feed
from engine.functional.training.evaluation_result import Score, Scores, line
from engine.functional.training.history import Naming, say
from engine.functional.training.sample_weights import class_weights, multiplied, sample_weights
from engine.runtime.inference.score_units import score_unit
from engine.runtime.inference.trained_model import HALF_PRECISION
from engine.runtime.loss_weighting.total_loss import heads_of
from engine.runtime.training.epoch_metrics import EpochMetrics, evaluate
from engine.runtime.training.loop import Training, train_on_batch

Array = NDArray[Any]


def score(
    state: State, x: Any, y: Any, batch_size: int, sample_weight: Any = None, verbose: bool = False
) -> Score | Scores:
    """Return the scores of rows.

    Raises:
        DiagnosticError: for errors in the rows.
    """
    ports = Ports.of(state)
    state.require_weights()
    fed = feed(ports, x, y, fitted=state.fitted)
    emit_warnings(fed.found)
    weights = sample_weights(sample_weight, ports.trained, fed.dataset.rows)
    torch_model = state.awake()
    torch_model.settle()
    batches = torch_model.feed(fed.dataset, weights, batch_size).batches()
    with torch_model.place.autocast():
        values = evaluate(torch_model.network, batches)
    training_notes = _trained_on_notes(state, fed)
    converted = in_own_units(state, fed.dataset.fitted, values)
    scores = Naming.of(state).unpacked(converted, [*fed.found, *training_notes])
    if verbose:
        which = ", the rows passed to fit" if training_notes else ""
        say(f"{fed.dataset.rows:,} rows{which} - {line(scores.to_dict())}\n")
    return scores


def _trained_on_notes(state: State, fed: Fed) -> list[Diagnostic]:
    """Return a note if these are the rows that the model was trained on."""
    if not fed.mark or fed.mark != state.trained_on:
        return []
    return [
        Diagnostic(
            "scored-on-trained",
            "these are the rows passed to fit, which the network may have memorised",
            severity="info",
            found=f"the same {fed.dataset.rows:,} rows",
            expected="rows that it was not trained on",
            fixes=(Fix("Hold rows back: fit(..., validation_split=0.2)."),),
        )
    ]


def in_own_units(
    state: State, fitted: FittedEncoders | None, scores: Mapping[str, float]
) -> dict[str, float]:
    """Return scores with the errors of scaled targets converted to the targets' own units."""
    heads, encoders = state.report.heads, fitted.targets if fitted else {}

    def factor(name: str) -> float:
        output, _, score_name = name.rpartition("/")
        unit = heads[output].unit if output in heads else ""
        return score_unit(score_name, unit, encoders.get(output)).factor

    return {name: value * factor(name) for name, value in scores.items()}


def predict(state: State, x: Any, batch_size: int) -> dict[str, Array]:
    """Return the predictions for rows by output, in the targets' own units.

    Raises:
        DiagnosticError: for errors in the rows.
    """
    state.require_weights()
    fed = feed(Ports.of(state), x, fitted=state.fitted, complete=False)
    torch_model = state.awake()
    torch_model.settle()
    torch_model.network.eval()
    parts: dict[str, list[Array]] = {name: [] for name in state.traced.outputs}
    with torch.no_grad(), torch_model.place.autocast():
        for batch in torch_model.feed(fed.dataset, fed.weights, batch_size).batches():
            for name, output in torch_model.network(batch.inputs).items():
                # numpy has no bfloat16.
                full = output.float() if output.dtype in HALF_PRECISION else output
                parts[name].append(full.cpu().numpy())
    fitted = state.fitted or FittedEncoders()
    return dict(_in_units(parts, fitted))


def _in_units(
    parts: Mapping[str, list[Array]], fitted: FittedEncoders
) -> Iterator[tuple[str, Array]]:
    for name, arrays in parts.items():
        values = np.concatenate(arrays)
        encoder = fitted.targets.get(name)
        yield name, encoder.inverse(values) if isinstance(encoder, Number) else values


def on_batch(
    state: State, x: Any, y: Any, sample_weight: Any, class_weight: Any, training: bool
) -> Score | Scores:
    """Train or evaluate on one batch; return its scores before the step.

    Raises:
        DiagnosticError: for errors in the rows.
    """
    ports = Ports.of(state)
    fed = feed(ports, x, y, fitted=state.fitted)
    weights = multiplied(
        sample_weights(sample_weight, ports.trained, fed.dataset.rows),
        class_weights(class_weight, ports.heads, fed.dataset),
    )
    torch_model = state.awake()
    torch_model.settle()
    rows = max(fed.dataset.rows, 1)
    batch = next(torch_model.feed(fed.dataset, weights, rows).batches())
    naming, fitted = Naming.of(state), fed.dataset.fitted
    if not training:
        scores = evaluate(torch_model.network, [batch])
        return naming.unpacked(in_own_units(state, fitted, scores))
    state.blank, state.fitted = False, fitted
    loader = torch_model.feed(fed.dataset, fed.weights, rows)
    step = Training(
        torch_model.network,
        state.recipe,
        torch_model.optimizer,
        loader,
        device_context=torch_model.place,
        progress=torch_model.progress,
        loss_weighting=torch_model.balance,
    )
    epoch_metrics = EpochMetrics(heads_of(torch_model.network))
    epoch_metrics.update(torch_model.network, train_on_batch(step, batch), batch)
    return naming.unpacked(in_own_units(state, fitted, epoch_metrics.result()))
