"""The columns of the run table, each with header, cell text and sort key."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from math import inf, isfinite

from engine.core.formatting.durations import format_duration
from engine.core.formatting.numbers import score_or_dash
from engine.events import OutputInfo
from engine.recipe.score_names import score_sign
from engine.runs.comparison.run_table import RunEntry
from engine.runs.comparison.score_summary import score_unit, short_unit

STAR, NAME, START_TIME = 0, 1, 3
_MAX_OUTPUTS = 8
_KEPT = "The epoch of the final weights, which has the listed scores"
_STATES = ("running", "paused", "waiting", "stopped", "crashed", "failed", "finished")


@dataclass(frozen=True)
class Column:
    """A column of the run table.

    Args:
        title, tip: the text and the tool tip of the header.
        text: returns the cell text for a run.
        key: returns the sort key for a run; None to sort by the cell text.
        is_numeric: whether cells are right-aligned, in a monospaced font.
    """

    title: str
    tip: str
    text: Callable[[RunEntry], str]
    key: Callable[[RunEntry], object] | None = None
    is_numeric: bool = False


def columns(entries: Iterable[RunEntry]) -> list[Column]:
    """Return the columns of a run table: fixed columns, and a score column per output."""
    entries = list(entries)
    heads = [head for entry in entries for head in entry.state.outputs]
    scores = {_main_score(head): None for head in heads}
    return [
        Column("", "Starred", lambda e: "", lambda e: not e.notes.star),
        Column("Run", "Name of the run; F2 renames it", lambda e: e.name, lambda e: e.name.lower()),
        Column("State", "Status of the run", lambda e: e.status, lambda e: _STATES.index(e.status)),
        Column("Started", "When the run started", _start_time, lambda e: e.start_time, True),
        Column("Epochs", "Completed epochs / all epochs", _epochs, lambda e: e.state.epoch, True),
        Column(
            "Kept epoch", _KEPT, lambda e: str(e.kept_epoch or ""), lambda e: e.kept_epoch, True
        ),
        _score_column("loss", "Loss"),
        *(
            _score_column(score, score.replace("/", " "), _unit(score, heads))
            for score in list(scores)[:_MAX_OUTPUTS]
        ),
        Column("Scored on", "The rows that the scores were computed on", lambda e: e.scored_rows),
        Column("Time", "Training time, without pauses", _duration, lambda e: e.seconds, True),
        Column("Device", "Devices that the run was trained on", lambda e: e.device),
        Column("Data", "Training data", lambda e: e.data),
        Column("Changed", "Differences from the previous run", lambda e: e.changes),
    ]


def _main_score(head: OutputInfo) -> str:
    """Return the score name of an output's first metric; without metrics, of its loss."""
    return f"{head.name}/{head.metrics[0] if head.metrics else 'loss'}"


def _unit(score: str, heads: Sequence[OutputInfo]) -> str:
    """Return the unit of a score, "" if it differs between runs. `heads`: outputs of all runs."""
    units = {score_unit([head], score) for head in heads if head.name == score.rpartition("/")[0]}
    return units.pop() if len(units) == 1 else ""


def _score_column(score: str, title: str, unit: str = "") -> Column:
    """Return a column with the value of a score in the epoch whose weights are kept."""

    def text(entry: RunEntry) -> str:
        return score_or_dash(entry.kept_score(score)) if score in entry.scores else ""

    def key(entry: RunEntry) -> float:
        # The sign reverses scores where higher is better; missing and non-finite ones come last.
        value = entry.kept_score(score)
        return inf if value is None or not isfinite(value) else score_sign(score, "auto") * value

    tip = f"{title}{unit and f', in {unit}'}, of the epoch whose weights are kept"
    return Column(f"{title}{unit and f', {short_unit(unit)}'}", tip, text, key, True)


def _epochs(entry: RunEntry) -> str:
    return f"{entry.state.epoch} / {entry.epochs}" if entry.epochs else ""


def _duration(entry: RunEntry) -> str:
    return format_duration(entry.seconds) if entry.seconds else ""


def _start_time(entry: RunEntry) -> str:
    with suppress(ValueError):
        return datetime.fromisoformat(entry.start_time).astimezone().strftime("%Y-%m-%d %H:%M")
    return ""
