"""The part of the page with curves: losses and scores by epoch, and what steps tell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.events import ControlTaken
from engine.report.charts import bands
from engine.report.html import card, figure, safe, section, table
from engine.report.line_chart import Series, line_chart
from engine.runs.comparison.score_summary import in_unit, score_lines
from engine.runs.state.best_epoch import anew_in_words
from engine.runs.state.run_state import RunState
from engine.runs.state.step_curve import Curve

MOST_ROWS = 60  # of the table of numbers


def curves(state: RunState) -> str:
    """Return all curves of a run, and their numbers as a table."""
    cards = "".join([*_by_epoch(state), *_by_step(state)])
    if not cards:
        return ""
    return section("Curves", f'<div class="grid">{cards}</div>', _numbers(state))


def _by_epoch(state: RunState) -> Iterator[str]:
    best = {name: line.epoch for name, line in score_lines(state).items()}
    names = dict.fromkeys((*state.train, *state.validation))
    for name in names:
        if name.endswith("_penalty"):
            continue
        held = state.validation.get(name, Curve())
        series = [
            Series("validation", held, 1, best=best.get(name)),
            Series("training", state.train.get(name, Curve()), 0, quiet=bool(held),
                   best=None if held else best.get(name)),
        ]  # fmt: skip
        drawn = line_chart(series, "epoch")
        if drawn:
            yield card(_title(name, state), drawn)


def _title(name: str, state: RunState) -> str:
    output, _, _score = name.rpartition("/")
    return in_unit(state.heads, name).replace("/", ": ", 1) if output else "Total loss"


def _by_step(state: RunState) -> Iterator[str]:
    marks = [(mark.step, _mark(mark)) for mark in state.marks if not mark.code]
    single = (("learning_rate", "Learning rate", 2), ("grad_norm", "Length of the gradient", 5))
    for name, title, tone in single:
        curve = state.steps.get(name)
        if curve and (name != "learning_rate" or len(set(curve.values)) > 1):
            by_factors = name != "learning_rate"
            drawn = line_chart([Series("by step", curve, tone)], "step", marks, by_factors)
            yield card(title, drawn)
    shares = state.shares
    if len(shares) > 1:
        yield card("Share of each output in the total", bands(shares))
    weights = {name: curve for name, curve in state.steps.items() if name.endswith("/weight")}
    if weights:
        series = [
            Series(name.removesuffix("/weight"), curve, tone)
            for tone, (name, curve) in enumerate(weights.items())
        ]
        yield card("Weights that found themselves", line_chart(series, "step", marks))


def _mark(mark: ControlTaken) -> str:
    return f"{mark.request} after step {mark.step:,}" + (
        f": {_value(mark.value)}" if mark.value is not None else ""
    )


def marked(state: RunState) -> str:
    """Return what people asked of the run while it went on, "" if that is nothing."""
    if not state.marks:
        return ""
    rows = [
        (f"{mark.step:,}", mark.request, _value(mark.before), _value(mark.value),
         "refused" if mark.code else "")
        for mark in state.marks
    ]  # fmt: skip
    head = ("After step", "Asked for", "Before", "From then on", "")
    told = card("", table("", head, rows), anew(state.marks), wide=True)
    return section("Changed while it ran", f'<div class="grid">{told}</div>')


def anew(marks: Iterable[ControlTaken]) -> str:
    """Return in a line each why the best was looked for anew, "" if it was not."""
    said = filter(None, map(anew_in_words, marks))
    return "".join(f'<p class="note">{safe(each)}.</p>' for each in said)


def _value(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_value(item)}" for key, item in value.items())
    return "" if value is None else figure(value) if isinstance(value, float) else str(value)


def _numbers(state: RunState) -> str:
    """Return the curves by epoch as numbers, for those who do not see them."""
    kept = state.validation or state.train
    epochs = next((curve.steps for curve in kept.values() if curve), [])
    size = max(1, -(-len(epochs) // MOST_ROWS))
    chosen = sorted({*epochs[::size], *epochs[-1:]})
    both = {
        **{f"{in_unit(state.heads, name)} (training)": each for name, each in state.train.items()},
        **{
            f"{in_unit(state.heads, name)} (validation)": each
            for name, each in state.validation.items()
        },
    }
    columns = {name: dict(curve) for name, curve in both.items()}
    rows = [
        (str(epoch), *(figure(column.get(epoch)) for column in columns.values()))
        for epoch in chosen
    ]
    if not rows:
        return ""
    told = table("", ("Epoch", *columns), rows, range(1, len(columns) + 1))
    return f"<details><summary>{safe('The curves as numbers')}</summary>{told}</details>"
