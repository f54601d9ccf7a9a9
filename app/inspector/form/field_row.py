"""A row of a form: label, editor, reset button and diagnostics of one field."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QGridLayout, QLabel, QLineEdit, QToolButton, QWidget

from app.controls.display.labels import plain_label
from app.controls.layout.tab_order import insert_in_tab_order
from app.inspector.editors.editor import FieldEditor
from app.inspector.editors.factory import create_editor
from app.inspector.editors.value_parser import number_format_hint
from app.inspector.fields.context import EditTarget, InspectorContext
from app.inspector.fields.schema_fields import FormField
from app.inspector.form.diagnostics_box import DiagnosticsBox
from app.theme.icons import icon
from app.theme.style import set_property
from engine.core.diagnostic import Diagnostic

LABEL_WIDTH = 108  # pixels, so that all editors are aligned
LABEL_GAP = 8
RESET_BUTTON_SIZE = 22
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class FieldRow(QWidget):
    """A form row of one field of `target`."""

    def __init__(
        self,
        context: InspectorContext,
        target: EditTarget,
        field: FormField,
        parent: QWidget,
        editor: FieldEditor | None = None,
    ) -> None:
        super().__init__(parent)
        self._context, self._target, self.field = context, target, field
        self.input_error = ""  # why the typed text is invalid, "" if it is valid
        self._diagnostics: tuple[Diagnostic, ...] = ()
        self.diagnostics_box: DiagnosticsBox | None = None
        self._note: QLabel | None = None
        self._is_mixed = False
        self.reset_button: QToolButton | None = None
        self.editor: FieldEditor = editor or create_editor(field, context)
        self.label = plain_label(f"{field.label} *" if field.required else field.label, "field")
        self.label.setBuddy(self.editor.control)
        self.description = " ".join((f"{field.label}.", *self._describe()))
        self.setToolTip("\n".join(self._describe()))
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        # Qt drops the spacing of an empty column, so editors would differ in width with spacing.
        self._grid.setHorizontalSpacing(0)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnMinimumWidth(0, LABEL_WIDTH + LABEL_GAP)
        self._grid.setColumnStretch(1, 1)
        self._grid.setColumnMinimumWidth(2, RESET_BUTTON_SIZE + 2)
        self._arrange()
        self.editor.edited.connect(partial(target.set, field.name))
        self.editor.edit_finished.connect(target.finish)
        self.editor.rejected.connect(self._on_rejected)

    def show_value(self, value: Any, is_given: bool, is_mixed: bool = False) -> None:
        """Show a value, which is the default unless `is_given` is True.

        If `is_mixed` is True, the edited nodes have different values, and none of them is shown.
        """
        self.editor.show_value(None if is_mixed else value, is_given)
        if is_mixed and isinstance(self.editor.control, QLineEdit):
            self.editor.control.setPlaceholderText("various")
        set_property(self.label, "unset", not is_given and not is_mixed and not self.field.required)
        self._update_reset_button((is_given or is_mixed) and not self.field.required)
        if is_mixed != self._is_mixed:
            self._is_mixed = is_mixed
            text = "The nodes have different values. A new value applies to all."
            self.show_note(text if is_mixed else "")

    def show_note(self, text: str) -> None:
        """Show a note below the editor, "" to hide it."""
        if self._note is None:
            self._note = plain_label("", "dim")
            self._grid.addWidget(self._note, 3, 0, 1, 3)
        self._note.setText(text)
        self._note.setVisible(bool(text))

    def show_diagnostics(self, diagnostics: Sequence[Diagnostic]) -> None:
        """Show the diagnostics of this field."""
        if tuple(diagnostics) != self._diagnostics:
            self._diagnostics = tuple(diagnostics)
            self._update_diagnostics()

    def _arrange(self) -> None:
        widget = self.editor.label_side_widget if self.editor.is_wide else self.editor
        self._grid.addWidget(self.label, 0, 0, 1, 2 if widget is None else 1)
        if widget is not None:
            self.label.setFixedWidth(LABEL_WIDTH)
            # Next to a lower widget, QGridLayout gives a wrapped label only one line.
            self.label.setMinimumHeight(self.label.heightForWidth(LABEL_WIDTH))
            if isinstance(widget, QAbstractButton):
                self._grid.addWidget(widget, 0, 1, Qt.AlignmentFlag.AlignLeft)
            else:
                self._grid.addWidget(widget, 0, 1)
        if self.editor.is_wide:
            self._grid.addWidget(self.editor, 1, 0, 1, 3)

    def _update_reset_button(self, needed: bool) -> None:
        if self.reset_button is None and needed:
            self.reset_button = QToolButton(autoRaise=True)
            self.reset_button.clicked.connect(partial(self._target.reset, self.field.name))
            self.reset_button.setIcon(icon(self._context.theme, "undo", "dim"))
            self.reset_button.setToolTip(f"Reset to the default: {self.field.default_text}")
            self.reset_button.setAccessibleName(f"Reset {self.field.label} to the default")
            self.reset_button.setFixedSize(RESET_BUTTON_SIZE, RESET_BUTTON_SIZE)
            self._grid.addWidget(self.reset_button, 0, 2, _RIGHT)
            insert_in_tab_order(self.editor.control, [self.reset_button])
        if self.reset_button is not None:
            self.reset_button.setVisible(needed)

    def _update_diagnostics(self) -> None:
        if self.diagnostics_box is None:
            if not self._diagnostics and not self.input_error:
                return
            self.diagnostics_box = DiagnosticsBox(self._context.theme, self._context.apply_fix)
            self._grid.addWidget(self.diagnostics_box, 2, 0, 1, 3)
        shown = () if self.input_error else self._diagnostics
        self.diagnostics_box.show_diagnostics(shown, self.input_error)
        first = self.reset_button or self.editor.control
        insert_in_tab_order(first, self.diagnostics_box.buttons)
        has_error = any(diagnostic.is_error for diagnostic in self._diagnostics)
        self.editor.set_invalid(bool(self.input_error) or has_error)

    def _describe(self) -> list[str]:
        field = self.field
        accepts = number_format_hint(field) if field.editor == "numbers" else field.accepts
        takes = f"Accepts {accepts}." if accepts and field.editor != "choice" else ""
        default = "Required." if field.required else f"Default: {field.default_text}."
        return [sentence for sentence in (field.help, takes, default) if sentence]

    def _on_rejected(self, error: str) -> None:
        if error != self.input_error:
            self.input_error = error
            self._update_diagnostics()
