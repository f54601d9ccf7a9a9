"""The table of epochs that `train` prints while it runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from engine.core.formatting.durations import format_duration
from engine.core.formatting.numbers import format_score
from engine.events import EpochDone, OutputInfo, RunStarted

MAX_WIDTH = 100
TITLE_INTERVAL = 25
_GAP = "  "


class EpochTable:
    """A layout of epochs as lines of text.

    It shows validation scores if there are any. A line has all metrics if they fit, else the first
    metric of each output; if that does not fit either, each epoch takes several lines.

    Args:
        started: the first event of the run, with its outputs and metrics.
        width: the maximum length of a line.
    """

    def __init__(self, started: RunStarted, width: int = MAX_WIDTH) -> None:
        self._epochs = started.epochs
        self._outputs = started.outputs
        self._losses = ("train loss", "val loss") if started.validation_rows else ("loss",)
        self._lines_since_titles = TITLE_INTERVAL
        self._columns: list[tuple[str, int]] | None = None
        for keys in (_keys(started.outputs, all_metrics=True), _keys(started.outputs)):
            titles = [*self._losses, *(key.replace("/", " ") for key in keys)]
            columns = [(title, max(len(title), 8)) for title in titles]
            if self._columns is None and self._length(columns) <= width:
                self._columns, self._keys = columns, keys

    def _length(self, columns: Sequence[tuple[str, int]]) -> int:
        return len(self._head("Epoch", "Time")) + sum(len(_GAP) + width for _, width in columns)

    def _head(self, epoch: str, time: str) -> str:
        width = max(5, 2 * len(str(self._epochs)) + 1)
        return f"{epoch:>{width}}{_GAP}{time:>7}"

    def repeat_titles(self) -> None:
        """Repeat the titles before the next epoch, because another line was printed."""
        self._lines_since_titles = TITLE_INTERVAL

    def lines(self, event: EpochDone) -> Iterator[str]:
        """Yield the epoch's lines, and the titles before them where needed."""
        head = self._head(
            f"{event.epoch}/{self._epochs}", format_duration(event.seconds, space=" ")
        )
        if self._columns is None:
            yield from self._multiline(head, event)
            return
        if self._lines_since_titles >= TITLE_INTERVAL:
            self._lines_since_titles = 0
            titles = (f"{title:>{width}}" for title, width in self._columns)
            yield _GAP.join((self._head("Epoch", "Time"), *titles))
        self._lines_since_titles += 1
        values = [*self._totals(event), *(_scores(event).get(key) for key in self._keys)]
        cells = (
            f"{'' if value is None else format_score(value):>{width}}"
            for value, (_, width) in zip(values, self._columns, strict=True)
        )
        yield _GAP.join((head, *cells)).rstrip()

    def _totals(self, event: EpochDone) -> list[float | None]:
        totals = [event.train.get("loss"), event.validation.get("loss")]
        return totals[: len(self._losses)]

    def _multiline(self, head: str, event: EpochDone) -> Iterator[str]:
        totals = zip(self._losses, self._totals(event), strict=True)
        yield _GAP.join(
            (
                head,
                *(f"{name} {format_score(value)}" for name, value in totals if value is not None),
            )
        )
        indent = " " * len(head) + _GAP
        width = max(map(len, (head.name for head in self._outputs)))
        scores = _scores(event)
        for output in self._outputs:
            values = [(key, scores[key]) for key in _score_keys(output) if key in scores]
            cells = _GAP.join(f"{key.split('/')[1]} {format_score(value)}" for key, value in values)
            if cells:
                yield f"{indent}{output.name:<{width}}{_GAP}{cells}"


def _scores(event: EpochDone) -> Mapping[str, float]:
    return event.validation or event.train


def _score_keys(output: OutputInfo) -> list[str]:
    """Return the score names of an output, the loss last."""
    return [f"{output.name}/{name}" for name in (*output.metrics, "loss")]


def _keys(outputs: Sequence[OutputInfo], all_metrics: bool = False) -> list[str]:
    """Return the names of the scores to show: metrics, and losses of several outputs."""
    keys = []
    for output in outputs:
        metrics = [f"{output.name}/{name}" for name in output.metrics]
        # The loss of a single output is the total loss, which has its own columns.
        loss = [] if len(outputs) == 1 or not output.loss else [f"{output.name}/loss"]
        keys += (metrics if all_metrics else metrics[:1]) or loss
    return keys
