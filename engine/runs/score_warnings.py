"""Warnings about the scores of an evaluation: outputs that have learned too little."""

from __future__ import annotations

from collections.abc import Iterator

from engine.core.diagnostic import Diagnostic, Fix
from engine.core.formatting.numbers import score_or_dash
from engine.graph.model import Project
from engine.recipe.score_names import METRICS_IN_TARGET_UNITS
from engine.runs.evaluation import EvaluationRecord, EvaluationScore, OutputEvaluation

MIN_ROWS = 20  # with fewer rows, hardly any score is better than its baseline by more than chance
MIN_CLASS_ROWS = 5  # a class with fewer rows may be missing among the predictions by chance


def score_warnings(results: EvaluationRecord, project: Project) -> list[Diagnostic]:
    """Return the warnings about the outputs of an evaluated network."""
    warnings = []
    for output in results.outputs:
        scores = [score for score in results.scores if _is_evidence(score, output.name)]
        if scores and output.count >= MIN_ROWS and not any(map(_is_better, scores)):
            warnings.append(_not_better(output, scores[0]))
        else:  # if nothing was learned, that is the reason
            warnings += _never_predicted(output, project)
    return warnings


def _is_evidence(score: EvaluationScore, output: str) -> bool:
    """Return whether a score of an output tells that it has learned something.

    Precision, recall and F1 do not: always predicting one class has low scores for the other
    classes, so random predictions are better.
    """
    is_partial = score.name.startswith(("precision", "recall", "F1"))
    return score.output == output and score.baseline is not None and not is_partial


def _is_better(score: EvaluationScore) -> bool:
    """Return whether the whole interval of a score is better than its baseline.

    A score without an interval, such as an accuracy of 1, is compared itself.
    """
    if score.value is None or score.baseline is None:
        return False
    if score.name.lower() in METRICS_IN_TARGET_UNITS:
        return (score.value if score.high is None else score.high) < score.baseline
    return (score.value if score.low is None else score.low) > score.baseline


def _not_better(output: OutputEvaluation, score: EvaluationScore) -> Diagnostic:
    what = score.describe_baseline(output.task == "number")
    numbers = (score.value, score.low, score.high, score.baseline)
    value, low, high, baseline = map(score_or_dash, numbers)
    interval = "" if score.low is None else f", 95% interval {low} to {high}"
    return Diagnostic.warning(
        "baseline-not-beaten",
        f"is no better than always predicting {what}",
        "Check that the inputs are related to this target.",
        "Use more rows or other columns; if the losses still fall at the end, more epochs.",
        node=output.name,
        found=f"{score.name} {value} on {output.count:,} rows{interval}",
        expected=f"better than {baseline} by more than chance",
    )


def _never_predicted(output: OutputEvaluation, project: Project) -> Iterator[Diagnostic]:
    """Yield a warning if classes that occur in the evaluated rows are never predicted."""
    labels, counts = output.confusion.labels, output.confusion.counts
    missing = [
        (label, sum(row))
        for column, (label, row) in enumerate(zip(labels, counts, strict=False))
        if sum(row) >= MIN_CLASS_ROWS and not any(other[column] for other in counts)
    ]
    if not missing:
        return
    edit = {"do": "set_params", "node": output.name, "params": {"class_weight": "balanced"}}
    balance = Fix("Weight rare classes more: set class_weight to balanced.", edit)
    has_weights = bool(project.graph[output.name].params.get("class_weight"))
    yield Diagnostic.warning(
        "class-never-predicted",
        "never predicts " + ", ".join(f'"{label}"' for label, _ in missing[:8]),
        *([] if has_weights else [balance]),
        "Add rows of these classes.",
        node=output.name,
        found=", ".join(f"{count:,} rows of {label}" for label, count in missing[:8]),
        expected="each class predicted for some rows",
    )
