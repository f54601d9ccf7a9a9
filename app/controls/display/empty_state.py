"""A placeholder for an empty panel: the reason, and what to do next."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLabel, QPushButton, QSizePolicy, QWidget

from app.controls.display.labels import plain_label
from app.controls.layout.boxes import column_layout
from app.theme import icons
from app.theme.theme import Theme

_ICON = 40


class EmptyState(QWidget):
    """A placeholder that consists of an icon, a title, a text and an optional action button."""

    def __init__(
        self,
        theme: Theme,
        icon: str,
        title: str,
        text: str,
        action: QAction | None = None,
        token: str = "dim",
    ) -> None:
        super().__init__()
        self._theme, self._icon, self._action, self._token = theme, icon, action, token
        self._icon_label = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        self._title = self._make_label("heading", title)
        self._text = self._make_label("dim", text)
        labels = (self._icon_label, self._title, self._text)
        column = column_layout(None, *labels, parent=self, margins=(20, 12, 20, 12), spacing=8)
        column.setStretch(0, 2)
        if action is not None:
            column.addSpacing(8)
            column.addWidget(self._make_button(action), 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(3)
        theme.changed.connect(self._on_theme_changed)
        self._on_theme_changed()

    def set_message(self, title: str, text: str) -> None:
        self._title.setText(title)
        self._text.setText(text)

    def _make_label(self, role: str, text: str) -> QLabel:
        line = plain_label(text, role)
        line.setAlignment(Qt.AlignmentFlag.AlignCenter)
        line.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        return line

    def _make_button(self, action: QAction) -> QPushButton:
        button = QPushButton(action.icon(), action.text(), toolTip=action.toolTip())
        button.clicked.connect(action.trigger)
        return button

    def _on_theme_changed(self) -> None:
        self._icon_label.setPixmap(icons.icon_pixmap(self._theme, self._icon, self._token, _ICON))
