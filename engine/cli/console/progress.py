"""The progress of a training run: a bar with losses and remaining time, or plain lines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from engine.cli.console.control_text import describe_response
from engine.cli.console.epoch_table import MAX_WIDTH, EpochTable
from engine.cli.console.output import color_severity, diagnostic_lines, escape_controls, print_error
from engine.core.diagnostic import Diagnostic, diagnostic_from_dict
from engine.core.formatting.counts import count_noun
from engine.core.formatting.durations import format_duration
from engine.core.formatting.numbers import format_score
from engine.events import (
    ControlTaken,
    EpochDone,
    Event,
    RunFailed,
    RunFinished,
    RunResumed,
    RunStarted,
    RunStopped,
    StepsDone,
    Warned,
)
from engine.runs.state.end_reason import describe_end

# Infos on how a table is read, which `engine new` and `engine data` print.
TABLE_CODES = ("column-unused", "csv-read-as", "files-left-out", "sheet-chosen", "shards-joined")
BAR_WIDTH = 20  # width of the bar in characters


class LineView:
    """A progress view that prints important events as plain lines, which suit files and pipes."""

    def __init__(self, width: int = MAX_WIDTH) -> None:
        self._width = width
        self._rows: EpochTable | None = None

    def show(self, event: Event) -> None:
        """Print the lines of an event to stderr; events such as StepsDone have no lines."""
        for line in self._lines(event):
            print_error(line)

    def close(self) -> None:
        """Do nothing, since printed lines need no cleanup."""

    def _lines(self, event: Event) -> Iterator[str]:
        if isinstance(event, EpochDone) and self._rows is not None:
            yield from self._rows.lines(event)
            return
        for line in _event_lines(event):
            yield line
            if self._rows is not None:
                self._rows.repeat_titles()
        if isinstance(event, RunStarted):
            self._rows = EpochTable(event, self._width)


def _event_lines(event: Event) -> list[str]:
    match event:
        case RunStarted():
            return [_started(event)]
        case RunResumed():
            return [f"Resumed after step {event.to_step:,} (epoch {event.to_epoch} was done)"]
        case ControlTaken() if event.code:
            return diagnostic_lines(diagnostic_from_dict(event.diagnostic))
        case ControlTaken():
            return [describe_response(event)]
        case Warned():
            return _warning_lines(diagnostic_from_dict(event.diagnostic))
        case RunFinished():
            duration = format_duration(event.seconds, space=" ")
            return [f"Finished: {event.reason}, {count_noun(event.step, 'step')} in {duration}"]
        case RunStopped():
            return [describe_end(event)]
        case RunFailed() if event.code != "internal":  # for "internal", `main` reports the crash
            return diagnostic_lines(diagnostic_from_dict(event.diagnostic))
    return []


def _warning_lines(diagnostic: Diagnostic) -> list[str]:
    """Return the lines of a warning. An info is one line, or none if `new` and `data` print it."""
    if diagnostic.severity != "info":
        return diagnostic_lines(diagnostic)
    is_of_column = (diagnostic.place or "").startswith("column ")
    is_printed = diagnostic.code in TABLE_CODES and not is_of_column
    return [] if is_printed else diagnostic.lines()[:1]


def _started(event: RunStarted) -> str:
    threads = f", {count_noun(event.threads, 'thread')}" if event.device == "cpu" else ""
    if event.processes > 1:
        threads = f", {event.processes} processes{threads.replace(',', ' of', 1)}"
    kernels = f", without native kernels ({event.native_why})" if event.native_why else ""
    return (
        f"{count_noun(event.epochs, 'epoch')} of {count_noun(event.steps_per_epoch, 'step')}, "
        f"{event.device}{threads}, {event.precision}{kernels}"
    )


def _join_fitting(parts: list[str], width: int) -> str:
    """Return a line of the first `parts`: as many parts as fit into `width` characters."""
    line = ""
    for part in parts:
        longer = f"{line}  {part}" if line else part
        if len(longer) > width:
            break
        line = longer
    return line


class BarView(LineView):
    """A progress view: printed lines, and below them a bar with losses and remaining time."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        self._console = Console(stderr=True, highlight=False)
        super().__init__(min(MAX_WIDTH, self._console.width))
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=BAR_WIDTH),
            TextColumn("{task.percentage:>3.0f}%"),
            TimeRemainingColumn(compact=True, elapsed_when_finished=True),
            TextColumn("{task.fields[losses]}"),
            console=self._console,
            transient=True,
        )
        self._task: Any = None
        self._started = RunStarted(run_id="")

    def show(self, event: Event) -> None:
        """Print the event's lines above the bar, and update the bar."""
        from rich.text import Text

        if isinstance(event, RunFinished | RunStopped | RunFailed):
            self.close()
        for line in self._lines(event):
            shown = Text.from_ansi(color_severity(escape_controls(line)))
            self._console.print(shown, soft_wrap=True)
        if isinstance(event, RunStarted):
            self._started = event
            total = event.epochs * event.steps_per_epoch
            self._task = self._bar.add_task("Starting", total=total, losses="")
            self._bar.start()
        elif isinstance(event, StepsDone):
            self._update_bar(event)

    def _update_bar(self, event: StepsDone) -> None:
        steps = self._started.steps_per_epoch
        losses = [f"loss {format_score(event.loss[-1])}"]
        if len(event.losses) > 1:
            losses += [f"{name} {format_score(loss[-1])}" for name, loss in event.losses.items()]
        epoch, step = f"{event.epoch}/{self._started.epochs}", (event.last - 1) % steps + 1
        position = f"Epoch {epoch}, step {step:>{len(str(steps))}}/{steps}"
        width = self._console.width - len(position) - BAR_WIDTH - len("  100%  0:00:00  ")
        text = _join_fitting(losses, width)
        self._bar.update(self._task, completed=event.last, description=position, losses=text)

    def close(self) -> None:
        """Remove the bar."""
        self._bar.stop()
