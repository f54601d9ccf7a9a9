"""Prediction intervals from the errors on validation rows."""

from __future__ import annotations

from dataclasses import replace
from math import ceil

import numpy as np

from engine.core.diagnostic import Diagnostic
from engine.data.table.array import Array
from engine.runs.evaluation import EvaluationRecord, Residuals, load_evaluations
from engine.runtime.distributed.process_group import SINGLE_PROCESS
from engine.runtime.evaluation.record import evaluate_run
from engine.runtime.inference.label_decoder import LabelDecoder
from engine.runtime.inference.prediction_columns import not_predicted
from engine.runtime.inference.trained_model import TrainedModel

# With fewer rows, the share that the intervals really hold often differs by more than 0.05.
_MIN_ROWS = 30
_ROUNDING = 1e-9  # of products of floats


def validation_record(trained: TrainedModel) -> EvaluationRecord:
    """Return the saved evaluation of the validation rows by final weights, else a new one.

    Raises:
        DiagnosticError: if the run has no validation rows, or they can't be read.
    """
    for record in load_evaluations(trained.run.path):
        if record.split == "validation" and record.weights == trained.loaded_weights == "final":
            return record
    # The group of `trained` may have ended, and its notes are about other rows.
    return evaluate_run(replace(trained, group=SINGLE_PROCESS, notes=[]), None, "validation")


def conformal_margins(
    trained: TrainedModel, level: float
) -> tuple[dict[str, Array], list[Diagnostic]]:
    """Return by output the margins of intervals that hold a share `level` of new rows, and notes.

    There is a margin for each number of an output, such as a step of a forecast, on the scale of
    `LabelDecoder.stabilizer`: the quantile of the absolute errors on validation rows, for which the
    coverage holds for finite samples. The best epoch was chosen by these rows, which hardly
    matters. Outputs without numbers, or with too few rows for the level, have a note instead.

    Source: Lei et al. 2018, Distribution-free predictive inference for regression, split conformal
    prediction; intervals that are wider where errors are larger need Romano et al. 2019.
    """
    residuals = {output.name: output.residuals for output in validation_record(trained).outputs}
    least = max(_MIN_ROWS, ceil(level / (1 - level) - _ROUNDING))
    margins, notes = dict[str, Array](), list[Diagnostic]()
    for head in trained.heads:
        decoder = LabelDecoder(head, trained.fitted.targets.get(head.name))
        errors = [_sorted_errors(column, decoder) for column in residuals.get(head.name, ())]
        rows, numbers = min(map(len, errors), default=0), (head.spec.shape or (1,))[-1]
        if decoder.task != "number":
            notes.append(not_predicted(head, "intervals", "classes or labels", "a number"))
        elif rows < least:
            found, expected = f"{rows:,} validation rows", f"at least {least:,} for this level"
            fix = "Train with more validation rows." if rows < _MIN_ROWS else "Use a lower level."
            notes.append(not_predicted(head, "intervals", found, expected, fix))
        elif len(errors) != numbers:
            found, expected = f"{numbers} numbers", f"at most {len(errors)} numbers"
            notes.append(not_predicted(head, "intervals", found, expected))
        else:
            places = (ceil((len(column) + 1) * level - _ROUNDING) for column in errors)
            quantiles = [column[n - 1] for column, n in zip(errors, places, strict=True)]
            margins[head.name] = np.array(quantiles)
    return margins, notes


def _sorted_errors(column: Residuals, decoder: LabelDecoder) -> Array:
    forward, _, least = decoder.stabilizer
    values = (forward(np.maximum(values, least)) for values in (column.predicted, column.truth))
    return np.sort(np.abs(np.subtract(*values)))
