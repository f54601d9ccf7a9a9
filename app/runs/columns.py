"""What stands in the columns of the table of runs, and by what they are sorted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from math import inf, isfinite

from app.text.numbers import format_duration, format_score
from engine.events import OutputInfo
from engine.recipe.score_names import sign_of
from engine.runs.comparison.run_table import Entry
from engine.runs.comparison.score_summary import brief_unit, unit_of

STAR, NAME, BEGAN = 0, 1, 3
_MOST_OUTPUTS = 8
_STATES = ("running", "paused", "waiting", "stopped", "crashed", "failed", "finished")


@dataclass(frozen=True)
class Column:
    """One column.

    Args:
        title: its head.
        tip: what is said of it on hover.
        text: of an entry.
        key: what it is sorted by, None for its text.
        number: stands on the right, in figures.
    """

    title: str
    tip: str
    text: Callable[[Entry], str]
    key: Callable[[Entry], object] | None = None
    number: bool = False


def columns(entries: Iterable[Entry]) -> list[Column]:
    """Return the columns for some runs: those of any run, and one for each output of theirs."""
    entries = list(entries)
    heads = [head for entry in entries for head in _heads(entry)]
    scores = {_score(head): None for head in heads}
    return [
        Column("", "Starred", lambda e: "", lambda e: not e.notes.star),
        Column("Run", "Its name; F2 renames it", lambda e: e.name, lambda e: e.name.lower()),
        Column("State", "What became of it", lambda e: e.status, lambda e: _STATES.index(e.status)),
        Column("Began", "When it began", _began, lambda e: e.began, True),
        Column("Epochs", "Epochs done, of how many", _epochs, lambda e: e.state.epoch, True),
        _of_score("loss", "Loss"),
        *(
            _of_score(score, score.replace("/", " "), _unit(score, heads))
            for score in list(scores)[:_MOST_OUTPUTS]
        ),
        Column(
            "Scored on",
            "Which rows the scores are of",
            lambda e: e.scored_on,
            lambda e: e.scored_on,
        ),
        Column("Time", "How long it took, without pauses", _took, lambda e: e.seconds, True),
        Column("Device", "What computed", lambda e: e.device),
        Column("Data", "What it was trained on", lambda e: e.data),
        Column("Changed", "What differs from the run before it", lambda e: e.changed),
    ]


def _heads(entry: Entry) -> tuple[OutputInfo, ...]:
    return entry.state.started.outputs if entry.state.started else ()


def _score(head: OutputInfo) -> str:
    return f"{head.name}/{head.metrics[0] if head.metrics else 'loss'}"


def _unit(score: str, heads: Sequence[OutputInfo]) -> str:
    """Return what a score counts in, where it does so in all runs."""
    units = {unit_of([head], score) for head in heads if head.name == score.rpartition("/")[0]}
    return units.pop() if len(units) == 1 else ""


def _of_score(score: str, title: str, unit: str = "") -> Column:
    def text(entry: Entry) -> str:
        line = entry.scores.get(score)
        if line is None:
            return ""
        best = format_score(line.best) if isfinite(line.best) else "\N{EN DASH}"
        return f"{best} / {format_score(line.last)}"

    def key(entry: Entry) -> float:
        line = entry.scores.get(score)
        return sign_of(score, "auto") * line.best if line and isfinite(line.best) else inf

    tip = (
        f"{title}{unit and f', in {unit}'}: best, then last. Where losses were weighed otherwise "
        "while it ran, the best is that since then"
    )
    return Column(f"{title}{unit and f', {brief_unit(unit)}'}", tip, text, key, True)


def _epochs(entry: Entry) -> str:
    return f"{entry.state.epoch} / {entry.epochs}" if entry.epochs else ""


def _took(entry: Entry) -> str:
    return format_duration(entry.seconds) if entry.seconds else ""


def _began(entry: Entry) -> str:
    with suppress(ValueError):
        return datetime.fromisoformat(entry.began).astimezone().strftime("%Y-%m-%d %H:%M")
    return ""
