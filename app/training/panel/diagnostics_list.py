"""What the engine found, in a person's words, each with what can be done about it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from app.controls import Note
from app.controls.inputs.fix_button import FixButton
from app.text.phrases import advice, breakable, capital, plain_tip, sentence
from app.theme.theme import icons
from app.theme.theme.theme import Theme
from engine.core.diagnostic import Diagnostic, Fix

_MOST = 8


class Findings(QWidget):
    """Notes below one another.

    Signals:
        node_asked: a node that the person wants to see.
        fix_asked: a `Fix` that the person wants.
        filled: there is something to read.
    """

    node_asked = Signal(str)
    fix_asked = Signal(Fix)
    filled = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._buttons: list[QPushButton] = []
        self._shown: list[QWidget] = []
        self._rows = QVBoxLayout(self)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(6)

    def clear(self) -> None:
        """Show nothing."""
        for widget in self._shown:
            self._rows.removeWidget(widget)
            widget.hide()
            widget.deleteLater()
        self._shown, self._buttons = [], []

    def let_go(self) -> None:
        """Take the buttons' use away: the document that they are about was closed."""
        for button in self._buttons:
            button.setEnabled(False)

    def say(self, kind: str, text: str) -> None:
        """Add a message."""
        self._add(Note(self._theme, kind, text))  # type: ignore[arg-type]

    def show_found(self, found: Sequence[Diagnostic]) -> None:
        """Add findings, errors first, with a button for each way out that a machine knows."""
        ordered = sorted(found, key=lambda diagnostic: not diagnostic.is_error)
        for diagnostic in ordered[:_MOST]:
            self._add(Note(self._theme, diagnostic.severity, _words(diagnostic)))
            self._offer(diagnostic)
        if len(ordered) > _MOST:
            self.say("info", f"{len(ordered) - _MOST} more were found.")

    def _offer(self, diagnostic: Diagnostic) -> None:
        row = QWidget()
        line = QVBoxLayout(row)  # side by side, they would be wider than the place for findings
        line.setContentsMargins(0, 0, 0, 4)
        line.setSpacing(6)
        for fix in diagnostic.fixes:
            if fix.edit is not None:
                button = FixButton(self._theme, fix)
                button.chosen.connect(self.fix_asked)
                self._offer_in(line, button)
        if diagnostic.node:
            self._offer_in(line, self._node_button(diagnostic.node))
        if line.count():
            self._add(row)
        else:
            row.deleteLater()

    def _node_button(self, node: str) -> QPushButton:
        button = QPushButton(icons.icon(self._theme, "find"), "Show node")
        tip = f"Select {node} and bring it into sight"
        button.setToolTip(plain_tip(tip))
        button.setAccessibleName(tip)
        button.setProperty("node", node)
        button.clicked.connect(self._on_node_clicked)
        return button

    def _offer_in(self, line: QVBoxLayout, button: QPushButton) -> None:
        self._buttons.append(button)
        line.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)

    def _add(self, widget: QWidget) -> None:
        self._shown.append(widget)
        self._rows.addWidget(widget, 0, Qt.AlignmentFlag.AlignTop)
        self.filled.emit()

    def _on_node_clicked(self) -> None:
        self.node_asked.emit(str(self.sender().property("node")))


def _words(diagnostic: Diagnostic) -> str:
    where = ", ".join(filter(None, (diagnostic.node, diagnostic.place)))
    lines = [f"{where}: {diagnostic.message}." if where else sentence(diagnostic.message)]
    if diagnostic.found:
        needed = f"; needed: {diagnostic.expected}" if diagnostic.expected else ""
        lines.append(f"Found: {diagnostic.found}{needed}.")
    if diagnostic.why:
        lines.append(capital(diagnostic.why))
    lines += advice(fix for fix in diagnostic.fixes if fix.edit is None)
    return breakable("\n".join(line[:400] for line in lines))
