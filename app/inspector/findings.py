"""What the checks found, said in place, with a button for each way out that works by itself."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QSizePolicy, QWidget

from app.controls import Note
from app.icons import icon
from app.inspector.editor import column
from app.theme import Theme
from app.words import breakable, plain_tip, sentence
from engine.core.diagnostic import Diagnostic, Fix

WAYS = 3  # ways out that are shown
WIDEST = 212  # pixels of a button's words; the tool tip says all


class Findings(QWidget):
    """Findings below one another; hidden while there are none.

    Signals:
        mend: the fix that was chosen.
    """

    mend = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._shown: tuple[Diagnostic, ...] = ()
        self._said = ""
        self._fixes: list[Fix] = []
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
        self._parts, self._fixes = [], []
        if said:
            self._put(Note(self._theme, "error", said))
        for one in found:
            self._tell(one)
        self.setVisible(bool(self._parts))
        self.updateGeometry()

    def _tell(self, found: Diagnostic) -> None:
        note = Note(self._theme, found.severity, _sentence(found))
        if found.why:
            note.setToolTip(plain_tip(sentence(found.why)))
        self._put(note)
        for fix in [fix for fix in found.fixes if fix.edit is not None][:WAYS]:
            self._put(self._button(fix))  # one below the other: rows of a form do not wrap

    def _button(self, fix: Fix) -> QPushButton:
        button = QPushButton(icon(self._theme, "fix", "accent"), "")
        text, elide = fix.text.rstrip("."), Qt.TextElideMode.ElideRight
        shown = button.fontMetrics().elidedText(text, elide, WIDEST)
        button.setText(shown.replace("&", "&&"))
        button.setAccessibleName(text)
        button.setToolTip(plain_tip(fix.text))
        button.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        button.setProperty("fix", len(self._fixes))
        self._fixes.append(fix)
        button.clicked.connect(self._on_clicked)
        return button

    def _put(self, part: QWidget) -> None:
        self._parts.append(part)
        self._layout.addWidget(part)

    def _on_clicked(self) -> None:
        self.mend.emit(self._fixes[int(self.sender().property("fix"))])


def plain_label(text: str = "", role: str = "", wrap: bool = True) -> QLabel:
    """Answer a label for words that may come from a file."""
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(wrap)
    if role:
        label.setProperty("role", role)
    return label


def _sentence(found: Diagnostic) -> str:
    """Answer the message, and those ways out that a person has to go alone."""
    alone = [fix.text for fix in found.fixes if fix.edit is None][:WAYS]
    return breakable(" ".join([sentence(found.message), *alone]))
