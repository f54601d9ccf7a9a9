"""A run told to TensorBoard as well: steps, training and validation in a folder each."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from engine.core.diagnostic import Diagnostic, Fix, Refused
from engine.events import ControlTaken, EpochDone, Event, RunStarted, StepsDone

PACKAGE = "tensorboardX"
STEPS, TRAIN, VALIDATION = "steps", "train", "validation"


def refuse_missing() -> None:
    """Say so early where nothing can be written for TensorBoard.

    Raises:
        Refused: extra-missing.
    """
    if find_spec(PACKAGE) is None:
        raise Refused(
            Diagnostic(
                "extra-missing",
                "what writes files for TensorBoard is not installed",
                found=f"no package {PACKAGE}",
                expected=PACKAGE,
                fixes=(
                    Fix('Install it: pip install "layerloom[tensorboard]".'),
                    Fix("Leave --tensorboard out; the run keeps all of it in its events."),
                ),
            )
        )


class Board:
    """Writes what a run says as TensorBoard reads it.

    A line of steps becomes one point, its last: TensorBoard thins them anyway. Training and
    validation stand in folders of their own, so that it draws them in one chart.

    Args:
        folder: of the log files.
        attempt: at the run; two that begin within a second must not write to one file.
        step, epoch: what is done already; points after them, of an attempt that was cut off, are
            void.
    """

    def __init__(self, folder: Path, attempt: int, step: int = 0, epoch: int = 0) -> None:
        from tensorboardX import SummaryWriter

        done = {STEPS: step, TRAIN: epoch, VALIDATION: epoch}
        self._writers: dict[str, Any] = {
            name: SummaryWriter(
                str(folder / name),
                purge_step=count + 1 if attempt > 1 else None,
                filename_suffix=f".{attempt:03}",
            )
            for name, count in done.items()
        }

    def see(self, event: Event) -> None:
        """Write one event, if it is one that TensorBoard can show."""
        match event:
            case StepsDone():
                self._write(STEPS, _of_steps(event), event.last, event)
            case EpochDone():
                weights = {f"{name}/weight": weight for name, weight in event.weights.items()}
                self._write(TRAIN, {**event.train, **weights}, event.epoch, event)
                self._write(VALIDATION, event.validation, event.epoch, event)
            case RunStarted():
                self._text("run", _described(event), 0)
            case ControlTaken(code=""):
                said = f"{event.request}: {event.before} → {event.value}"
                self._text("changed", said, event.step)

    def _write(self, name: str, scores: Mapping[str, float], at: int, event: Event) -> None:
        moment = datetime.fromisoformat(event.time).timestamp() if event.time else None
        for tag, value in scores.items():
            self._writers[name].add_scalar(tag, value, at, walltime=moment)

    def _text(self, tag: str, text: str, at: int) -> None:
        self._writers[STEPS].add_text(tag, text, at)

    def close(self) -> None:
        """Bring out what is not written yet."""
        for writer in self._writers.values():
            writer.close()


def _of_steps(event: StepsDone) -> dict[str, float]:
    found = {"loss": event.loss[-1]}
    found |= {f"{name}/loss": losses[-1] for name, losses in event.losses.items()}
    found |= {f"{name}/weight": weights[-1] for name, weights in event.weights.items()}
    for name, values in (("learning_rate", event.learning_rate), ("grad_norm", event.grad_norm)):
        if values:
            found[name] = values[-1]
    return found


def _described(event: RunStarted) -> str:
    """Return what the run is, as the Markdown that TensorBoard shows."""
    facts = {
        "run": event.run_id, "rows": event.rows, "validation rows": event.validation_rows,
        "epochs": event.epochs, "device": event.device, "precision": event.precision,
        "split": event.split,
    }  # fmt: skip
    rows = "".join(f"| {name} | {value} |\n" for name, value in facts.items())
    return f"| what | value |\n|---|---|\n{rows}"
