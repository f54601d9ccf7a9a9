"""A field for one number: typed as people write numbers, or stepped by arrows, keys and wheel."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from app.controls.inputs.number_list import outside, read, stepped, write
from app.controls.inputs.step_arrows import ArrowEdit
from app.theme.style import set_property

_STEPS: dict[int, tuple[bool, bool]] = {
    Qt.Key.Key_Up: (True, False),
    Qt.Key.Key_Down: (False, False),
    Qt.Key.Key_PageUp: (True, True),
    Qt.Key.Key_PageDown: (False, True),
}


class NumberEdit(ArrowEdit):
    """A number between bounds. Enter or leaving the field commits, Escape takes typing back.

    What cannot be read stays in the field, marked, until it is corrected or taken back.

    Signals:
        committed: the person chose another number (None if the field may be empty and is).
        rejected: what was typed cannot be taken, with a sentence that says why.
        restored: the person took typing back.
    """

    committed = Signal(object)
    rejected = Signal(str)
    restored = Signal()

    def __init__(
        self,
        value: float | None = None,
        whole: bool = False,
        minimum: float | None = None,
        maximum: float | None = None,
        optional: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._whole, self._optional = whole, optional
        self._minimum, self._maximum = minimum, maximum
        self._value: float | None = None
        self._problem = self._tip = ""
        self.setProperty("role", "number")
        self.setProperty("invalid", False)
        self.textEdited.connect(self._on_text_edited)
        self.editingFinished.connect(self._on_editing_finished)
        self.set_value(value)

    @property
    def value(self) -> int | float | None:
        """The number last committed or set."""
        return self._value

    @property
    def invalid(self) -> bool:
        """Whether what stands in the field was refused."""
        return bool(self._problem)

    @property
    def problem(self) -> str:
        """Why it was refused, "" if it was not."""
        return self._problem

    def set_value(self, value: float | None) -> None:
        """Show a number without telling anyone.

        The number that it has already leaves alone what is being typed, or was refused.
        """
        if value is not None:
            value = int(value) if self._whole else float(value)
        if value != self._value or not (self.hasFocus() or self._problem):
            self._show(value)

    def restore(self) -> None:
        """Take back what was typed and not committed."""
        self._show(self._value)

    def set_problem(self, problem: str) -> None:
        """Mark the field as refused and say why, or with "" as well again."""
        if problem == self._problem:
            return
        if not self._problem:
            self._tip = self.toolTip()
        self._problem = problem
        self.setToolTip(problem or self._tip)
        self.setAccessibleDescription(problem)
        set_property(self, "invalid", bool(problem))

    def step(self, up: bool, far: bool = False) -> None:
        """Go to the next number up or down and commit it."""
        if self.isReadOnly():
            return
        try:
            start: float = read(self.text(), self._whole)
        except ValueError:
            known = self._value if self._value is not None else self._minimum or 0
            start = int(known) if self._whole else float(known)
        self._commit(stepped(start, up, far, self._minimum, self._maximum))
        self.selectAll()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Step by the arrow keys, ten times as far with Shift; Escape takes typing back."""
        step = _STEPS.get(event.key())
        if step is not None:
            shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self.step(step[0], step[1] or shift)
        elif event.key() == Qt.Key.Key_Escape and self.text() != write(self._value):
            self.restore()
            self.selectAll()
            self.restored.emit()
        else:
            super().keyPressEvent(event)

    def _show(self, value: float | None) -> None:
        self._value = value
        shown = write(value)
        if self.text() != shown:
            self.setText(shown)
        self.set_problem("")

    def _on_text_edited(self) -> None:
        self.set_problem("")

    def _on_editing_finished(self) -> None:
        text = self.text().strip()
        if text == write(self._value):
            self.set_problem("")
        elif not text and self._optional:
            self._commit(None)
        else:
            self._take(text)

    def _take(self, text: str) -> None:
        try:
            number = read(text, self._whole)
        except ValueError as refusal:
            self._refuse(str(refusal))
            return
        problem = outside(number, self._minimum, self._maximum)
        if problem:
            self._refuse(problem)
        else:
            self._commit(number)

    def _refuse(self, problem: str) -> None:
        if problem != self._problem:
            self.set_problem(problem)
            self.rejected.emit(problem)

    def _commit(self, number: float | None) -> None:
        changed = number != self._value
        self._show(number)
        if changed:
            self.committed.emit(self._value)
