"""A section of a form that can be collapsed. The settings store whether it is collapsed."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSizePolicy, QToolButton, QWidget

from app.controls.layout.boxes import column_layout
from app.controls.layout.tab_order import insert_in_tab_order
from app.inspector.fields.context import InspectorContext
from app.theme.icons import icon


class CollapsibleSection(QWidget):
    """A header with collapsible content below it. The content is created when first shown."""

    def __init__(
        self,
        context: InspectorContext,
        title: str,
        key: str,
        build: Callable[[QWidget], QWidget],
        opened: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._context, self._build = context, build
        self._title, self._key, self._note = title, f"inspector/{key}", ""
        self.content: QWidget | None = None
        self.header = QToolButton(objectName="inspector-fold", checkable=True)
        self.header.setMinimumWidth(60)  # a long title is elided, and must not widen the form
        self.header.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.header.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.header.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        column_layout(self.header, parent=self, spacing=4)
        self.header.setChecked(context.settings.flag(self._key, opened))
        self.header.toggled.connect(self._on_toggled)
        self._update_content()
        self._update_title()

    @property
    def is_open(self) -> bool:
        """Whether the section is expanded."""
        return self.header.isChecked()

    def set_note(self, text: str) -> None:
        """Show a note after the title, such as "2 changed"."""
        if text != self._note:
            self._note = text
            self._update_title()

    def _update_title(self) -> None:
        self.header.setText(f"{self._title}  ({self._note})" if self._note else self._title)
        self.header.setAccessibleName(self.header.text())

    def _update_content(self) -> None:
        self.header.setIcon(icon(self._context.theme, "down" if self.is_open else "right", "dim"))
        if self.is_open and self.content is None:
            self.content = self._build(self)
            layout = self.layout()
            assert layout is not None
            layout.addWidget(self.content)
            insert_in_tab_order(self.header, self.content.findChildren(QWidget))
        if self.content is not None:
            self.content.setVisible(self.is_open)

    def _on_toggled(self, opened: bool) -> None:
        self._context.settings.set_flag(self._key, opened)
        self._update_content()
