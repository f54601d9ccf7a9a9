"""Evaluation of a finished training on its validation rows, and warnings about the scores."""

from __future__ import annotations

from engine.core.diagnostic import Diagnostic
from engine.data.prepared_data import PreparedData
from engine.data.series.window_rows import last_rows
from engine.runs.evaluation import save_evaluation
from engine.runs.folder.run_folder import RunFolder
from engine.runs.score_warnings import score_warnings
from engine.runtime.checkpoints.state_dicts import load_weights
from engine.runtime.checkpoints.weight_file import read_weights
from engine.runtime.evaluation.record import evaluate_rows
from engine.runtime.inference.run_splits import EvaluationRows
from engine.runtime.inference.trained_model import TrainedModel
from engine.runtime.training.training import Training


def evaluate_validation_rows(
    run: RunFolder, training: Training, prepared: PreparedData
) -> list[Diagnostic]:
    """Evaluate the final weights on the validation rows, and return warnings about the scores.

    The results are saved in the run folder, where the window and `engine predict` find them. They
    are left out for a training of several processes, and for a run of version 0.1, which has no
    baselines.
    """
    rows, record = prepared.validation, run.record
    if rows is None or "baselines" not in record or training.group.size > 1:
        return []
    network, recipe = training.network, prepared.recipe
    load_weights(network, read_weights(run.weights_path))  # maybe of another epoch than the last
    network.eval()
    trained = TrainedModel(
        run, prepared.report, network, prepared.fitted, training.device_context,
        recipe.batch_size, "final",
    )  # fmt: skip
    paths = trained.data_paths
    path = paths.get("validation") or paths.get("data") or run.path  # a resumed run may name none
    ends = last_rows(rows)
    indices = prepared.validation_rows if ends is None else ends
    results = evaluate_rows(trained, EvaluationRows(path, rows, "validation", indices))
    save_evaluation(run.path, results)
    return score_warnings(results, prepared.report.project)
