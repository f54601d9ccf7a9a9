"""The base class of inspector views, each of which edits a part of the document."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtWidgets import QSizePolicy, QWidget

from app.controls.layout.boxes import column_layout
from app.documents.session import Session
from app.inspector.fields.context import EditTarget, InspectorContext
from app.inspector.form.diagnostics_box import DiagnosticsBox
from app.inspector.form.form import SchemaForm
from engine.core.diagnostic import Diagnostic
from engine.core.schema import Schema


class InspectorView(QWidget):
    """Base of the views that show and edit a part of the document.

    `diagnostics_box` shows the diagnostics whose field is not visible in the form.

    Why: undo, the canvas and other panels can change the document at any time. So a view keeps no
    copy of the document and reads it in `show_project`.
    """

    def __init__(self, context: InspectorContext, session: Session, parent: QWidget) -> None:
        # Create the view inside its parent, since setting a parent later restyles all widgets.
        super().__init__(parent)
        self._context, self._session = context, session
        self.diagnostics_box = DiagnosticsBox(context.theme, context.apply_fix)
        self.diagnostics_box.setParent(self)  # a widget without a parent would be a separate window
        self.form: SchemaForm | None = None
        # Ignore the preferred width, so that the content wraps within the dock.
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.page = column_layout(parent=self, margins=(12, 12, 12, 12), spacing=12)

    def show_project(self) -> None:
        """Update the view from the document."""

    def show_report(self) -> None:
        """Update the view from the check report."""

    def commit(self) -> None:
        """Commit the pending input of all fields."""
        if self.form is not None:
            self.form.commit()

    def _add_form(self, cls: type[Schema], target: EditTarget) -> SchemaForm:
        form = SchemaForm(self._context, target, cls, self)
        if form.advanced_section is not None:
            form.advanced_section.header.toggled.connect(self._show_fields)
        self.page.addWidget(form)
        self.form = form
        return form

    def _show_fields(self) -> None:
        """Show the values of the form and the diagnostics of each field."""

    def _group_by_field(
        self, diagnostics: Iterable[tuple[str, Diagnostic]]
    ) -> dict[str, list[Diagnostic]]:
        """Return the diagnostics by field name, from pairs of a field name and a diagnostic.

        Also show in `diagnostics_box` each diagnostic whose field is not visible in the form.
        """
        by_field: dict[str, list[Diagnostic]] = {}
        without_field: list[Diagnostic] = []
        for field, diagnostic in diagnostics:
            by_field.setdefault(field, []).append(diagnostic)
            if self.form is None or not self.form.is_field_visible(field):
                without_field.append(diagnostic)
        self.diagnostics_box.show_diagnostics(without_field)
        return by_field
