"""The scores of an evaluation as a table of text, with intervals and baselines."""

from __future__ import annotations

from engine.core.formatting.numbers import format_score, score_or_dash
from engine.recipe.score_names import METRICS_IN_TARGET_UNITS
from engine.runs.evaluation import EvaluationRecord, EvaluationScore

TITLES = ("Output", "Score", "Value", "95% interval", "Baseline", "Unit", "Best possible")
NUMBER_TITLES = ("Value", "95% interval", "Baseline", "Best possible")
_CLASSES = "Scores of classes are 1 at best; balanced accuracy and F1 are means of all classes."
_NUMBERS = "R2 is 1 at best; RMSE and MAE are typical errors, 0 at best."
_INTERVAL = "95% interval: the range that the score of similar rows is expected in."


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
    scored = [score for score in results.scores if score.low is not None]
    numbers = {output.name for output in results.outputs if output.task == "number"}
    lines = [_NUMBERS if score.output in numbers else _CLASSES for score in scored]
    for score in scored:
        if score.baseline is not None:
            described = score.describe_baseline(score.output in numbers)
            lines.append(f"Baseline of {score.output}: always predicting {described}.")
    return tuple(dict.fromkeys([*lines, *(_INTERVAL for _ in scored)]))


def _row(score: EvaluationScore) -> tuple[str, ...]:
    values = (score.low, score.high, score.baseline, score.best, score.value)
    low, high, baseline, best, value = (_format(score, number) for number in values)
    interval = f"{low} to {high}" if low and high else ""
    baseline = f"{score.baseline_name or ''} {baseline}".strip()
    label = score.label
    name = f"{score.name.removesuffix(label)}of {label}" if label else score.name
    value = value or score_or_dash(None)
    unit = score.unit.replace("standardised", "of scaled values")  # the spelling in files
    return (score.output or "total", name, value, interval, baseline, unit, best)


def _format(score: EvaluationScore, value: float | None) -> str:
    """Return a number of a score; one close to 0 has four decimals if the score is at most 1."""
    if value is None:
        return ""
    is_error = score.low is None or score.name.lower() in METRICS_IN_TARGET_UNITS
    is_plain = is_error or abs(value) >= 0.001
    return format_score(value) if is_plain else f"{round(value, 4) + 0.0:.4f}"
