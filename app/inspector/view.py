"""What can fill the inspector: a view of some part of the document."""

from __future__ import annotations

from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from app.inspector.surroundings import AnyForm
from app.inspector.targets import NodeTarget, RecipeTarget


class View(QWidget):
    """Shows a part of the document, and edits it.

    Why: it reads the document when told to and keeps nothing of it, so undo, another panel and the
    canvas may change it at any time.
    """

    def __init__(self, parent: QWidget) -> None:
        # Made inside its parent, since a style sheet dresses a widget again when that changes.
        super().__init__(parent)
        # Narrower than its content would like to be, it wraps instead of reaching beyond the dock.
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.page = QVBoxLayout(self)
        self.page.setContentsMargins(12, 12, 12, 12)
        self.page.setSpacing(12)

    def show_project(self) -> None:
        """Read the document again."""

    def show_report(self) -> None:
        """Read again what the checks found."""

    def commit(self) -> None:
        """Hand in what was typed and not taken yet."""


def joined(form: AnyForm, target: NodeTarget | RecipeTarget) -> None:
    """Let a form's edits go to a target."""
    form.edited.connect(target.set)
    form.typed.connect(target.type)
    form.reset.connect(target.reset)
    form.settled.connect(target.settle)
