"""The scores of an evaluation as a table of text, with intervals and baselines."""

from __future__ import annotations

from engine.core.formatting.numbers import format_score, score_or_dash
from engine.runs.evaluation import EvaluationRecord, EvaluationScore

TITLES = ("Output", "Score", "Value", "95% interval", "Baseline", "Unit", "Best reachable")
NUMBER_TITLES = ("Value", "95% interval", "Baseline", "Best reachable")
LEGEND = (
    "Accuracy, F1, AUC and R2 are 1 at best, balanced accuracy and F1 are means of all classes; "
    "RMSE and MAE are typical errors, 0 at best.",
    "Baseline: always predicting the mean, or the most frequent class, of the training rows.",
    "95% interval: about where the score would lie for other rows of the same kind.",
)


def score_rows(results: EvaluationRecord, is_short: bool = False) -> list[list[str]]:
    """Return the titles and a row for each score; columns without any value are left out.

    A short table has no scores of single classes, and none without an interval, such as losses.
    """
    scores = results.scores
    if is_short:
        scores = tuple(score for score in scores if score.low is not None and not score.label)
    rows = [_row(score) for score in scores]
    used = [index for index in range(len(TITLES)) if index < 3 or any(row[index] for row in rows)]
    return [[row[index] for index in used] for row in (TITLES, *rows)]


def score_legend(results: EvaluationRecord) -> tuple[str, ...]:
    """Return the sentences that explain the columns of the table."""
    has_baseline = any(score.baseline is not None for score in results.scores)
    has_interval = any(score.low is not None for score in results.scores)
    return (*LEGEND[:1] * has_interval, *LEGEND[1:2] * has_baseline, *LEGEND[2:] * has_interval)


def _row(score: EvaluationScore) -> tuple[str, ...]:
    interval = ""
    if score.low is not None and score.high is not None:
        interval = f"{format_score(score.low)} to {format_score(score.high)}"
    baseline, best = (
        "" if value is None else format_score(value) for value in (score.baseline, score.best)
    )
    value = score_or_dash(score.value)
    return (score.output or "total", score.name, value, interval, baseline, score.unit, best)
