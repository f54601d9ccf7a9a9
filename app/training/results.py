"""The body of the training panel: curves on the left, numbers and findings on the right."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, SignalInstance
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app import icons
from app.controls import EmptyState
from app.theme import Theme
from app.training.elided import Elided
from app.training.findings import Findings
from app.training.losses import LossTable
from app.training.outcome import Outcome
from engine.core.diagnostic import Diagnostic

if TYPE_CHECKING:
    from app.training.charts import Charts
    from app.training.curves import Curves

_SIDE, _WIDE = 340, 640  # pixels
_KINDS = {
    "completed": "ok", "stopped": "info", "refused": "error", "failed": "error",
    "crashed": "error",
}  # fmt: skip
_HEADS = {"refused": "The training did not start.", "failed": "The training failed."}


class Results(QWidget):
    """Shows one run.

    Signals:
        run_asked, log_asked: the person wants to see the run folder, or its log.
    """

    run_asked = Signal()
    log_asked = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.charts: Charts | None = None
        self._log, self._newest = False, 0
        self._title = ""
        self._warnings: list[Diagnostic] = []
        self._left = QStackedWidget()
        self._empty = EmptyState(theme, "curve", "No curves yet", "Press Train to see curves.")
        self._left.addWidget(self._empty)
        self._heading = Elided()
        self._heading.setProperty("role", "heading")
        self._heading.hide()
        self.table = LossTable(theme)
        self.table.hide()
        self.findings = Findings(theme)
        self.run_button = self._make_button("Open run folder", self.run_asked)
        self.log_button = self._make_button("Show log", self.log_asked)
        self._split = split = QSplitter(Qt.Orientation.Horizontal)
        split.setChildrenCollapsible(False)
        split.addWidget(self._left)
        split.addWidget(self._make_side())
        split.setStretchFactor(0, 1)
        split.setSizes([900, _SIDE])
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(split)
        theme.changed.connect(self._on_theme_changed)
        self._on_theme_changed()

    def _make_button(self, text: str, signal: SignalInstance[tuple[()]]) -> QPushButton:
        button = QPushButton(text)
        button.clicked.connect(signal)
        button.hide()
        return button

    def _make_side(self) -> QScrollArea:
        inside = QWidget()
        rows = QVBoxLayout(inside)
        rows.setContentsMargins(8, 0, 4, 0)
        rows.setSpacing(8)
        for widget in (self._heading, self.table, self.findings):
            rows.addWidget(widget)
        buttons = QHBoxLayout()
        buttons.addWidget(self.run_button)
        buttons.addWidget(self.log_button)
        buttons.addStretch(1)
        rows.addLayout(buttons)
        rows.addStretch(1)
        side = QScrollArea(widgetResizable=True)
        side.setFrameShape(QFrame.Shape.NoFrame)
        side.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        side.setMinimumWidth(220)
        side.setAccessibleName("Losses and findings")
        side.setWidget(inside)
        return side

    def show_hint(self, title: str, text: str) -> None:
        """Say what to do as long as there are no curves."""
        self._empty.set_message(title, text)

    def begin(self, title: str, run: Path, curves: Curves | None) -> None:
        """Show a new run, of which nothing is known yet."""
        assert curves is not None
        from app.training.charts import Charts

        if self.charts is not None:
            self._left.removeWidget(self.charts)
            self.charts.deleteLater()
        self.charts = Charts(self._theme, curves)
        self.charts.set_log(self._log)
        self.charts.set_newest(self._newest)
        self._left.addWidget(self.charts)
        self._left.setCurrentIndex(0)
        self._title = title
        self._heading.set_text(f"{title}  \N{MIDDLE DOT}  {run.name}", str(run))
        self._heading.show()
        self.table.hide()
        self.findings.clear()
        self._warnings = []
        self.run_button.hide()
        self.log_button.hide()

    def show_curves(self, curves: Curves) -> None:
        """Show what has been added to the run."""
        if curves.started is None or self.charts is None:
            return
        if self._left.currentWidget() is not self.charts:
            self._left.setCurrentWidget(self.charts)
        self.charts.refresh()
        self.table.show_losses(curves)
        self.table.show()
        self.run_button.show()

    def warn(self, found: Sequence[Diagnostic]) -> None:
        """Show what is worth a look while the run goes on."""
        self._warnings += found
        self.findings.show_found(found)

    def end(self, outcome: Outcome, run: Path | None, log: Path | None) -> None:
        """Say how it ended."""
        text = _HEADS.get(outcome.kind, "") if outcome.diagnostics else ""
        self.findings.clear()
        self.findings.say(_KINDS[outcome.kind], text or outcome.text)
        self.findings.show_found(outcome.diagnostics)
        self.findings.show_found(self._warnings)
        kept = run is not None and run.exists()
        if not kept:
            self._heading.set_text(self._title)
        self.run_button.setVisible(kept)
        self.log_button.setVisible(log is not None)

    def set_log(self, on: bool) -> None:
        """Draw losses by their powers of ten."""
        self._log = on
        if self.charts is not None:
            self.charts.set_log(on)

    def set_newest(self, steps: int) -> None:
        """Draw so many of the newest steps, 0 for all."""
        self._newest = steps
        if self.charts is not None:
            self.charts.set_newest(steps)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the numbers below the curves where there is no room beside them."""
        super().resizeEvent(event)
        wide = self.width() >= _WIDE
        way = Qt.Orientation.Horizontal if wide else Qt.Orientation.Vertical
        if way != self._split.orientation():
            self._split.setOrientation(way)
            self._split.setSizes([self.width() - _SIDE, _SIDE] if wide else [_SIDE, _SIDE // 2])

    def _on_theme_changed(self) -> None:
        self.run_button.setIcon(icons.icon(self._theme, "folder"))
        self.log_button.setIcon(icons.icon(self._theme, "log"))
