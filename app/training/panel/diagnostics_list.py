"""Diagnostics of a training run, each with buttons for its fixes and its node."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from app.controls import InlineMessage
from app.controls.inputs.fix_button import FixButton
from app.controls.layout.boxes import column_layout
from app.text.phrases import capitalize, plain_tooltip, to_sentence, window_fixes, wrap_long_words
from app.theme import icons
from app.theme.theme import Theme
from engine.core.diagnostic import Diagnostic, Fix

_MAX_SHOWN = 8


class DiagnosticsList(QWidget):
    """A vertical list of notes and diagnostics.

    Signals:
        node_requested: requests to show the node with this name on the canvas.
        fix_requested: requests to apply a `Fix`.
        content_added: a note or a diagnostic was added.
    """

    node_requested = Signal(str)
    fix_requested = Signal(Fix)
    content_added = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._buttons: list[QPushButton] = []
        self._widgets: list[QWidget] = []
        self._rows = column_layout(parent=self, spacing=6)

    def clear(self) -> None:
        """Remove all notes and diagnostics."""
        for widget in self._widgets:
            self._rows.removeWidget(widget)
            widget.hide()
            widget.deleteLater()
        self._widgets, self._buttons = [], []

    def disable_buttons(self) -> None:
        """Disable all buttons, for example when the document of the diagnostics was closed."""
        for button in self._buttons:
            button.setEnabled(False)

    def add_note(self, kind: str, text: str) -> None:
        """Add a note. `kind` is "error", "warning", "info" or "ok"; it sets the icon and color."""
        self._add_widget(InlineMessage(self._theme, kind, text))  # type: ignore[arg-type]

    def add_diagnostics(self, diagnostics: Sequence[Diagnostic]) -> None:
        """Add diagnostics, errors first, with a button for each fix that can be applied."""
        ordered = sorted(diagnostics, key=lambda diagnostic: not diagnostic.is_error)
        for diagnostic in ordered[:_MAX_SHOWN]:
            self._add_widget(InlineMessage(self._theme, diagnostic.severity, _format(diagnostic)))
            self._add_buttons(diagnostic)
        if len(ordered) > _MAX_SHOWN:
            self.add_note("info", f"{len(ordered) - _MAX_SHOWN} more are not shown.")

    def _add_buttons(self, diagnostic: Diagnostic) -> None:
        box = QWidget()
        # Vertical, since a row of buttons would be too wide.
        line = column_layout(parent=box, margins=(0, 0, 0, 4), spacing=6)
        for fix in diagnostic.fixes:
            if fix.edit is not None:
                self._add_button(line, FixButton(self._theme, fix, self.fix_requested.emit))
        if diagnostic.node:
            self._add_button(line, self._node_button(diagnostic.node))
        if line.count():
            self._add_widget(box)
        else:
            box.deleteLater()

    def _node_button(self, node: str) -> QPushButton:
        button = QPushButton(icons.icon(self._theme, "find"), "Show node")
        tip = f"Select {node} and show it on the canvas"
        button.setToolTip(plain_tooltip(tip))
        button.setAccessibleName(tip)
        button.setProperty("node", node)
        button.clicked.connect(self._on_node_clicked)
        return button

    def _add_button(self, line: QVBoxLayout, button: QPushButton) -> None:
        self._buttons.append(button)
        line.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)

    def _add_widget(self, widget: QWidget) -> None:
        self._widgets.append(widget)
        self._rows.addWidget(widget, 0, Qt.AlignmentFlag.AlignTop)
        self.content_added.emit()

    def _on_node_clicked(self) -> None:
        self.node_requested.emit(str(self.sender().property("node")))


def _format(diagnostic: Diagnostic) -> str:
    location = ", ".join(filter(None, (diagnostic.node, diagnostic.place)))
    lines = [f"{location}: {diagnostic.message}." if location else to_sentence(diagnostic.message)]
    if diagnostic.found:
        needed = f"; needed: {diagnostic.expected}" if diagnostic.expected else ""
        lines.append(f"Found: {diagnostic.found}{needed}.")
    if diagnostic.why:
        lines.append(capitalize(diagnostic.why))
    lines += window_fixes(fix for fix in diagnostic.fixes if fix.edit is None)
    return wrap_long_words("\n".join(line[:400] for line in lines))
