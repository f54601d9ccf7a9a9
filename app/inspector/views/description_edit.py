"""The field for the description of the project."""

from __future__ import annotations

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from app.controls.inputs.multiline_edit import MultilineEdit
from app.documents.session import Session
from engine.graph.edits.field_edits import set_description

_MAX_LINES = 12  # a longer text is scrolled


class DescriptionEdit(MultilineEdit):
    """A field that shows and edits the description of a document, as high as its text."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session
        self._shown = ""  # the description that was shown last
        self.setPlaceholderText("What this network is for")
        self.setAccessibleName("Description of the project")
        self.setToolTip("Saved in the project's file. Ctrl+Enter commits, Esc reverts.")
        self.committed.connect(self.commit)
        self.reverted.connect(self._revert)
        self.document().documentLayout().documentSizeChanged.connect(self._fit_height)
        self.show_description()

    def show_description(self) -> None:
        """Show the description if it was changed elsewhere, such as by undo."""
        if self._session.project.description != self._shown:
            self._revert()

    def commit(self) -> None:
        """Apply the typed text as one undo step."""
        text = self.toPlainText()
        if text.strip() != self._shown.strip():
            self._shown = text = text.strip()
            self._session.edit("Edit description", set_description, text)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._fit_height()  # style sheet and font are known now

    def _revert(self) -> None:
        self._shown = self._session.project.description
        self.setPlainText(self._shown)

    def _fit_height(self) -> None:
        most = self.fontMetrics().lineSpacing() * _MAX_LINES
        self.setFixedHeight(min(self.fitting_height(), most))
