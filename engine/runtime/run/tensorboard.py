"""Writer of TensorBoard logs, with separate folders for steps, training and validation."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from engine.core.diagnostic import diagnostic_error
from engine.events import ControlTaken, EpochDone, Event, RunStarted, StepsDone

PACKAGE = "tensorboardX"
STEPS, TRAIN, VALIDATION = "steps", "train", "validation"


def require_tensorboard() -> None:
    """Raise DiagnosticError (extra-missing) if the TensorBoard writer is not installed."""
    if find_spec(PACKAGE) is None:
        raise diagnostic_error(
            "extra-missing",
            "the package that writes TensorBoard logs is not installed",
            'Install it: pip install "layerloom[tensorboard]".',
            "Leave out --tensorboard; the event log holds the same values.",
            found=f"no package {PACKAGE}",
            expected=PACKAGE,
        )


class TensorBoardWriter:
    """A writer of run events as TensorBoard logs.

    Only the last step of a `StepsDone` event is written, since TensorBoard shows a sample of points
    anyway. Training and validation have separate folders, so that one chart shows both.

    Args:
        folder: folder of the logs.
        attempt: number of the attempt, which is part of the file name: two attempts may start
            within the same second.
        step, epoch: numbers of completed steps and epochs; later points of an interrupted attempt
            are purged.
    """

    def __init__(self, folder: Path, attempt: int, step: int = 0, epoch: int = 0) -> None:
        from tensorboardX import SummaryWriter

        completed = {STEPS: step, TRAIN: epoch, VALIDATION: epoch}
        self._writers: dict[str, Any] = {
            name: SummaryWriter(
                str(folder / name),
                purge_step=count + 1 if attempt > 1 else None,
                filename_suffix=f".{attempt:03}",
            )
            for name, count in completed.items()
        }

    def write(self, event: Event) -> None:
        """Write an event, unless TensorBoard can't show its kind."""
        match event:
            case StepsDone():
                self._add_scalars(STEPS, _last_step_scalars(event), event.last, event)
            case EpochDone():
                weights = {f"{name}/weight": weight for name, weight in event.weights.items()}
                self._add_scalars(TRAIN, {**event.train, **weights}, event.epoch, event)
                self._add_scalars(VALIDATION, event.validation, event.epoch, event)
            case RunStarted():
                self._writers[STEPS].add_text("run", _run_description(event), 0)
            case ControlTaken(code=""):
                change = f"{event.request}: {event.before} → {event.value}"
                self._writers[STEPS].add_text("changed", change, event.step)

    def _add_scalars(self, log: str, scores: Mapping[str, float], step: int, event: Event) -> None:
        timestamp = datetime.fromisoformat(event.time).timestamp() if event.time else None
        for tag, value in scores.items():
            self._writers[log].add_scalar(tag, value, step, walltime=timestamp)

    def close(self) -> None:
        """Flush and close the log files."""
        for writer in self._writers.values():
            writer.close()


def _last_step_scalars(event: StepsDone) -> dict[str, float]:
    scalars = {"loss": event.loss[-1]}
    scalars |= {f"{name}/loss": losses[-1] for name, losses in event.losses.items()}
    scalars |= {f"{name}/weight": weights[-1] for name, weights in event.weights.items()}
    for name, values in (("learning_rate", event.learning_rate), ("grad_norm", event.grad_norm)):
        if values:
            scalars[name] = values[-1]
    return scalars


def _run_description(event: RunStarted) -> str:
    fields = {
        "run": event.run_id,
        "rows": event.rows,
        "validation rows": event.validation_rows,
        "epochs": event.epochs,
        "device": event.device,
        "precision": event.precision,
        "split": event.split,
    }
    rows = "".join(f"| {name} | {value} |\n" for name, value in fields.items())
    return f"| what | value |\n|---|---|\n{rows}"
