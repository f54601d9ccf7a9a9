"""The HTML section of an evaluation: scores, and the charts and tables of each output."""

from __future__ import annotations

from collections.abc import Iterator

from engine.core.formatting.numbers import score_or_dash
from engine.diagram.svg_text import escape_text
from engine.report.charts import (
    prediction_scatter,
    reliability_diagram,
    residual_histogram,
    threshold_chart,
)
from engine.report.html import html_card, html_section, html_table
from engine.runs.evaluation import MAX_CHARTS, ConfusionMatrix, EvaluationRecord, OutputEvaluation
from engine.runs.score_table import NUMBER_TITLES, score_legend, score_rows

MAX_MATRIX_CLASSES = 20  # number of classes up to which a confusion matrix is shown


def evaluation_section(results: EvaluationRecord) -> str:
    """Return the HTML section of one evaluation."""
    title = f"Evaluated on {f'the {results.split} rows' if results.split else results.name}"
    sentences = (*score_legend(results), *results.notes)
    notes = "".join(f'<p class="note">{escape_text(note)}</p>' for note in sentences)
    scores = html_card("", _scores(results), notes, wide=True)
    parts = [f'<div class="grid">{scores}</div>']
    for output in results.outputs:
        cards = "".join(_cards(output))
        parts.append(
            f'<h3 style="margin:22px 0 8px">{escape_text(output.name)}'
            f' <span class="note">{output.count:,} predictions</span></h3>'
            f'<div class="grid">{cards}</div>'
        )
    return html_section(title, *parts)


def _scores(results: EvaluationRecord) -> str:
    titles, *rows = score_rows(results)
    numbers = [index for index, title in enumerate(titles) if title in NUMBER_TITLES]
    caption = f"{results.rows_description}, with {results.weights_description}"
    return html_table(caption, titles, rows, numbers)


def _cards(output: OutputEvaluation) -> Iterator[str]:
    if output.confusion.counts and len(output.confusion.labels) <= MAX_MATRIX_CLASSES:
        count = len(output.confusion.labels)
        matrix = _matrix(output.confusion)
        yield html_card("Confusion matrix", matrix, wide=count > 5, full_width=count > 12)
    elif output.confusion.pairs:
        pairs = [(p.truth, p.predicted, f"{p.count:,}") for p in output.confusion.pairs]
        table = html_table("", ("True", "Predicted", "Count"), pairs, (2,))
        yield html_card("Most frequent mistakes", table)
    for column in output.residuals[:MAX_CHARTS]:
        name = f" of {column.title}" if column.title else ""
        yield html_card(f"Predicted against true{name}", prediction_scatter(column, output.unit))
        yield html_card(f"Residuals{name}", residual_histogram(column, output.unit))
    if output.roc:
        yield html_card("ROC", threshold_chart(output.roc, "false positive rate"))
    if output.precision_recall:
        chart = threshold_chart(output.precision_recall, "recall", is_precision_recall=True)
        yield html_card("Precision-recall", chart)
    if output.calibration.bins:
        yield html_card("Calibration", reliability_diagram(output.calibration))
    if output.worst:
        yield html_card("Worst rows", _worst(output), wide=True)


def _matrix(confusion: ConfusionMatrix) -> str:
    """Return a confusion matrix as HTML; a cell's color shows its fraction of the row."""
    labels, counts = confusion.labels, confusion.counts
    head = "".join(f'<th scope="col">{escape_text(label)}</th>' for label in labels)
    rows = []
    for label, row in zip(labels, counts, strict=True):
        total = sum(row) or 1
        cells = "".join(_cell(count, count / total) for count in row)
        rows.append(f'<tr><th scope="row">{escape_text(label)}</th>{cells}</tr>')
    return (
        '<p class="note">Rows are true, columns predicted; color is the share of the row.</p>'
        '<div class="scroll"><table class="matrix" aria-label="Confusion matrix">'
        f"<thead><tr><td></td>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def _cell(count: int, share: float) -> str:
    deep = ' class="deep"' if share > 0.75 else ""
    tint = f"background:color-mix(in srgb,var(--c1) {share:.0%},transparent)" if share else ""
    return f'<td{deep} style="{tint}" title="{share:.1%}">{count:,}</td>'


def _worst(output: OutputEvaluation) -> str:
    has_confidence = any(worst.confidence is not None for worst in output.worst)
    head = ["Row", "True", "Predicted", *(["Confidence"] if has_confidence else []), "Loss"]
    rows = []
    for worst in output.worst:
        row = [f"{worst.row:,}", worst.truth, worst.predicted]
        if has_confidence:
            row.append("" if worst.confidence is None else f"{worst.confidence:.0%}")
        rows.append([*row, score_or_dash(worst.loss)])
    return html_table("Row numbers start at 0", head, rows, range(3, len(head)))
