"""The results of an evaluation as text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.cli.console.output import format_table, wrap_text
from engine.core.formatting.counts import count_noun
from engine.core.formatting.numbers import format_value
from engine.runs.evaluation import EvaluationRecord, OutputEvaluation
from engine.runs.score_table import NUMBER_TITLES, score_legend, score_rows

MAX_MATRIX_CLASSES = 12  # number of classes up to which a confusion matrix is printed
MAX_RESIDUALS = 30  # number of columns of an output whose residuals are printed
MAX_WORST_ROWS = 3  # number of printed rows with the largest loss


def score_table(results: EvaluationRecord, is_short: bool = False) -> str:
    """Return a table of the scores of each output, and sentences that explain its columns."""
    titles, *rows = score_rows(results, is_short)
    shown, previous = [], ""
    for output, *cells in rows:
        shown.append(["" if output == previous else output, *cells])
        previous = output
    right = {index for index, title in enumerate(titles) if title in NUMBER_TITLES}
    legend = [wrap_text(line) for line in score_legend(results)]
    return "\n".join([format_table(titles, shown, right), *([""] if legend else []), *legend])


def output_lines(output: OutputEvaluation, places: Mapping[int, str]) -> Iterator[str]:
    """Yield lines about one output: confusion, ROC, calibration, residuals and worst rows.

    `places` are texts such as ", line 3 of the file" of the worst rows, by row number.
    """
    yield f"{output.name}, {count_noun(output.count, 'prediction')}"
    yield from (f"  {line}" for line in _lines(output, places))


def _lines(output: OutputEvaluation, places: Mapping[int, str]) -> Iterator[str]:
    yield from _confusion(output)
    if (error := output.calibration.error) is not None:
        what = "confidence and accuracy differ by"
        yield f"calibration: {what} {error:.1%} on average"
    for residuals in output.residuals[:MAX_RESIDUALS]:
        mean, std, largest = residuals.mean, residuals.deviation, residuals.largest
        if mean is not None and std is not None and largest is not None:
            unit = f" {output.unit}" if output.unit else ""
            column = f"{residuals.title}: " if residuals.title else ""
            mean_text, std_text, largest_text = map(format_value, (mean, std, largest))
            yield (
                f"{column}predicted minus true: mean {mean_text}{unit}, "
                f"standard deviation {std_text}, largest {largest_text}"
            )
    if output.worst:
        yield "worst rows, the largest loss above that of a perfect prediction first:"
    for worst in output.worst[:MAX_WORST_ROWS]:
        confidence = f" ({worst.confidence:.0%} confidence)" if worst.confidence is not None else ""
        yield f"  row {worst.row} (counting from 0){places.get(worst.row, '')}:"
        yield f"    true {worst.truth}, predicted {worst.predicted}{confidence}"


def _confusion(output: OutputEvaluation) -> Iterator[str]:
    labels, counts = output.confusion.labels, output.confusion.counts
    if counts and len(labels) <= MAX_MATRIX_CLASSES:
        rows = [(label[:20], *map(str, row)) for label, row in zip(labels, counts, strict=True)]
        head = ("true \\ predicted", *(label[:20] for label in labels))
        yield from format_table(head, rows, set(range(1, len(labels) + 1))).splitlines()
        return
    for pair in output.confusion.pairs[:5]:
        yield f"{pair.truth} predicted as {pair.predicted}: {pair.count:,} times"
