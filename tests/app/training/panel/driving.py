"""What the panel says, and events that fill it."""

from pathlib import Path

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QLabel, QPushButton

from app.training.panel.panel import TrainingPanel
from engine.events import EpochDone, OutputInfo, RunStarted, StepsDone


def button(panel: TrainingPanel, name: str) -> QPushButton:
    found = panel.findChild(QPushButton, name)
    assert found is not None
    return found


def said(panel: TrainingPanel) -> str:
    QCoreApplication.processEvents()  # what was just added is shown at the next turn
    shown = panel.run_view.diagnostics.findChildren(QLabel)
    return "\n".join(label.text() for label in shown if label.isVisibleTo(panel)).strip()


OUTPUTS = tuple(OutputInfo(name=name, loss="mse", metrics=("mae",)) for name in ("a", "b", "c"))


def fill(panel: TrainingPanel, count: int = 300) -> None:
    """Let a run tell things, without a process."""
    panel._show_new_run(panel._workspace.session)
    panel.displayed_run.run = Path("runs/tiny-001")
    panel.run_view.set_run(panel.displayed_run.run)
    values = tuple(1 / (1 + step) for step in range(count))
    panel._on_events(
        [
            RunStarted(run_id="r", rows=80, validation_rows=9, steps_per_epoch=100, epochs=9,
                       outputs=OUTPUTS),
            StepsDone(first=1, last=count, epoch=1, loss=values, learning_rate=values,
                      losses={head.name: values for head in OUTPUTS}),
            EpochDone(epoch=1, step=100, train={"loss": 0.5, "a/mae": 1.0},
                      validation={"loss": 0.6, "a/mae": 1.1, "a/loss": 0.6}),
        ]
    )  # fmt: skip
    panel.run_presenter.refresh()
