"""The table of epochs that `train` prints while it runs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.core.formatting.durations import format_duration
from engine.core.formatting.numbers import format_score
from engine.events import EpochDone, OutputInfo, RunStarted

MAX_WIDTH = 100
TITLE_INTERVAL = 25
_GAP = "  "


class EpochTable:
    """A table of epochs, as lines of text.

    Metrics are those of the validation rows, if there are any. A line has all metrics if they fit,
    else only the first metric of each output. If these do not fit either, an epoch has several
    lines.

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
        """Repeat the column titles before the next epoch. Called after other lines are printed."""
        self._lines_since_titles = TITLE_INTERVAL

    def lines(self, event: EpochDone) -> Iterator[str]:
        """Yield the lines of an epoch, preceded by the column titles at intervals."""
        duration = format_duration(event.seconds, space=" ")
        head = self._head(f"{event.epoch}/{self._epochs}", duration)
        if self._columns is None:
            yield from self._multiline(head, event)
            return
        if self._lines_since_titles >= TITLE_INTERVAL:
            self._lines_since_titles = 0
            titles = (f"{title:>{width}}" for title, width in self._columns)
            yield _GAP.join((self._head("Epoch", "Time"), *titles))
        self._lines_since_titles += 1
        scores = event.validation or event.train
        values = [*self._totals(event), *map(scores.get, self._keys)]
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
        losses = [f"{name} {format_score(value)}" for name, value in totals if value is not None]
        yield _GAP.join((head, *losses))
        indent = " " * len(head) + _GAP
        width = max(map(len, (head.name for head in self._outputs)))
        scores = event.validation or event.train
        for output in self._outputs:
            names = [n for n in (*output.metrics, "loss") if f"{output.name}/{n}" in scores]
            cells = [f"{name} {format_score(scores[f'{output.name}/{name}'])}" for name in names]
            if cells:
                yield _GAP.join((f"{indent}{output.name:<{width}}", *cells))


def _keys(outputs: Sequence[OutputInfo], all_metrics: bool = False) -> list[str]:
    keys = []
    for output in outputs:
        metrics = [f"{output.name}/{name}" for name in output.metrics]
        # The loss of a single output is the total loss, which has its own columns.
        loss = [] if len(outputs) == 1 or not output.loss else [f"{output.name}/loss"]
        keys += (metrics if all_metrics else metrics[:1]) or loss
    return keys
