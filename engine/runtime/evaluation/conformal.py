"""Prediction intervals from the errors on validation rows."""

from __future__ import annotations

from math import ceil, sqrt

import numpy as np

from engine.core.diagnostic import Diagnostic, Fix
from engine.data.table.array import Array
from engine.runs.evaluation import EvaluationRecord, load_evaluations
from engine.runtime.evaluation.record import evaluate_run
from engine.runtime.inference.label_decoder import LabelDecoder
from engine.runtime.inference.prediction_columns import not_predicted
from engine.runtime.inference.trained_model import TrainedModel

_ROUGH = 0.1  # warn if the share of rows that the intervals hold may be off by more than this


def validation_record(trained: TrainedModel) -> EvaluationRecord:
    """Return the saved evaluation of the validation rows, else evaluate them now.

    Raises:
        DiagnosticError: if the run has no validation rows, or they can't be read.
    """
    for record in load_evaluations(trained.run.path):
        if record.split == "validation" and record.weights == trained.loaded_weights:
            return record
    return evaluate_run(trained, None, "validation")


def conformal_margins(
    trained: TrainedModel, level: float
) -> tuple[dict[str, Array], list[Diagnostic]]:
    """Return by output the margins of intervals that cover a share `level` of new rows.

    There is a margin for each number of an output, such as each step of a forecast, on the scale of
    `LabelDecoder.stabilize`: the quantile of the absolute errors on validation rows, for which the
    coverage holds for finite samples. Outputs without numbers, or with too few validation rows for
    the level, have a diagnostic instead. The best epoch was chosen by these rows, too, which hardly
    matters.

    Source: Lei et al. 2018, Distribution-free predictive inference for regression, split conformal
    prediction; intervals that are wider where errors are larger need Romano et al. 2019.
    """
    record = validation_record(trained)
    margins, notes = {}, []
    for head in trained.heads:
        decoder = LabelDecoder(head, trained.fitted.targets.get(head.name))
        if decoder.task != "number":
            notes.append(not_predicted(head, "intervals", "classes or labels", "a number"))
            continue
        columns = next((x.residuals for x in record.outputs if x.name == head.name), ())
        errors = [
            np.sort(np.abs(np.subtract(*map(decoder.stabilize, map(np.array, pair)))))
            for pair in ((column.predicted, column.truth) for column in columns)
        ]
        count = min(map(len, errors), default=0)
        if not errors or head.spec.rank and head.spec.shape[-1] != len(errors):
            found = f"errors of {len(errors)} numbers on the validation rows"
            expected = f"errors of all {head.spec.shape[-1]} numbers"
            notes.append(not_predicted(head, "intervals", found, expected))
        elif _quantile_index(count, level) >= count:
            found = f"too few validation rows: {count:,}"
            expected = f"at least {ceil(level / (1 - level) - 1e-9):,} of them for {level:.1%}"
            notes.append(not_predicted(head, "intervals", found, expected, "warning"))
        else:
            margins[head.name] = np.array([e[_quantile_index(len(e), level)] for e in errors])
            mapping = trained.report.mapping
            steps = mapping.windows.ahead if mapping and mapping.windows else 1
            notes += _rough_intervals(head.name, count, count // steps, level)
    return margins, notes


def _quantile_index(count: int, level: float) -> int:
    """Return the index of the quantile among sorted errors; `count` or more if they are too few."""
    return ceil((count + 1) * level - 1e-9) - 1


def _rough_intervals(output: str, rows: int, independent: int, level: float) -> list[Diagnostic]:
    """Return a warning if the intervals of an output may hold a clearly different share of rows.

    The share has a Beta distribution (Vovk 2012), of which two standard deviations count. The steps
    of neighbouring windows overlap, so the number of `independent` errors is smaller than `rows`.
    """
    deviation = 2 * sqrt(level * (1 - level) / (independent + 2))
    if deviation <= _ROUGH:
        return []
    low, high = max(level - deviation, 0), min(level + deviation, 1)
    return [
        Diagnostic(
            "interval-rough",
            f"its intervals may hold {low:.0%} to {high:.0%} of new rows",
            severity="warning",
            node=output,
            found=f"{rows:,} validation rows",
            expected=f"enough rows to know what holds {level:.1%}",
            fixes=(Fix("Train with more validation rows: a larger validation_split."),),
        )
    ]
