"""The question that a second press of Stop asks."""

from __future__ import annotations

from PySide6.QtWidgets import QMessageBox, QWidget

from app.training.process.run_follower import Training


def offer_to_end(training: Training, parent: QWidget) -> None:
    """Ask whether a training that was asked to stop shall be ended at once."""
    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.NoIcon)
    box.setWindowTitle("Stop at once?")
    box.setText("The training is finishing its step. Then it saves and stops.")
    box.setInformativeText("If you stop it at once, what it did since it last saved is lost.")
    end = box.addButton("Stop at once", QMessageBox.ButtonRole.DestructiveRole)
    end.clicked.connect(training.kill)
    box.addButton("Wait", QMessageBox.ButtonRole.RejectRole)
    box.finished.connect(box.deleteLater)
    training.finished.connect(box.close)
    box.open()
