"""What the checks found, said in place, with a button for each way out that works by itself."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QSizePolicy, QWidget

from app.controls import Note
from app.controls.inputs.fix_button import FixButton
from app.inspector.editors.editor import column
from app.text.phrases import plain_tooltip, to_sentence, wrap_long_words
from app.theme.theme import Theme
from engine.core.diagnostic import Diagnostic

WAYS = 3  # ways out that are shown


class Findings(QWidget):
    """Findings below one another; hidden while there are none.

    Signals:
        mend: the fix that was chosen.
        changed: something else is said.
    """

    mend = Signal(object)
    changed = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._shown: tuple[Diagnostic, ...] = ()
        self._said = ""
        self._parts: list[QWidget] = []
        self._layout = column(self, 6)
        self.setVisible(False)

    @property
    def buttons(self) -> list[QPushButton]:
        """The buttons of the fixes, in order."""
        return [part for part in self._parts if isinstance(part, QPushButton)]

    @property
    def texts(self) -> list[str]:
        """What it says, a text a finding."""
        return [part.text for part in self._parts if isinstance(part, Note)]

    def show_findings(self, found: Sequence[Diagnostic], said: str = "") -> None:
        """Show findings, and before them a sentence about what was typed."""
        if tuple(found) == self._shown and said == self._said:
            return
        self._shown, self._said = tuple(found), said
        for part in self._parts:
            part.hide()
            part.deleteLater()
        self._parts = []
        if said:
            self._put(Note(self._theme, "error", said))
        for one in found:
            self._tell(one)
        self.setVisible(bool(self._parts))
        self.updateGeometry()
        self.changed.emit()

    def _tell(self, found: Diagnostic) -> None:
        note = Note(self._theme, found.severity, _sentence(found))
        if found.why:
            note.setToolTip(plain_tooltip(to_sentence(found.why)))
        self._put(note)
        for fix in [fix for fix in found.fixes if fix.edit is not None][:WAYS]:
            button = FixButton(self._theme, fix)
            button.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
            button.chosen.connect(self.mend)
            self._put(button)  # one below the other: rows of a form do not wrap

    def _put(self, part: QWidget) -> None:
        self._parts.append(part)
        self._layout.addWidget(part)


def plain_label(text: str = "", role: str = "", wrap: bool = True) -> QLabel:
    """Return a label for words that may come from a file."""
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(wrap)
    if role:
        label.setProperty("role", role)
    return label


def _sentence(found: Diagnostic) -> str:
    """Return the message, and those ways out that a person has to go alone."""
    alone = [fix.text for fix in found.fixes if fix.edit is None][:WAYS]
    return wrap_long_words(" ".join([to_sentence(found.message), *alone]))
