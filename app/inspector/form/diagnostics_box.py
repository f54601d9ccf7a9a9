"""A list of diagnostics, with buttons for the fixes that can be applied automatically."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from app.controls import InlineMessage
from app.controls.inputs.fix_button import FixButton
from app.controls.layout.boxes import column_layout
from app.text.phrases import plain_tooltip, to_sentence, wrap_long_words
from app.theme.theme import Theme
from engine.core.diagnostic import Diagnostic, Fix

_MAX_FIXES = 3  # maximum number of fixes shown for a diagnostic


class DiagnosticsBox(QWidget):
    """A vertical list of diagnostics and their fixes, hidden while it is empty.

    `apply_fix` is called with a fix when its button is pressed.

    Signals:
        changed: the shown diagnostics have changed.
    """

    changed = Signal()

    def __init__(self, theme: Theme, apply_fix: Callable[[Fix], object]) -> None:
        super().__init__()
        self._theme, self._apply_fix = theme, apply_fix
        self._shown: tuple[Diagnostic, ...] = ()
        self._input_error = ""
        self._widgets: list[QWidget] = []
        self._layout = column_layout(parent=self, spacing=6)
        self.setVisible(False)

    @property
    def buttons(self) -> list[QPushButton]:
        """The fix buttons, from top to bottom."""
        return [widget for widget in self._widgets if isinstance(widget, QPushButton)]

    @property
    def texts(self) -> list[str]:
        """The texts of the messages, from top to bottom."""
        return [widget.text for widget in self._widgets if isinstance(widget, InlineMessage)]

    def show_diagnostics(self, diagnostics: Sequence[Diagnostic], input_error: str = "") -> None:
        """Show an input error, if any, followed by diagnostics."""
        if tuple(diagnostics) == self._shown and input_error == self._input_error:
            return
        self._shown, self._input_error = tuple(diagnostics), input_error
        for widget in self._widgets:
            widget.hide()
            widget.deleteLater()
        self._widgets = []
        if input_error:
            self._add_widget(InlineMessage(self._theme, "error", input_error))
        for diagnostic in diagnostics:
            self._add_diagnostic(diagnostic)
        self.setVisible(bool(self._widgets))
        self.updateGeometry()
        self.changed.emit()

    def _add_diagnostic(self, diagnostic: Diagnostic) -> None:
        note = InlineMessage(self._theme, diagnostic.severity, _sentence(diagnostic))
        if diagnostic.why:
            note.setToolTip(plain_tooltip(to_sentence(diagnostic.why)))
        self._add_widget(note)
        for fix in [fix for fix in diagnostic.fixes if fix.edit is not None][:_MAX_FIXES]:
            button = FixButton(self._theme, fix, self._apply_fix)
            button.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
            self._add_widget(button)  # below the others, since a row of buttons would not wrap

    def _add_widget(self, widget: QWidget) -> None:
        self._widgets.append(widget)
        self._layout.addWidget(widget)


def _sentence(diagnostic: Diagnostic) -> str:
    """Return the message of a diagnostic, followed by the fixes that the user must make by hand."""
    manual = [fix.text for fix in diagnostic.fixes if fix.edit is None][:_MAX_FIXES]
    return wrap_long_words(" ".join([to_sentence(diagnostic.message), *manual]))
