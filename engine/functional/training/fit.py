"""`fit`: train on arrays, with the same training loop as `engine train`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.core.diagnostic import (
    DiagnosticError,
    diagnostic_error,
    diagnostic_from_dict,
)
from engine.core.symbolic.call_site import emit_warnings
from engine.core.symbolic.python_phrasing import phrase_for_python
from engine.data.checks.degenerate_targets import zero_weight_outputs
from engine.data.prepared_data import check_memory
from engine.data.splits.random_split import random_split
from engine.data.splits.split_rows import SplitRows, SplitSizes
from engine.data.table.array import Array
from engine.events import BestFound, EpochDone, RunFailed, RunFinished
from engine.functional.state.model_state import ModelState
from engine.functional.state.torch_model import TorchModel
from engine.functional.training.dataset import EncodedRows, encode_rows
from engine.functional.training.evaluation import to_target_units
from engine.functional.training.evaluation_result import format_scores
from engine.functional.training.history import History, KerasScoreNames, print_now
from engine.functional.training.sample_weights import (
    Weights,
    class_weights,
    combine_weights,
    sample_weights,
    unused_weight_column,
)
from engine.recipe.recipe import Recipe
from engine.runtime.training.loop import fit
from engine.runtime.training.progress import TrainingProgress
from engine.runtime.training.training import Training


@dataclass(frozen=True)
class FitArguments:
    """The arguments of `Model.fit` that are not recipe fields; `Model.fit` documents them."""

    x: Any
    y: Any
    validation_data: Any = None
    sample_weight: Any = None
    class_weight: Any = None
    initial_epoch: int = 0
    verbose: bool = True


def train_on_arrays(state: ModelState, recipe: Recipe, arguments: FitArguments) -> History:
    """Train a compiled model on arrays for `recipe.epochs` - `arguments.initial_epoch` epochs.

    Raises:
        DiagnosticError: the rows are invalid (raised before training), or training diverges.
    """
    rows, validation, split = _split(state, recipe, arguments)
    diagnostics = [*rows.diagnostics, *(validation.diagnostics if validation else ())]
    diagnostics += unused_weight_column(state.report.mapping, arguments.sample_weight)
    diagnostics += zero_weight_outputs(rows.sample_weights, rows.dataset.masks)
    diagnostics += check_memory(state.report, recipe, rows.dataset)
    if any(diagnostic.is_error for diagnostic in diagnostics):
        raise DiagnosticError(*diagnostics)
    emit_warnings(diagnostics)
    state.encoders, state.training_data_digest = rows.dataset.fitted, rows.digest
    state.has_initial_weights = False
    torch_model = state.require_torch_model()
    torch_model.move_weights()
    epochs = recipe.epochs - arguments.initial_epoch
    notes = tuple(map(phrase_for_python, diagnostics))
    history = History(split=split, notes=notes, end_reason="all epochs are done")
    if epochs > 0:
        training = _training(torch_model, recipe, epochs, rows, validation)
        _run(state, training, arguments, history, (rows.array_order, recipe.epochs))
    return history


def _split(
    state: ModelState, recipe: Recipe, arguments: FitArguments
) -> tuple[EncodedRows, EncodedRows | None, str]:
    """Return the training rows, the validation rows, and a description of the split."""
    validation_data, heads = arguments.validation_data, state.trained_heads
    rows = encode_rows(state, arguments.x, arguments.y, training=True, encoders=state.encoders)
    count = rows.dataset.row_count
    fraction = 0.0 if validation_data is not None else recipe.validation_split
    split = _last_rows(count, fraction) if fraction else None
    weights = sample_weights(arguments.sample_weight, list(heads), count)
    if split is not None:
        return _split_rows(state, arguments, rows, weights, split)
    by_class = class_weights(arguments.class_weight, heads, rows.dataset)
    training = replace(rows, sample_weights=combine_weights(weights, by_class))
    if validation_data is None:
        return training, None, f"trained on {count:,} rows, no validation rows"
    x, y, *more = _unpack_validation_data(validation_data)
    validation = encode_rows(state, x, y, encoders=rows.dataset.fitted)
    validation_count = validation.dataset.row_count
    weights = sample_weights(more[0] if more else None, list(heads), validation_count)
    description = f"trained on {count:,} rows, validated on {validation_count:,} others"
    return training, replace(validation, sample_weights=weights), description


def _split_rows(
    state: ModelState, args: FitArguments, rows: EncodedRows, weights: Weights, split: SplitRows
) -> tuple[EncodedRows, EncodedRows, str]:
    """Return the training rows, the validation rows, and a description of the split.

    Scales and balanced class weights must be fitted on the training rows only. `rows` was encoded
    before the split was known. If that fitted the encoders on all rows, and there are scales or
    balanced class weights, all rows are encoded again.
    """
    by_class = class_weights(args.class_weight, state.trained_heads, rows.dataset, split.train)
    if state.encoders is None and _depends_on_training_rows(state):
        rows = encode_rows(state, args.x, args.y, training=True, train_rows=split.train)
    return (
        _take(rows, split.train, combine_weights(weights, by_class)),
        replace(_take(rows, split.validation, weights), diagnostics=(), array_order=""),
        f"trained on the first {len(split.train):,} rows, "
        f"validated on the last {len(split.validation):,}",
    )


def _unpack_validation_data(validation_data: Any) -> tuple[Any, ...]:
    if isinstance(validation_data, list | tuple) and len(validation_data) in (2, 3):
        return tuple(validation_data)
    raise diagnostic_error(
        "param-invalid",
        "validation_data is neither (x, y) nor (x, y, sample_weight)",
        "Write validation_data=(x, y).",
        param="validation_data",
        found=type(validation_data).__name__,
        expected="a tuple of two or three entries",
    )


def _last_rows(rows: int, fraction: float) -> SplitRows:
    """Return a split whose validation rows are the last `fraction` of `rows` rows, as in Keras."""
    train_count = int(rows * (1 - fraction))
    if train_count in (0, rows):
        random_split(SplitSizes(rows, fraction if train_count else 1.0), 0)  # raises the error
    order = np.arange(rows, dtype=np.int64)
    return SplitRows(order[:train_count], order[train_count:])


def _depends_on_training_rows(state: ModelState) -> bool:
    """Return whether class weights, or the scaling of any column, depend on the training rows."""
    mapping = state.report.mapping
    sources = [*mapping.inputs.values(), *mapping.targets.values()] if mapping else []
    is_balanced = any(head.balanced for head in state.report.heads.values())
    return is_balanced or any(source.scale for source in sources)


def _take(encoded: EncodedRows, rows: NDArray[np.int64], weights: Weights) -> EncodedRows:
    subset = {name: array[rows] for name, array in weights.items()}
    return replace(encoded, dataset=encoded.dataset.take(rows), sample_weights=subset)


def _training(
    torch_model: TorchModel,
    recipe: Recipe,
    epochs: int,
    rows: EncodedRows,
    validation: EncodedRows | None,
) -> Training:
    """Return a `Training` that continues from the model's progress for `epochs` more epochs.

    Weights, optimizer state and step count are kept. The state of early stopping is reset.
    """
    old, batch_size = torch_model.progress, recipe.batch_size
    torch_model.progress = TrainingProgress(old.step, old.updates, old.epoch, plateau=old.plateau)
    loaders = [
        torch_model.make_data_loader(encoded.dataset, encoded.sample_weights, batch_size)
        for encoded in (rows, validation)
        if encoded is not None
    ]
    recipe = recipe.model_copy(update={"epochs": old.epoch - 1 + epochs})
    return torch_model.make_training(recipe, *loaders)


def _run(
    state: ModelState,
    training: Training,
    arguments: FitArguments,
    history: History,
    printed: tuple[str, int],
) -> None:
    """Run a training, add the scores of each epoch to `history`, and print them if verbose.

    `printed` holds two values to print: a text that states which array each input got ("" for no
    text), and the number of the last epoch.
    """
    naming = KerasScoreNames(state)
    order, epochs = printed
    stopping = training.recipe.stopping
    restores_best = stopping is not None and stopping.restore_best
    offset = arguments.initial_epoch - training.progress.epoch
    best: dict[str, Array] | None = None
    if arguments.verbose:
        why = f", without native kernels ({training.native_why})" if training.native_why else ""
        print_now(f"{history.split}{why}\n" + (f"{order}\n" if order else ""))
    for event in fit(training):
        if isinstance(event, BestFound) and restores_best:
            best = training.network.get_weights()
        elif isinstance(event, EpochDone):
            scores = naming.to_keras(to_target_units(state, state.encoders, event.train))
            if event.validation:
                values = to_target_units(state, state.encoders, event.validation)
                scores |= {f"val_{key}": value for key, value in naming.to_keras(values).items()}
            history.add(event.epoch + offset, scores)
            if arguments.verbose:
                head = f"Epoch {event.epoch + offset + 1}/{epochs}"
                print_now(f"{head} - {event.seconds:.1f}s - {format_scores(scores)}\n")
        elif isinstance(event, RunFailed):
            raise DiagnosticError(diagnostic_from_dict(event.diagnostic))
        elif isinstance(event, RunFinished):
            history.end_reason = event.reason
    if best is not None:
        training.network.set_weights(best)
