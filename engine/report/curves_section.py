"""HTML sections of a run: curves by epoch and by step, and changes of live settings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.core.formatting.numbers import format_json_value, score_or_dash
from engine.diagram.svg_text import escape_text
from engine.events import ControlTaken
from engine.report.charts import share_chart
from engine.report.html import html_card, html_section, html_table
from engine.report.line_chart import ChartSeries, line_chart
from engine.runs.comparison.score_summary import score_title, summarize_scores
from engine.runs.state.best_epoch import restart_note
from engine.runs.state.run_state import RunState
from engine.runs.state.step_curve import StepCurve

MAX_ROWS = 60  # approximate maximum number of rows of the table of values


def curves_section(state: RunState) -> str:
    """Return the HTML section with all curves of a run and their values, "" without curves."""
    cards = "".join([*_epoch_charts(state), *_step_charts(state)])
    if not cards:
        return ""
    return html_section("Curves", f'<div class="grid">{cards}</div>', _values_table(state))


def _epoch_charts(state: RunState) -> Iterator[str]:
    best = {name: line.epoch for name, line in summarize_scores(state).items()}
    names = dict.fromkeys((*state.train, *state.validation))
    for name in names:
        if name.endswith("_penalty"):
            continue
        train = state.train.get(name, StepCurve())
        validation = state.validation.get(name)
        if validation:
            series = [
                ChartSeries("validation", validation, 1, best=best.get(name)),
                ChartSeries("training", train, 0, is_dashed=True),
            ]
        else:
            series = [ChartSeries("training", train, 0, best=best.get(name))]
        chart = line_chart(series, "epoch")
        if chart:
            yield html_card(_title(name, state), chart)


def _title(name: str, state: RunState) -> str:
    output, _, _ = name.rpartition("/")
    return score_title(state.outputs, name).replace("/", ": ", 1) if output else "Total loss"


def _step_charts(state: RunState) -> Iterator[str]:
    marks = [(mark.step, _mark_text(mark)) for mark in state.responses if not mark.code]
    single = (("learning_rate", "Learning rate", 2), ("grad_norm", "Gradient norm", 5))
    for name, title, tone in single:
        curve = state.steps.get(name)
        is_rate = name == "learning_rate"
        if curve and (not is_rate or len(set(curve.values)) > 1):
            series = [ChartSeries("by step", curve, tone)]
            yield html_card(title, line_chart(series, "step", marks, allow_log=not is_rate))
    shares = state.shares
    if len(shares) > 1:
        yield html_card("Share of each output in the total loss", share_chart(shares))
    weights = {name: curve for name, curve in state.steps.items() if name.endswith("/weight")}
    if weights:
        series = [
            ChartSeries(name.removesuffix("/weight"), curve, tone)
            for tone, (name, curve) in enumerate(weights.items())
        ]
        yield html_card("Learned loss weights", line_chart(series, "step", marks))


def _mark_text(mark: ControlTaken) -> str:
    value = f": {_format(mark.value)}" if mark.value is not None else ""
    return f"{mark.request} after step {mark.step:,}{value}"


def changes_section(state: RunState) -> str:
    """Return the HTML section with the requests sent to a running training, "" without requests."""
    if not state.responses:
        return ""
    rows = [
        (
            f"{mark.step:,}",
            mark.request,
            _format(mark.before),
            _format(mark.value),
            "rejected" if mark.code else "",
        )
        for mark in state.responses
    ]
    head = ("After step", "Request", "Before", "After", "")
    content = html_card("", html_table("", head, rows), restart_notes(state.responses), wide=True)
    return html_section("Changes during the run", f'<div class="grid">{content}</div>')


def restart_notes(marks: Iterable[ControlTaken]) -> str:
    """Return HTML notes on the requests that restarted the search for the best epoch or loss."""
    notes = filter(None, map(restart_note, marks))
    return "".join(f'<p class="note">{escape_text(note)}.</p>' for note in notes)


def _format(value: object) -> str:
    return "" if value is None else format_json_value(value)


def _values_table(state: RunState) -> str:
    """Return the values of the curves by epoch as an HTML table, for accessibility."""
    scores = state.validation or state.train
    epochs = next((curve.steps for curve in scores.values() if curve), [])
    size = max(1, -(-len(epochs) // MAX_ROWS))
    columns = {
        f"{score_title(state.outputs, name)} ({split})": dict(curve)
        for split, curves in (("training", state.train), ("validation", state.validation))
        for name, curve in curves.items()
    }
    rows = [
        (str(epoch), *(score_or_dash(column.get(epoch)) for column in columns.values()))
        for epoch in sorted({*epochs[::size], *epochs[-1:]})
    ]
    if not rows:
        return ""
    values = html_table("", ("Epoch", *columns), rows, range(1, len(columns) + 1))
    return f"<details><summary>Values of the curves</summary>{values}</details>"
