"""A training as it is seen: a bar with losses and time left on a terminal, else plain lines."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any, Protocol

from engine.cli.show import painted, say_error
from engine.core.diagnostic import Diagnostic, Fix
from engine.events import (
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


class View(Protocol):
    """Something that shows events."""

    def show(self, event: Event) -> None:
        """Show one event."""

    def close(self) -> None:
        """Leave the terminal as it was."""


def make_view() -> View:
    """Answer a bar if stderr is a terminal, else lines."""
    return Bar() if sys.stderr.isatty() else Lines()


class Lines:
    """One line for each thing worth a line; for files, pipes and logs."""

    def __init__(self) -> None:
        self.epochs = 0
        self.outputs: tuple[str, ...] = ()

    def show(self, event: Event) -> None:
        """Write the event to stderr, if it is worth a line."""
        for line in self._lines(event):
            say_error(line)

    def close(self) -> None:
        """Do nothing; there is nothing to put back."""

    def _lines(self, event: Event) -> list[str]:
        match event:
            case RunStarted():
                self.epochs = event.epochs
                self.outputs = tuple(head.name for head in event.outputs)
                return _started(event)
            case RunResumed():
                return [f"Resumed after step {event.to_step:,} (epoch {event.to_epoch} was done)"]
            case Warned():
                return diagnostic_of(event.diagnostic).lines()
            case EpochDone():
                return self._epoch(event)
            case RunFinished():
                return [f"Finished: {event.reason}, {event.step:,} steps in {clock(event.seconds)}"]
            case RunStopped():
                return [f"Stopped: {event.reason}; go on with --resume"]
            case RunFailed():
                return diagnostic_of(event.diagnostic).lines()
        return []

    def _epoch(self, event: EpochDone) -> list[str]:
        width = len(str(self.epochs))
        head = f"Epoch {event.epoch:>{width}}/{self.epochs}  {clock(event.seconds)}"
        scores = event.validation or event.train
        kind = "validation " if event.validation else ""
        line = f"{head}  loss {event.train['loss']:.4f}"
        if event.validation:
            line += f"  {kind}loss {scores['loss']:.4f}"
        return [line, *(f"    {text}" for text in by_output(scores, self.outputs))]


def by_output(scores: Mapping[str, float], outputs: tuple[str, ...]) -> list[str]:
    """Answer a line for each output: "age     loss 0.2110  mae 4.0210"."""
    width = max(map(len, outputs), default=0)
    lines = []
    for output in outputs:
        own = {
            name.split("/", 1)[1]: score
            for name, score in scores.items()
            if name.startswith(f"{output}/")
        }
        if own:
            shown = "  ".join(f"{metric} {score:.4f}" for metric, score in own.items())
            lines.append(f"{output:<{width}}  {shown}")
    return lines


def _started(event: RunStarted) -> list[str]:
    held = f", {event.validation_rows:,} to validate on" if event.validation_rows else ""
    threads = f", {event.threads} thread{'s' if event.threads != 1 else ''}"
    return [
        f"Training on {event.rows:,} rows{held}; {event.epochs} epochs of "
        f"{event.steps_per_epoch:,} steps on {event.device}{threads}, {event.precision}"
    ]


def clock(seconds: float) -> str:
    """Answer a span as people say it: "8.2s", "3:05", "1:02:03"."""
    if seconds < 60:
        return f"{seconds:.1f}s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def diagnostic_of(plain: Mapping[str, Any]) -> Diagnostic:
    """Answer the diagnostic that an event carries as JSON."""
    fields = {key: value for key, value in plain.items() if key != "fixes"}
    fixes = tuple(Fix(fix["text"], fix.get("edit")) for fix in plain.get("fixes", ()))
    return Diagnostic(**fields, fixes=fixes)


class Bar(Lines):
    """The lines, and below them a bar of the epoch with losses and the time left of the run."""

    def __init__(self) -> None:
        super().__init__()
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        self._console = Console(stderr=True, highlight=False)
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            TextColumn("{task.percentage:>3.0f}%"),
            TextColumn("{task.fields[losses]}"),
            TimeRemainingColumn(compact=True, elapsed_when_finished=True),
            console=self._console,
            transient=True,
        )
        self._task: Any = None
        self._steps = 1

    def show(self, event: Event) -> None:
        """Write the event's lines above the bar, and move the bar."""
        for line in self._lines(event):
            self._console.print(_coloured(line), markup=False, soft_wrap=True)
        match event:
            case RunStarted():
                self._steps = event.steps_per_epoch
                total = event.epochs * event.steps_per_epoch
                self._task = self._bar.add_task("Starting", total=total, losses="")
                self._bar.start()
            case StepsDone():
                losses = "  ".join(f"{k} {v[-1]:.3f}" for k, v in event.losses.items())
                inside = (event.last - 1) % self._steps + 1
                self._bar.update(
                    self._task,
                    completed=event.last,
                    description=f"Epoch {event.epoch}/{self.epochs}  {inside}/{self._steps}",
                    losses=f"loss {event.loss[-1]:.3f}  {losses}",
                )
            case RunFinished() | RunStopped() | RunFailed():
                self.close()

    def close(self) -> None:
        """Take the bar away."""
        self._bar.stop()


def _coloured(line: str) -> Any:
    """Answer a line with its severity in colour, as rich wants it."""
    from rich.text import Text

    for severity, colour in (("error[", "31"), ("warning[", "33"), ("info[", "36")):
        if line.startswith(severity):
            head, bracket, rest = line.partition("]")
            return Text.from_ansi(painted(head + bracket, f"1;{colour}", sys.stderr) + rest)
    return Text(line)
