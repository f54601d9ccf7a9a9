"""Prediction intervals from the errors on validation rows."""

from __future__ import annotations

from dataclasses import replace
from math import ceil, floor

import numpy as np

from engine.core.diagnostic import Diagnostic
from engine.data.table.array import Array
from engine.recipe.split import TimeSplit
from engine.runs.evaluation import EvaluationRecord, Residuals, load_final_evaluation
from engine.runtime.distributed.process_group import SINGLE_PROCESS
from engine.runtime.evaluation.record import evaluate_run
from engine.runtime.inference.label_decoder import LabelDecoder, head_task
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
    record = load_final_evaluation(trained.run.path)
    if record is not None and trained.loaded_weights == "final":
        return record
    # The group of `trained` may have ended.
    return evaluate_run(replace(trained, group=SINGLE_PROCESS), None, "validation")


def conformal_margins(
    trained: TrainedModel, level: float
) -> tuple[dict[str, Array], list[Diagnostic]]:
    """Return by output the margins of intervals that hold a share `level` of new rows, and notes.

    The arrays have the shape (2, numbers), with a column for each number of an output, such as a
    step of a forecast: its margin, on the scale of `LabelDecoder.stabilizer`, and its smallest
    bound, which is 0 if no target of the validation rows is negative. The margin is the quantile of
    the absolute errors on these rows, for which the coverage holds for finite samples, if new rows
    are like them. These rows may have chosen the epoch, which hardly matters. Outputs with too
    few rows for the level have a note instead.

    Source: Lei et al. 2018, Distribution-free predictive inference for regression, split conformal
    prediction; intervals that are wider where errors are larger need Romano et al. 2019.
    """
    residuals = {output.name: output.residuals for output in validation_record(trained).outputs}
    least = max(_MIN_ROWS, ceil(level / (1 - level) - _ROUNDING))
    margins: dict[str, Array] = {}
    notes: list[Diagnostic] = []
    for head in (head for head in trained.heads if head_task(head) == "number"):
        decoder = LabelDecoder(head, trained.fitted.targets.get(head.name))
        columns = residuals.get(head.name, ())
        errors = [_sorted_errors(column, decoder) for column in columns]
        rows, numbers = min(map(len, errors), default=0), (head.spec.shape or (1,))[-1]
        if rows < least:
            found, expected = f"{rows:,} validation rows", f"at least {least:,} for this level"
            notes.append(not_predicted(head, "intervals", found, expected, _more_rows_fix(rows)))
        elif len(errors) != numbers:
            found, expected = f"{numbers} numbers", f"at most {len(errors)} numbers"
            notes.append(not_predicted(head, "intervals", found, expected))
        else:
            places = (ceil((len(column) + 1) * level - _ROUNDING) for column in errors)
            quantiles = [column[n - 1] for column, n in zip(errors, places, strict=True)]
            bounds = [0.0 if min(column.truth) >= 0 else -np.inf for column in columns]
            margins[head.name] = np.array([quantiles, bounds])
    if not margins and not notes:
        notes = [not_predicted(trained.heads[0], "intervals", "classes or labels", "a number")]
    mapping = trained.report.mapping
    if margins and mapping and isinstance(mapping.split, TimeSplit):
        later = f'{level:.4g} of rows later than the validation rows, by "{mapping.split.column}"'
        fix = "Request a higher level, or train again with newer rows."
        message = f"the bounds may hold for less than {later}"
        notes.append(Diagnostic.warning("prediction-unfit", message, fix))
    return margins, notes


def _more_rows_fix(rows: int) -> str:
    """Return a fix for an interval that needs more than `rows` validation rows."""
    if rows >= _MIN_ROWS:
        return f"Use a lower level: --interval {floor(1000 * rows / (rows + 1)) / 1000:g}."
    times = ceil(10 * _MIN_ROWS / max(rows - 0.5, 0.5)) / 10  # splits are rounded
    return (
        f"Train again with {times:g} times the validation_split (or the fraction under "
        '"validation" in "split" of the data block), or with a larger --validation.'
    )


def _sorted_errors(column: Residuals, decoder: LabelDecoder) -> Array:
    forward, _, least = decoder.stabilizer
    values = (forward(np.maximum(values, least)) for values in (column.predicted, column.truth))
    return np.sort(np.abs(np.subtract(*values)))
