"""The theme, settings and functions that all inspector widgets use; the base class of forms."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from PySide6.QtWidgets import QWidget

from app.settings import Settings
from app.theme.theme import Theme
from engine.core.diagnostic import Diagnostic, Fix
from engine.core.schema import Schema

FieldDiagnostics = Mapping[str, Sequence[Diagnostic]]


class EditTarget(Protocol):
    """What a form edits, such as a node, the recipe, or an object in a field of another form."""

    def set(self, field: str, value: Any) -> None:
        """Set a field. All values of a field until `finish` form one undo step."""

    def reset(self, field: str) -> None:
        """Reset a field to its default."""

    def finish(self) -> None:
        """End the series of values."""


class BaseForm(QWidget):
    """Base of forms that edit the fields of a schema. A form keeps no copy of the document."""

    schema: type[Schema]

    def show_values(
        self,
        values: Mapping[str, Any],
        diagnostics: FieldDiagnostics | None = None,
        mixed_fields: frozenset[str] = frozenset(),
    ) -> None:
        """Show values and diagnostics by field.

        Args:
            values: the values set in the document. The other fields show their default.
            diagnostics: the diagnostics of each field.
            mixed_fields: the fields whose values differ between the edited nodes.
        """
        raise NotImplementedError(type(self).__name__)

    def commit(self) -> None:
        """Commit the pending input of all fields."""
        raise NotImplementedError(type(self).__name__)


@dataclass(frozen=True)
class InspectorContext:
    """Objects and functions that all widgets of the inspector use.

    Args:
        theme: colors and fonts.
        settings: persistent settings of the window.
        score_names: returns the names of the scores that early stopping can monitor.
        apply_fix: applies the fix of a diagnostic.
        show_data: shows the data table of the document.
        create_nested_form: creates a form for the fields of a schema inside another form.
    """

    theme: Theme
    settings: Settings
    score_names: Callable[[], Sequence[str]]
    apply_fix: Callable[[Fix], object]
    show_data: Callable[[], object]
    create_nested_form: Callable[[InspectorContext, EditTarget, type[Schema], QWidget], BaseForm]
