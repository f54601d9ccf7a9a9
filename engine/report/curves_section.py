"""The sections with curves by epoch and by step, and with changes of live settings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.core.formatting.numbers import format_json_value, score_or_dash
from engine.events import ControlTaken
from engine.report.charts import bands
from engine.report.html import card, safe, section, table
from engine.report.line_chart import Series, line_chart
from engine.runs.comparison.score_summary import in_unit, score_lines
from engine.runs.state.best_epoch import anew_in_words
from engine.runs.state.run_state import RunState
from engine.runs.state.step_curve import Curve

MOST_ROWS = 60  # of the table of values


def curves(state: RunState) -> str:
    """Return the section with all curves of a run, and a table of their values."""
    cards = "".join([*_epoch_charts(state), *_step_charts(state)])
    if not cards:
        return ""
    return section("Curves", f'<div class="grid">{cards}</div>', _values_table(state))


def _epoch_charts(state: RunState) -> Iterator[str]:
    best = {name: line.epoch for name, line in score_lines(state).items()}
    names = dict.fromkeys((*state.train, *state.validation))
    for name in names:
        if name.endswith("_penalty"):
            continue
        validation = state.validation.get(name, Curve())
        series = [
            Series("validation", validation, 1, best=best.get(name)),
            Series("training", state.train.get(name, Curve()), 0, quiet=bool(validation),
                   best=None if validation else best.get(name)),
        ]  # fmt: skip
        chart = line_chart(series, "epoch")
        if chart:
            yield card(_title(name, state), chart)


def _title(name: str, state: RunState) -> str:
    output, _, _ = name.rpartition("/")
    return in_unit(state.heads, name).replace("/", ": ", 1) if output else "Total loss"


def _step_charts(state: RunState) -> Iterator[str]:
    marks = [(mark.step, _mark_text(mark)) for mark in state.marks if not mark.code]
    single = (("learning_rate", "Learning rate", 2), ("grad_norm", "Gradient norm", 5))
    for name, title, tone in single:
        curve = state.steps.get(name)
        if curve and (name != "learning_rate" or len(set(curve.values)) > 1):
            chart = line_chart(
                [Series("by step", curve, tone)], "step", marks, factors=name != "learning_rate"
            )
            yield card(title, chart)
    shares = state.shares
    if len(shares) > 1:
        yield card("Share of each output in the total loss", bands(shares))
    weights = {name: curve for name, curve in state.steps.items() if name.endswith("/weight")}
    if weights:
        series = [
            Series(name.removesuffix("/weight"), curve, tone)
            for tone, (name, curve) in enumerate(weights.items())
        ]
        yield card("Learned loss weights", line_chart(series, "step", marks))


def _mark_text(mark: ControlTaken) -> str:
    return f"{mark.request} after step {mark.step:,}" + (
        f": {_format(mark.value)}" if mark.value is not None else ""
    )


def marked(state: RunState) -> str:
    """Return the section with control requests, "" if there were none."""
    if not state.marks:
        return ""
    rows = [
        (f"{mark.step:,}", mark.request, _format(mark.before), _format(mark.value),
         "rejected" if mark.code else "")
        for mark in state.marks
    ]  # fmt: skip
    head = ("After step", "Request", "Before", "After", "")
    content = card("", table("", head, rows), anew(state.marks), wide=True)
    return section("Changes during the run", f'<div class="grid">{content}</div>')


def anew(marks: Iterable[ControlTaken]) -> str:
    """Return notes on restarts of the search for the best epoch, one paragraph each."""
    notes = filter(None, map(anew_in_words, marks))
    return "".join(f'<p class="note">{safe(note)}.</p>' for note in notes)


def _format(value: object) -> str:
    return "" if value is None else format_json_value(value)


def _values_table(state: RunState) -> str:
    """Return the curves by epoch as a table, for accessibility."""
    scores = state.validation or state.train
    epochs = next((curve.steps for curve in scores.values() if curve), [])
    size = max(1, -(-len(epochs) // MOST_ROWS))
    columns = {
        f"{in_unit(state.heads, name)} ({split})": dict(curve)
        for split, curves in (("training", state.train), ("validation", state.validation))
        for name, curve in curves.items()
    }
    rows = [
        (str(epoch), *(score_or_dash(column.get(epoch)) for column in columns.values()))
        for epoch in sorted({*epochs[::size], *epochs[-1:]})
    ]
    if not rows:
        return ""
    values = table("", ("Epoch", *columns), rows, range(1, len(columns) + 1))
    return f"<details><summary>Values of the curves</summary>{values}</details>"
