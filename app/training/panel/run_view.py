"""The body of the training panel: curves on the left, numbers and findings on the right."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, QUrl, Signal
from PySide6.QtGui import QAction, QDesktopServices, QResizeEvent
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

from app.controls import EmptyState
from app.controls.display.elided_label import Elided
from app.text.phrases import plain_tip, sentence
from app.theme import icons
from app.theme.theme import Theme
from app.training.charts.view_menu import chart_menu
from app.training.charts.view_options import View
from app.training.panel.diagnostics_list import Findings
from app.training.panel.loss_table import LossTable
from app.training.process.outcome import Outcome
from engine.core.diagnostic import Diagnostic
from engine.core.formatting.sizes import in_bytes
from engine.events import CheckpointSaved

if TYPE_CHECKING:
    from app.training.charts.chart_grid import Charts
    from app.training.charts.chart_spec import Subject
    from app.training.curves.run_curves import Curves

_SIDE, _WIDE = 340, 640  # pixels
_TOLD = 3  # answers of the run that stay in sight
_KINDS = {
    "completed": "ok", "stopped": "info", "refused": "error", "failed": "error",
    "crashed": "error",
}  # fmt: skip
_HEADS = {"refused": "The training did not start.", "failed": "The training failed."}


class Results(QWidget):
    """Shows one run.

    Signals:
        last_asked: the person wants to see the last run of the document.
        resume_asked: the person wants the run that is shown to go on.
        export_asked: the curves are wanted as a file, of this kind.
        told: a sentence for the status bar.
    """

    last_asked = Signal()
    resume_asked = Signal()
    export_asked = Signal(str)
    told = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.charts: Charts | None = None
        self.view = View(self)
        self._title = ""
        self._run: Path | None = None
        self._log_file: Path | None = None
        self._warnings: list[Diagnostic] = []
        self._told: list[tuple[str, str]] = []  # kind and text of what was asked and answered
        self._left = QStackedWidget()
        self._last = QAction(icons.icon(theme, "recent"), "", self)
        self._last.triggered.connect(self.last_asked)
        self._empty = EmptyState(
            theme, "curve", "No curves yet", "Press Train to see curves.", self._last
        )
        self._last_button = self._empty.findChild(QPushButton)
        self.offer_last("")
        self._left.addWidget(self._empty)
        self._heading = Elided()
        self._heading.setProperty("role", "heading")
        self._heading.hide()
        self.table = LossTable(theme)
        self.table.hide()
        self.findings = Findings(theme)
        self._divided = Elided()  # stands beside every score
        self._divided.setProperty("role", "dim")
        self._divided.hide()
        self._saved = Elided()
        self._saved.setProperty("role", "dim")
        self._saved.hide()
        self.resume_button = self._make_button("Continue this run", "play", self.resume_asked.emit)
        self.run_button = self._make_button("Open run folder", "folder", self._on_run_asked)
        self.log_button = self._make_button("Show log", "log", self._on_log_asked)
        self._split = split = QSplitter(Qt.Orientation.Horizontal)
        split.setChildrenCollapsible(False)
        split.addWidget(self._left)
        self._side = self._make_side()
        self._side.hide()  # while there is nothing to read, the curves' place has all the room
        self.findings.filled.connect(self._side.show)
        split.addWidget(self._side)
        split.setStretchFactor(0, 1)
        split.setSizes([900, _SIDE])
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(split)

    def _make_button(self, text: str, icon: str, slot: Callable[[], None]) -> QPushButton:
        button = QPushButton(icons.icon(self._theme, icon), text)
        button.clicked.connect(slot)
        button.hide()
        return button

    def _make_side(self) -> QScrollArea:
        inside = QWidget()
        rows = QVBoxLayout(inside)
        rows.setContentsMargins(8, 0, 4, 0)
        rows.setSpacing(8)
        for widget in (self._heading, self._divided, self._saved, self.table, self.findings):
            rows.addWidget(widget)
        rows.addWidget(self.resume_button, 0, Qt.AlignmentFlag.AlignLeft)
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

    def offer_last(self, name: str) -> None:
        """Offer to open the last run of the document; "" offers nothing."""
        self._last.setText(f"Last run: {name}".replace("&", "&&"))
        assert self._last_button is not None
        self._last_button.setText(self._last.text())
        self._last_button.setToolTip(plain_tip(f"Show the curves of {name}"))
        self._last_button.setVisible(bool(name))

    def put_aside(self) -> None:
        """Show nothing of the run while another document is in front."""
        self._left.setCurrentIndex(0)
        self.findings.clear()
        self.resume_button.hide()
        self._side.hide()

    def bring_back(self, curves: Curves) -> None:
        """Show the run again that was put aside, as far as it came."""
        self._side.show()
        self.show_curves(curves)
        self._refill()

    def begin(self, title: str, curves: Curves) -> None:
        """Show a new run of a document called `title`, of which nothing is known yet."""
        from app.training.charts.chart_grid import Charts

        if self.charts is not None:
            self._left.removeWidget(self.charts)
            self.charts.deleteLater()
        self.view.begin()
        self.charts = Charts(self._theme, curves, self.view)
        self.charts.menu_asked.connect(self._on_chart_menu_asked)
        self._left.addWidget(self.charts)
        self._left.setCurrentIndex(0)
        self._title = title
        self._heading.set_text(title)
        self._heading.show()
        self._side.show()
        self.table.hide()
        self.findings.clear()
        self._warnings, self._told = [], []
        self._divided.hide()
        self._saved.hide()
        self.resume_button.hide()
        self.run_button.hide()
        self.log_button.hide()

    def show_run(self, run: Path, title: str = "") -> None:
        """Say which folder the run is kept in, and what its document is called by now."""
        self._run, self._title = run, title or self._title
        self._heading.set_text(f"{self._title}  \N{MIDDLE DOT}  {run.name}", str(run))

    def show_curves(self, curves: Curves) -> None:
        """Show what has been added to the run."""
        if curves.started is None or self.charts is None:
            return
        if self._left.currentWidget() is not self.charts:
            self._left.setCurrentWidget(self.charts)
        self.charts.refresh()
        self.charts.show_newest()
        self._divided.set_text(sentence(curves.started.split) if curves.started.split else "")
        self._divided.setVisible(bool(curves.started.split))
        self.table.show_losses(curves)
        self.table.show()
        self.run_button.show()

    def warn(self, found: Sequence[Diagnostic]) -> None:
        """Show what is worth a look while the run goes on."""
        self._warnings += [each for each in found if each not in self._warnings]
        self._refill()

    def tell(self, kind: str, text: str) -> None:
        """Say what became of something that was asked of the run."""
        self._told = [*self._told, (kind, text)][-_TOLD:]
        self._refill()

    def saved(self, event: CheckpointSaved) -> None:
        """Say up to which step the run is safe."""
        size = f", {in_bytes(event.bytes)}" if event.bytes else ""
        self._saved.set_text(f"Saved at step {event.step:,}{size}")
        self._saved.show()

    def go_on(self) -> None:
        """Show that the run goes on that had ended."""
        self.resume_button.hide()
        self.log_button.hide()
        self._refill()

    def offer_resume(self, text: str) -> None:
        """Offer to go on with a run that ended before its time."""
        self.findings.say("info", text)
        self.resume_button.show()

    def _refill(self) -> None:
        self.findings.clear()
        for kind, text in reversed(self._told):
            self.findings.say(kind, text)
        self.findings.show_found(self._warnings)

    def end(self, outcome: Outcome, run: Path | None, log: Path | None) -> None:
        """Say how it ended."""
        text = _HEADS.get(outcome.kind, "") if outcome.diagnostics else ""
        self.findings.clear()
        self.findings.say(_KINDS[outcome.kind], text or outcome.text)
        self.findings.show_found(outcome.diagnostics)
        self.findings.show_found(self._warnings)
        self._run, self._log_file = run, log
        kept = run is not None and run.exists()
        if not kept:
            self._heading.set_text(self._title)
        self.run_button.setToolTip(plain_tip(str(run or "")))
        self.log_button.setToolTip(plain_tip(str(log or "")))
        self.run_button.setVisible(kept)
        self.log_button.setVisible(log is not None)

    def subjects(self) -> list[Subject]:
        """Return what there are charts of."""
        return [chart.subject for chart in self.charts.charts] if self.charts else []

    def _on_chart_menu_asked(self, score: str, at: QPoint) -> None:
        subject = next(each for each in self.subjects() if each.score == score)
        chart_menu(self, self.view, subject, at, self.export_asked.emit)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the numbers below the curves where there is no room beside them."""
        super().resizeEvent(event)
        wide = self.width() >= _WIDE
        way = Qt.Orientation.Horizontal if wide else Qt.Orientation.Vertical
        if way != self._split.orientation():
            self._split.setOrientation(way)
            self._split.setSizes([self.width() - _SIDE, _SIDE] if wide else [_SIDE, _SIDE // 2])

    def _on_run_asked(self) -> None:
        self._open("The run is kept in", self._run)

    def _on_log_asked(self) -> None:
        self._open("The log is", self._log_file)

    def _open(self, said: str, path: Path | None) -> None:
        """Show a file or folder in the program that the system has for it, and say where it is.

        Why: without such a program nothing else would be seen, and Qt does not always know of that.
        """
        if path is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))
            self.told.emit(f"{said} {path}")
