"""`evaluate`, `predict`, `train_on_batch` and `test_on_batch` on arrays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from engine.core.diagnostic import Diagnostic
from engine.core.symbolic.call_site import emit_warnings
from engine.data.encoders import NumberEncoder
from engine.data.preprocessing.fitted_encoders import FittedEncoders
from engine.data.score_units import score_unit
from engine.data.table.array import Array
from engine.functional.state.model_state import ModelState
from engine.functional.training.dataset import EncodedRows, encode_rows
from engine.functional.training.evaluation_result import Score, Scores, format_scores
from engine.functional.training.history import KerasScoreNames, print_now
from engine.functional.training.sample_weights import class_weights, combine_weights, sample_weights
from engine.runtime.inference.trained_model import HALF_PRECISION
from engine.runtime.training.epoch_metrics import evaluate
from engine.runtime.training.loop import train_on_batch


def evaluate_arrays(
    state: ModelState,
    x: Any,
    y: Any,
    batch_size: int,
    sample_weight: Any = None,
    verbose: bool = False,
) -> Score | Scores:
    """Return the model's scores on the rows `x`, `y`: a `Score` if there is one, else `Scores`.

    Raises:
        DiagnosticError: the rows `x`, `y` have errors.
    """
    state.warn_if_untrained()
    encoded = encode_rows(state, x, y, encoders=state.encoders)
    emit_warnings(encoded.diagnostics)
    outputs = list(state.trained_heads)
    weights = sample_weights(sample_weight, outputs, encoded.dataset.row_count)
    torch_model = state.require_torch_model()
    torch_model.move_weights()
    batches = torch_model.make_data_loader(encoded.dataset, weights, batch_size).batches()
    with torch_model.device_context.autocast():
        values = evaluate(torch_model.network, batches)
    training_notes = _trained_on_notes(state, encoded)
    converted = to_target_units(state, encoded.dataset.fitted, values)
    notes = [*encoded.diagnostics, *training_notes]
    scores = KerasScoreNames(state).evaluation_result(converted, notes)
    if verbose:
        which = ", the rows passed to fit" if training_notes else ""
        print_now(
            f"{encoded.dataset.row_count:,} rows{which} - {format_scores(scores.to_dict())}\n"
        )
    return scores


def _trained_on_notes(state: ModelState, encoded: EncodedRows) -> list[Diagnostic]:
    """Return a list with one note if the rows are those last passed to `fit`, otherwise []."""
    if not encoded.digest or encoded.digest != state.training_data_digest:
        return []
    return [
        Diagnostic.info(
            "scored-on-trained",
            "these are the rows passed to fit, which the network may have memorized",
            "Hold out rows: fit(..., validation_split=0.2).",
            found=f"the same {encoded.dataset.row_count:,} rows",
            expected="rows that it was not trained on",
        )
    ]


def to_target_units(
    state: ModelState, fitted: FittedEncoders | None, scores: Mapping[str, float]
) -> dict[str, float]:
    """Return the scores, with error metrics such as mae converted to the units of the targets."""
    heads, encoders = state.report.heads, fitted.targets if fitted else {}

    def factor(name: str) -> float:
        output, _, score_name = name.rpartition("/")
        unit = heads[output].unit if output in heads else ""
        return score_unit(score_name, unit, encoders.get(output)).factor

    return {name: value * factor(name) for name, value in scores.items()}


def predict_arrays(state: ModelState, x: Any, batch_size: int) -> dict[str, Array]:
    """Return the predictions for the rows `x`: arrays by output name, in the units of the targets.

    Raises:
        DiagnosticError: for errors in the rows.
    """
    state.warn_if_untrained()
    encoded = encode_rows(state, x, encoders=state.encoders, with_targets=False)
    torch_model = state.require_torch_model()
    torch_model.move_weights()
    torch_model.network.eval()
    parts: dict[str, list[Array]] = {name: [] for name in state.traced.outputs}
    loader = torch_model.make_data_loader(encoded.dataset, encoded.sample_weights, batch_size)
    with torch.no_grad(), torch_model.device_context.autocast():
        for batch in loader.batches():
            for name, output in torch_model.network(batch.inputs).items():
                # numpy has no bfloat16.
                full = output.float() if output.dtype in HALF_PRECISION else output
                parts[name].append(full.cpu().numpy())
    predictions = {name: np.concatenate(arrays) for name, arrays in parts.items()}
    for name, encoder in (state.encoders or FittedEncoders()).targets.items():
        if isinstance(encoder, NumberEncoder) and name in predictions:
            predictions[name] = encoder.inverse_transform(predictions[name])
    return predictions


def run_batch(
    state: ModelState, x: Any, y: Any, sample_weight: Any, class_weight: Any, training: bool
) -> Score | Scores:
    """Train (if `training`) or evaluate on one batch, and return the scores of the batch.

    The scores are the total loss, the loss of each output and the metrics: a `Score` if there is
    only the total loss, otherwise `Scores`. Scores are computed before the weight update.

    Raises:
        DiagnosticError: for errors in the rows.
    """
    encoded, heads = encode_rows(state, x, y, encoders=state.encoders), state.trained_heads
    weights = combine_weights(
        sample_weights(sample_weight, list(heads), encoded.dataset.row_count),
        class_weights(class_weight, heads, encoded.dataset),
    )
    torch_model = state.require_torch_model()
    torch_model.move_weights()
    rows = max(encoded.dataset.row_count, 1)
    batch = next(torch_model.make_data_loader(encoded.dataset, weights, rows).batches())
    naming, fitted = KerasScoreNames(state), encoded.dataset.fitted
    if not training:
        scores = evaluate(torch_model.network, [batch])
        return naming.evaluation_result(to_target_units(state, fitted, scores))
    state.has_initial_weights, state.encoders = False, fitted
    loader = torch_model.make_data_loader(encoded.dataset, encoded.sample_weights, rows)
    made = torch_model.make_training(state.recipe, loader)
    train_on_batch(made, batch)
    return naming.evaluation_result(to_target_units(state, fitted, made.epoch_metrics.result()))
