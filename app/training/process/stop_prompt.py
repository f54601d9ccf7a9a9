"""The prompt shown when Stop is pressed a second time."""

from __future__ import annotations

from PySide6.QtWidgets import QMessageBox, QWidget

from app.training.process.run_process import RunProcess


def confirm_kill(run_process: RunProcess, parent: QWidget) -> None:
    """Ask whether to kill the process of a stopping run, and kill it if the user agrees."""
    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.NoIcon)
    box.setWindowTitle("Stop at once?")
    box.setText("The training saves and stops after the current step.")
    box.setInformativeText("If you stop it at once, progress since the last checkpoint is lost.")
    kill_button = box.addButton("Stop at once", QMessageBox.ButtonRole.DestructiveRole)
    kill_button.clicked.connect(run_process.kill)
    box.addButton("Wait", QMessageBox.ButtonRole.RejectRole)
    box.finished.connect(box.deleteLater)
    run_process.finished.connect(box.close)
    box.open()
