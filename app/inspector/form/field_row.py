"""One field of a form: its label, its editor, the way back to the default, what is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QAbstractButton, QGridLayout, QLabel, QLineEdit, QToolButton, QWidget

from app.controls.layout.tab_order import in_tab_order
from app.inspector.editors.editor import Editor
from app.inspector.editors.factory import make
from app.inspector.editors.value_parser import how
from app.inspector.fields.context import Surroundings
from app.inspector.fields.schema_fields import Field
from app.inspector.form.diagnostics_box import Findings, plain_label
from app.theme.icons import icon
from app.theme.style import set_property
from engine.core.diagnostic import Diagnostic

LABEL = 108  # pixels for labels, so that editors stand in one line
GAP = 8
BACK = 22
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class Row(QWidget):
    """A field with its editor.

    Signals:
        edited, typed: the field's name and its new value, see `Editor`.
        settled: a row of typed values has ended.
        reset: the field's name; it shall have its default again.
        mend: a fix.
    """

    edited = Signal(str, object)
    typed = Signal(str, object)
    settled = Signal()
    reset = Signal(str)
    mend = Signal(object)

    def __init__(
        self, around: Surroundings, field: Field, parent: QWidget, editor: Editor | None = None
    ) -> None:
        super().__init__(parent)
        self._around, self.field = around, field
        self._said = ""
        self._found: tuple[Diagnostic, ...] = ()
        self._findings: Findings | None = None
        self._remark: QLabel | None = None
        self._mixed = False
        self._back: QToolButton | None = None
        self.editor: Editor = editor or make(field, around)
        self.label = plain_label(f"{field.label} *" if field.required else field.label, "field")
        self.label.setBuddy(self.editor.control)
        self.about = " ".join((f"{field.label}.", *self._said_of()))
        self.setToolTip("\n".join(self._said_of()))
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        # Spacing around an empty column is dropped, which would make editors unequally wide.
        self._grid.setHorizontalSpacing(0)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnMinimumWidth(0, LABEL + GAP)
        self._grid.setColumnStretch(1, 1)
        self._grid.setColumnMinimumWidth(2, BACK + 2)
        self._place()
        self.editor.edited.connect(self._on_edited)
        self.editor.typed.connect(self._on_typed)
        self.editor.settled.connect(self.settled)
        self.editor.refused.connect(self._on_refused)

    @property
    def refused(self) -> str:
        """Why what was typed is no value, "" if it is one."""
        return self._said

    @property
    def findings(self) -> Findings | None:
        """What is said below the editor, None if nothing ever was."""
        return self._findings

    @property
    def back(self) -> QToolButton | None:
        """The button that goes back to the default, None if it was never needed."""
        return self._back

    def show_value(self, value: Any, given: bool, mixed: bool = False) -> None:
        """Show what the document has.

        Args:
            value: the value, or the default.
            given: the document has a value.
            mixed: it stands for several nodes that differ.
        """
        self.editor.show_value(None if mixed else value, given)
        if mixed and isinstance(self.editor.control, QLineEdit):
            self.editor.control.setPlaceholderText("various")
        set_property(self.label, "unset", not given and not mixed and not self.field.required)
        self._show_back((given or mixed) and not self.field.required)
        if mixed != self._mixed:
            self._mixed = mixed
            self.remark(
                "These nodes differ here. A new value goes to all of them." if mixed else ""
            )

    def remark(self, text: str) -> None:
        """Say something below the editor, "" for nothing."""
        if self._remark is None:
            self._remark = plain_label("", "dim")
            self._grid.addWidget(self._remark, 3, 0, 1, 3)
        self._remark.setText(text)
        self._remark.setVisible(bool(text))

    def show_findings(self, found: Sequence[Diagnostic]) -> None:
        """Show what the checks found about this field."""
        if tuple(found) != self._found:
            self._found = tuple(found)
            self._tell()

    def _place(self) -> None:
        beside = self.editor.aside if self.editor.wide else self.editor
        self._grid.addWidget(self.label, 0, 0, 1, 2 if beside is None else 1)
        if beside is not None:
            self.label.setFixedWidth(LABEL)
            # A grid gives a label that wraps the height of one line if its neighbour is lower.
            self.label.setMinimumHeight(self.label.heightForWidth(LABEL))
            if isinstance(beside, QAbstractButton):
                self._grid.addWidget(beside, 0, 1, Qt.AlignmentFlag.AlignLeft)
            else:
                self._grid.addWidget(beside, 0, 1)
        if self.editor.wide:
            self._grid.addWidget(self.editor, 1, 0, 1, 3)

    def _show_back(self, needed: bool) -> None:
        if self._back is None and needed:
            self._back = QToolButton()
            self._back.setAutoRaise(True)
            self._back.setIcon(icon(self._around.theme, "undo", "dim"))
            self._back.setToolTip(f"Back to the default: {self.field.default_text}")
            self._back.setAccessibleName(f"{self.field.label} back to the default")
            self._back.setFixedSize(BACK, BACK)
            self._back.clicked.connect(self._on_back_clicked)
            self._grid.addWidget(self._back, 0, 2, _RIGHT)
            in_tab_order(self.editor.control, [self._back])
        if self._back is not None:
            self._back.setVisible(needed)

    def _tell(self) -> None:
        if self._findings is None:
            if not self._found and not self._said:
                return
            self._findings = Findings(self._around.theme)
            self._findings.mend.connect(self.mend)
            self._grid.addWidget(self._findings, 2, 0, 1, 3)
        self._findings.show_findings(() if self._said else self._found, self._said)
        in_tab_order(self._back or self.editor.control, self._findings.buttons)
        worst = any(found.is_error for found in self._found)
        self.editor.mark(bool(self._said) or worst)

    def _said_of(self) -> list[str]:
        field = self.field
        says = how(field) if field.way == "numbers" else field.says
        takes = f"Takes {says}." if says and field.way != "choice" else ""
        default = "Required." if field.required else f"Default: {field.default_text}."
        return [part for part in (field.help, takes, default) if part]

    def _on_edited(self, value: Any) -> None:
        self.edited.emit(self.field.name, value)

    def _on_typed(self, value: Any) -> None:
        self.typed.emit(self.field.name, value)

    def _on_refused(self, reason: str) -> None:
        if reason != self._said:
            self._said = reason
            self._tell()

    def _on_back_clicked(self) -> None:
        self.reset.emit(self.field.name)
