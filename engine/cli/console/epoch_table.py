"""Epochs as rows of a table: one line each where that fits, titles where they are needed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from engine.cli.console.output import clock, figure
from engine.events import EpochDone, OutputInfo, RunStarted

WIDTH = 100
TITLES_EVERY = 25
_GAP = "  "


class EpochRows:
    """Lays out the epochs of one run.

    Scores are those of the validation rows where there are any. Every metric is shown if a line
    holds it, else the first of each output, else each epoch takes several lines.

    Args:
        started: says what will be told.
        width: columns that a line may take.
    """

    def __init__(self, started: RunStarted, width: int = WIDTH) -> None:
        self._epochs = started.epochs
        self._outputs = started.outputs
        self._losses = ("train loss", "val loss") if started.validation_rows else ("loss",)
        self._since = TITLES_EVERY
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

    def interrupted(self) -> None:
        """Say that another line came between, so that titles are needed again."""
        self._since = TITLES_EVERY

    def lines(self, event: EpochDone) -> Iterator[str]:
        """Return the epoch's lines, titles before them where they are needed."""
        head = self._head(f"{event.epoch}/{self._epochs}", clock(event.seconds))
        if self._columns is None:
            yield from self._wrapped(head, event)
            return
        if self._since >= TITLES_EVERY:
            self._since = 0
            titles = (f"{title:>{width}}" for title, width in self._columns)
            yield _GAP.join((self._head("Epoch", "Time"), *titles))
        self._since += 1
        values = [*self._totals(event), *(_scores(event).get(key) for key in self._keys)]
        cells = (
            f"{'' if value is None else figure(value):>{width}}"
            for value, (_, width) in zip(values, self._columns, strict=True)
        )
        yield _GAP.join((head, *cells)).rstrip()

    def _totals(self, event: EpochDone) -> list[float | None]:
        both = [event.train.get("loss"), event.validation.get("loss")]
        return both[: len(self._losses)]

    def _wrapped(self, head: str, event: EpochDone) -> Iterator[str]:
        totals = zip(self._losses, self._totals(event), strict=True)
        yield _GAP.join(
            (head, *(f"{name} {figure(value)}" for name, value in totals if value is not None))
        )
        indent = " " * len(head) + _GAP
        width = max(map(len, (head.name for head in self._outputs)))
        scores = _scores(event)
        for output in self._outputs:
            own = [(key, scores[key]) for key in _of(output) if key in scores]
            told = _GAP.join(f"{key.split('/')[1]} {figure(value)}" for key, value in own)
            if told:
                yield f"{indent}{output.name:<{width}}{_GAP}{told}"


def _scores(event: EpochDone) -> Mapping[str, float]:
    return event.validation or event.train


def _of(output: OutputInfo) -> list[str]:
    """Return the scores of an output, the loss last."""
    return [f"{output.name}/{name}" for name in (*output.metrics, "loss")]


def _keys(outputs: Sequence[OutputInfo], all_metrics: bool = False) -> list[str]:
    """Return the scores to show: metrics, or the loss where an output has none."""
    keys = []
    for output in outputs:
        own = [f"{output.name}/{name}" for name in output.metrics]
        alone = len(outputs) == 1 or not output.loss
        keys += (own if all_metrics else own[:1]) or ([] if alone else [f"{output.name}/loss"])
    return keys
