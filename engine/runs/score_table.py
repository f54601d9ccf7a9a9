"""The scores of an evaluation as a table of text, with intervals and baselines."""

from __future__ import annotations

from engine.core.formatting.numbers import format_score, score_or_dash
from engine.recipe.score_names import METRICS_IN_TARGET_UNITS
from engine.runs.evaluation import EvaluationRecord, EvaluationScore

TITLES = ("Output", "Score", "Value", "95% interval", "Baseline", "Unit", "Best reachable")
NUMBER_TITLES = ("Value", "95% interval", "Baseline", "Best reachable")
_CLASSES = "Accuracy, F1 and AUC are 1 at best; balanced accuracy and F1 are means of all classes."
_NUMBERS = "R2 is 1 at best; RMSE and MAE are typical errors, 0 at best."
_INTERVAL = "95% interval: about where the score would lie for other rows of the same kind."


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
    tasks = {output.name: output.task == "number" for output in results.outputs}
    scored = [score for score in results.scores if score.low is not None]
    are_numbers = {tasks.get(score.output, True) for score in scored}
    baselines = (score for score in scored if score.baseline is not None)
    names = {score.describe_baseline(tasks.get(score.output, True)) for score in baselines}
    return (
        *[_CLASSES] * (False in are_numbers),
        *[_NUMBERS] * (True in are_numbers),
        *[f"Baseline: always predicting {' or '.join(sorted(names))}."] * bool(names),
        *[_INTERVAL] * bool(scored),
    )


def _row(score: EvaluationScore) -> tuple[str, ...]:
    interval = ""
    if score.low is not None and score.high is not None:
        interval = f"{_format(score, score.low)} to {_format(score, score.high)}"
    baseline, best = (
        "" if value is None else _format(score, value) for value in (score.baseline, score.best)
    )
    baseline = f"{score.baseline_name or ''} {baseline}".strip()
    kind, _, label = score.name.partition(" ")
    name = f"{kind} of {label}" if score.label else score.name
    value = score_or_dash(None) if score.value is None else _format(score, score.value)
    return (score.output or "total", name, value, interval, baseline, score.unit, best)


def _format(score: EvaluationScore, value: float) -> str:
    """Return a number of a score; one close to 0 has four decimals if the score is at most 1."""
    is_error = score.low is None or score.name.lower() in METRICS_IN_TARGET_UNITS
    is_plain = is_error or abs(value) >= 0.001
    return format_score(value) if is_plain else f"{round(value, 4) + 0.0:.4f}"
