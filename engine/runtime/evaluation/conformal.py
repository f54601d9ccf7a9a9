"""Prediction intervals from the errors on validation rows."""

from __future__ import annotations

from math import ceil

import numpy as np

from engine.data.table.array import Array
from engine.runs.evaluation import EvaluationRecord, load_evaluations
from engine.runtime.evaluation.record import evaluate_run
from engine.runtime.inference.trained_model import TrainedModel


def validation_record(trained: TrainedModel) -> EvaluationRecord:
    """Return the saved evaluation of the validation rows, else evaluate them now.

    Raises:
        DiagnosticError: if the run has no validation rows, or they can't be read.
    """
    for record in load_evaluations(trained.run.path):
        if record.split == "validation" and record.weights == trained.loaded_weights:
            return record
    return evaluate_run(trained, None, "validation")


def conformal_margins(record: EvaluationRecord, level: float) -> dict[str, Array]:
    """Return by output the half widths of intervals that cover a share `level` of new rows.

    There is a half width for each number of an output: the quantile of the absolute errors on
    validation rows, for which the coverage holds for finite samples. Outputs without numbers, or
    with too few validation rows for the level, are left out. The best epoch was chosen by these
    rows, too, which hardly matters.

    Source: Lei et al. 2018, Distribution-free predictive inference for regression, split conformal
    prediction; intervals that are wider where errors are larger need Romano et al. 2019.
    """
    margins = {}
    for output in record.outputs:
        widths = []
        for residuals in output.residuals:
            errors = np.sort(np.abs(np.subtract(residuals.predicted, residuals.truth)))
            place = ceil((len(errors) + 1) * level)
            widths += [float(errors[place - 1])] if place <= len(errors) else []
        if widths and len(widths) == len(output.residuals):
            margins[output.name] = np.array(widths)
    return margins
