"""What every part of the inspector is given, and what a form is to those that open one inside."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.settings import Settings
from app.theme.theme import Theme
from engine.core.diagnostic import Diagnostic
from engine.core.schema import Schema

Found = Mapping[str, Sequence[Diagnostic]]


class AnyForm(QWidget):
    """Edits the fields of a schema. It keeps no value: it shows what it is told.

    Signals:
        edited: a field and its new value, a step by itself.
        typed: a field and its new value, one of a row that makes one step until `settled`.
        settled: the row of typed values has ended.
        reset: a field that shall have its default again.
        mend: a fix.
    """

    edited = Signal(str, object)
    typed = Signal(str, object)
    settled = Signal()
    reset = Signal(str)
    mend = Signal(object)

    schema: type[Schema]

    def show_values(
        self,
        values: Mapping[str, Any],
        found: Found | None = None,
        mixed: frozenset[str] = frozenset(),
    ) -> None:
        """Show the given values, what was found about each, and which differ between nodes."""
        raise NotImplementedError(type(self).__name__)

    def commit(self) -> None:
        """Hand in what was typed and not taken yet."""
        raise NotImplementedError(type(self).__name__)


@dataclass(frozen=True)
class Surroundings:
    """What is around a form.

    Args:
        theme: colours.
        settings: what is remembered from one start to the next.
        scores: answers the names of the scores that a rule may watch.
        form_inside: makes a form inside a form.
    """

    theme: Theme
    settings: Settings
    scores: Callable[[], Sequence[str]]
    form_inside: Callable[[Surroundings, type[Schema], QWidget], AnyForm]
