"""The record of an evaluation as text."""

from __future__ import annotations

from collections.abc import Iterator

from engine.cli.console.output import figure, table
from engine.runs.evaluation import Output, Results

WIDEST = 12  # classes up to which a matrix fits a terminal
ROWS = 3  # of the worst rows, those that are shown


def score_table(answer: Results) -> str:
    """Return scores by output, with their units and the best that can be reached."""
    titles = ("Output", "Score", "Value", "Unit", "Best reachable")
    rows: list[tuple[str, ...]] = []
    before = None
    for score in answer.scores:
        best = "" if score.best is None else figure(score.best)
        shown = "" if score.output == before else score.output or "total"
        value = "nan" if score.value is None else figure(score.value)
        rows.append((shown, score.name, value, score.unit, best))
        before = score.output
    used = [place for place in range(5) if place < 3 or any(row[place] for row in rows)]
    right = {used.index(place) for place in (2, 4) if place in used}
    return table(
        [titles[place] for place in used], [[row[place] for place in used] for row in rows], right
    )


def output_lines(output: Output) -> Iterator[str]:
    """Yield what was found about one output."""
    yield f"{output.name}, {output.count:,} answers"
    yield from (f"  {line}" for line in _lines(output))


def _lines(output: Output) -> Iterator[str]:
    yield from _confusion(output)
    for roc in output.roc[:WIDEST]:
        if roc.area is not None:
            yield f"area under ROC{f' of {roc.label}' if roc.label else ''}: {roc.area:.4f}"
    if output.calibration.error is not None:
        yield f"confidence is off by {output.calibration.error:.4f} on average"
    for each in output.residuals:
        if each.mean is not None and each.deviation is not None and each.largest is not None:
            unit = f" {output.unit}" if output.unit else ""
            yield (
                f"{f'column {each.column}: ' if each.column else ''}off by {each.mean:+.4g}{unit} "
                f"on average, deviation {each.deviation:.4g}, at most {each.largest:+.4g}"
            )
    if output.worst:
        yield "worst rows, counting from 0:"
    for worst in output.worst[:ROWS]:
        sure = f" ({worst.confidence:.0%} sure)" if worst.confidence is not None else ""
        yield (
            f"  row {worst.row:,}: {worst.truth}, predicted {worst.predicted}{sure}, "
            f"loss {figure(worst.loss)}"
        )


def _confusion(output: Output) -> Iterator[str]:
    labels, counts = output.confusion.labels, output.confusion.counts
    if counts and len(labels) <= WIDEST:
        rows = [(label[:20], *map(str, row)) for label, row in zip(labels, counts, strict=True)]
        head = ("true \\ predicted", *(label[:20] for label in labels))
        yield from table(head, rows, set(range(1, len(labels) + 1))).splitlines()
        return
    for pair in output.confusion.pairs[:5]:
        yield f"{pair.truth} taken for {pair.predicted}: {pair.count:,} times"
