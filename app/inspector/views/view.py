"""What can fill the inspector: a view of some part of the document."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from app.documents.session import Session
from app.inspector.fields.context import Surroundings
from app.inspector.fields.edit_targets import NodeTarget, RecipeTarget
from app.inspector.form.diagnostics_box import Findings
from app.inspector.form.form import Form
from engine.core.diagnostic import Diagnostic, Fix
from engine.core.schema import Schema


class View(QWidget):
    """Shows a part of the document, and edits it; what was found stands beside, in `findings`.

    Why: it reads the document when told to and keeps nothing of it, so undo, another panel and the
    canvas may change it at any time.
    """

    def __init__(self, around: Surroundings, session: Session, parent: QWidget) -> None:
        # Made inside its parent, since a style sheet dresses a widget again when that changes.
        super().__init__(parent)
        self._around, self._session = around, session
        self.findings = Findings(around.theme)
        self.findings.setParent(self)  # else what is found at once would be a window
        self.findings.mend.connect(self._on_mend)
        self.form: Form | None = None
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
        if self.form is not None:
            self.form.commit()

    def _add_form(self, cls: type[Schema], target: NodeTarget | RecipeTarget) -> Form:
        """Put a form at the end of the page; its edits go to a target."""
        form = Form(self._around, cls, self)
        self._edits_go_to = target  # a connection to a plain object does not keep it
        form.edited.connect(target.set)
        form.typed.connect(target.type)
        form.reset.connect(target.reset)
        form.settled.connect(target.settle)
        form.mend.connect(self._on_mend)
        if form.more is not None:
            form.more.header.toggled.connect(self._show_fields)
        self.page.addWidget(form)
        self.form = form
        return form

    def _show_fields(self) -> None:
        """Show the values of the form, and what was found about each."""

    def _share_out(self, found: Iterable[tuple[str, Diagnostic]]) -> dict[str, list[Diagnostic]]:
        """Return findings by field, and show at the top those whose field is not in sight."""
        by_field: dict[str, list[Diagnostic]] = {}
        top: list[Diagnostic] = []
        for field, one in found:
            by_field.setdefault(field, []).append(one)
            if self.form is None or not self.form.in_sight(field):
                top.append(one)
        self.findings.show_findings(top)
        return by_field

    def _on_mend(self, fix: object) -> None:
        assert isinstance(fix, Fix)
        if self._session.apply_fix(fix):
            self._session.canvas_focus_requested.emit()  # the button that had the keyboard goes
