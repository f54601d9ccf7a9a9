"""What a person sees of the panels of training and results."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import (
    QLabel,
    QLineEdit,
)

from app.shell.main_window import MainWindow
from tests.screen.pixels import middle

Seen = dict[str, Any]


def seen_training(window: MainWindow) -> Seen:
    training = window.panels.training
    curves = training.displayed_run.curves if training.displayed_run is not None else None
    epochs = training.findChild(QLineEdit, "training-epochs")
    status = training.findChild(QLabel, "training-status")
    return {
        "running": training.running,
        "state": training.state,
        "why_not": training.disabled_reason(),
        "data": str(training.bar.chooser.data or ""),
        "epochs": middle(epochs),
        "status": status.toolTip() or status.text(),
        "step": curves.step if curves is not None else 0,
        "losses": curves.loss_texts() if curves is not None else {},
        "run": str(training.run_process.run or ""),
        "found": [label.text() for label in training.findChildren(QLabel) if label.isVisible()],
    }


def seen_results(window: MainWindow) -> Seen:
    panel = window.panels.results
    page = panel.prediction_page
    fields = page.form.fields if page.form is not None else {}
    return {
        "run": str(panel.run or ""),
        "rows": panel.shown_results.rows if panel.shown_results is not None else 0,
        "fields": {
            name: {"at": middle(edit), "text": edit.text}
            for name, edit in fields.items()
            if edit.isVisible()
        },
        "said": [each.value_label.text() for each in page.predictions.cards if each.isVisible()],
    }
