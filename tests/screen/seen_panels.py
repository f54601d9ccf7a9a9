"""What a person sees of the panels of training, runs and results."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import (
    QLabel,
    QLineEdit,
    QTableWidget,
)

from app.runs.columns import NAME
from app.shell.main_window import MainWindow
from tests.screen.pixels import control, middle, pixel

Seen = dict[str, Any]


def seen_training(window: MainWindow) -> Seen:
    training = window.panels.training
    curves = training.displayed_run.curves if training.displayed_run is not None else None
    epochs = training.findChild(QLineEdit, "training-epochs")
    status = training.findChild(QLabel, "training-status")
    return {
        "running": training.running,
        "state": training.state,
        "rate": control(training.bar.live_fields.learning_rate),
        "weights": weights_of(training.run_view.loss_table),
        "taken": []
        if curves is None
        else [mark.request for mark in curves.control_events if not mark.code],
        "why_not": training.disabled_reason(),
        "data": str(training.bar.chooser.data or ""),
        "epochs": middle(epochs),
        "status": status.toolTip() or status.text(),
        "step": curves.step if curves is not None else 0,
        "losses": curves.loss_texts() if curves is not None else {},
        "run": str(training.run_process.run or ""),
        "found": [label.text() for label in training.findChildren(QLabel) if label.isVisible()],
    }


def weights_of(table: QTableWidget) -> Seen:
    """Return the cells of loss weights, by output."""
    column = next(at for at in range(table.columnCount()) if _title(table, at) == "Weight")
    return {
        table.item(row, 0).text(): {
            "at": pixel(table.viewport(), table.visualItemRect(table.item(row, column)).center()),
            "text": table.item(row, column).text(),
        }
        for row in range(table.rowCount())
    }  # fmt: skip


def _title(table: QTableWidget, column: int) -> str:
    item = table.horizontalHeaderItem(column)
    return item.text() if item is not None else ""


def seen_runs(window: MainWindow) -> Seen:
    panel = window.panels.runs
    rows = {}
    for row, entry in enumerate(panel.table.listed):
        spot = panel.table.visualRect(panel.table.filter.index(row, NAME)).center()
        rows[entry.name] = pixel(panel.table.viewport(), spot)
    found = panel.details.diff_tree.comparison
    return {
        "rows": rows,
        "chosen": [entry.name for entry in panel.selected],
        "compared": [found.before.name, found.after.name] if found is not None else [],
    }


def seen_results(window: MainWindow) -> Seen:
    panel = window.panels.results
    page = panel.prediction_page
    fields = page.form.fields if page.form is not None else {}
    return {
        "run": str(panel.run or ""),
        "evaluating": panel.evaluation.is_running,
        "outputs": list(panel.output_pages),
        "rows": panel.shown_results.rows if panel.shown_results is not None else 0,
        "fields": {
            name: {"at": middle(edit), "text": edit.text}
            for name, edit in fields.items()
            if edit.isVisible()
        },
        "said": [each.value_label.text() for each in page.predictions.cards if each.isVisible()],
    }
