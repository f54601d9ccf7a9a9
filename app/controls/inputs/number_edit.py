"""An input field for a number, to type or to step with arrow buttons, keys or the wheel."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent

from app.controls.inputs.arrow_edit import ArrowEdit
from app.controls.inputs.focus import TEMPORARY_REASONS
from app.controls.inputs.number_text import format_number, next_number, parse_number, range_error
from app.theme.style import set_property

_STEPS: dict[int, tuple[bool, bool]] = {
    Qt.Key.Key_Up: (True, False),
    Qt.Key.Key_Down: (False, False),
    Qt.Key.Key_PageUp: (True, True),
    Qt.Key.Key_PageDown: (False, True),
}


class NumberEdit(ArrowEdit):
    """A number field with bounds. Enter or losing the focus commits, Escape reverts.

    Invalid text stays in the field, highlighted, until the user corrects or reverts it. With
    `needs_enter`, only Enter commits: arrows step the text, and losing the focus reverts it.

    Signals:
        committed: the number has changed; sends None for an empty optional field.
        rejected: the typed text is invalid; sends the reason.
        reverted: the user has reverted the typed text.
    """

    committed = Signal(object)  # float | None
    rejected = Signal(str)
    reverted = Signal()

    def __init__(
        self,
        value: float | None = None,
        integer: bool = False,
        minimum: float | None = None,
        maximum: float | None = None,
        optional: bool = False,
        needs_enter: bool = False,
    ) -> None:
        super().__init__()
        self._integer, self._optional, self._needs_enter = integer, optional, needs_enter
        self._minimum, self._maximum = minimum, maximum
        self._value: float | None = None
        self._problem = self._tooltip = ""
        self.setProperty("role", "number")
        self.setProperty("invalid", False)
        self.textEdited.connect(self._on_text_edited)
        committing = self.returnPressed if needs_enter else self.editingFinished
        committing.connect(self._on_editing_finished)
        self.set_value(value)

    @property
    def value(self) -> int | float | None:
        """The number that was last committed or set, None for an empty field."""
        return self._value

    @property
    def is_invalid(self) -> bool:
        return bool(self._problem)

    @property
    def problem(self) -> str:
        """The reason why the text is invalid, "" if it is valid."""
        return self._problem

    def set_value(self, value: float | None) -> None:
        """Set the number without emitting a signal.

        If the number does not change, text that is being typed or is invalid is kept.
        """
        if value is not None:
            value = int(value) if self._integer else float(value)
        if value != self._value or not (self.hasFocus() or self._problem):
            self._show(value)

    def revert(self) -> None:
        self._show(self._value)

    def set_problem(self, problem: str) -> None:
        """Mark the text as invalid and show the reason as tooltip; "" marks it as valid."""
        if problem == self._problem:
            return
        if not self._problem:
            self._tooltip = self.toolTip()
        self._problem = problem
        self.setToolTip(problem or self._tooltip)
        self.setAccessibleDescription(problem)
        set_property(self, "invalid", bool(problem))

    def step(self, up: bool, large: bool = False) -> None:
        """Step the number up or down. A `large` step is ten times as big.

        The new number is committed, or if the field needs Enter, only shown.
        """
        if self.isReadOnly():
            return
        try:
            start: float = parse_number(self.text(), self._integer)
        except ValueError:
            current = self._value if self._value is not None else self._minimum or 0
            start = int(current) if self._integer else float(current)
        number = next_number(start, up, large, self._minimum, self._maximum)
        if self._needs_enter:
            self.setText(format_number(number))
            self.set_problem("")
        else:
            self._commit(number)
        self.selectAll()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Step on arrow keys, or make a large step with Shift; revert on Escape."""
        step = _STEPS.get(event.key())
        if step is not None:
            shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self.step(step[0], step[1] or shift)
        elif event.key() == Qt.Key.Key_Escape and self.text() != format_number(self._value):
            self.revert()
            self.selectAll()
            self.reverted.emit()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Revert text that was not committed, if the field needs Enter."""
        super().focusOutEvent(event)
        if self._needs_enter and event.reason() not in TEMPORARY_REASONS:
            self.revert()

    def _show(self, value: float | None) -> None:
        self._value = value
        text = format_number(value)
        if self.text() != text:
            self.setText(text)
        self.set_problem("")

    def _on_text_edited(self) -> None:
        self.set_problem("")

    def _on_editing_finished(self) -> None:
        text = self.text().strip()
        if text == format_number(self._value):
            self.set_problem("")
        elif not text and self._optional:
            self._commit(None)
        else:
            self._parse_and_commit(text)

    def _parse_and_commit(self, text: str) -> None:
        try:
            number = parse_number(text, self._integer)
        except ValueError as error:
            self._reject(str(error))
            return
        problem = range_error(number, self._minimum, self._maximum)
        if problem:
            self._reject(problem)
        else:
            self._commit(number)

    def _reject(self, problem: str) -> None:
        if problem != self._problem:
            self.set_problem(problem)
            self.rejected.emit(problem)

    def _commit(self, number: float | None) -> None:
        changed = number != self._value
        self._show(number)
        if changed:
            self.committed.emit(self._value)
