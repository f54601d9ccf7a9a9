"""The file bar above the canvas: the state of the file of the active document."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QToolButton

from app.controls.display.labels import plain_label
from app.controls.layout.boxes import clear_layout, row_layout
from app.documents.workspace import Workspace
from app.files.documents.document_manager import DocumentManager
from app.theme import icons
from app.theme.theme import SEVERITY_TOKENS, Theme
from engine.core.diagnostic import Diagnostic


@dataclass(frozen=True)
class BarMessage:
    """The content of the file bar: severity, text and buttons."""

    severity: Literal["warning", "info"]
    text: str
    actions: Sequence[tuple[str, Callable[[], object]]] = ()


class FileBar(QFrame):
    """A bar that shows the file state of the active session, with buttons such as "Reload"."""

    def __init__(self, files: DocumentManager, workspace: Workspace, theme: Theme) -> None:
        super().__init__()
        self.setProperty("role", "bar")
        self._files, self._workspace, self._theme = files, workspace, theme
        self._content: object = None
        self._severity = "info"
        self._icon = QLabel()
        self._label = plain_label()
        self._label.setMinimumWidth(160)
        self.buttons: list[QPushButton] = []
        self._button_row = row_layout(spacing=8)
        self.close_button = QToolButton(autoRaise=True, icon=icons.icon(theme, "close", "dim"))
        self.close_button.setIconSize(QSize(14, 14))
        self.close_button.setAccessibleName("Close this message")
        self.close_button.setToolTip("Close this message")
        self.close_button.clicked.connect(self._on_close_pressed)
        items = (self._icon, self._label, self._button_row, self.close_button)
        row_layout(*items, parent=self, margins=(14, 7, 8, 7), spacing=10, stretch=self._label)
        theme.changed.connect(self._update_icon)
        files.file_watcher.changed.connect(self.refresh)
        workspace.active_changed.connect(self.refresh)
        workspace.file_changed.connect(self.refresh)
        self.refresh()

    @property
    def text(self) -> str:
        """The visible text, "" while the bar is hidden."""
        return "" if self.isHidden() else self._label.text()

    def refresh(self) -> None:
        """Show the message about the active document's file; hide the bar if there is none."""
        session = self._workspace.session
        state = self._files.file_watcher.state(session)
        is_dirty = state.disk_status == "changed" and session.undo_history.is_dirty
        content = (session, state, is_dirty, session.title)
        if content != self._content:
            self._content = content
            self._show_message(None if state.is_dismissed else self._message(is_dirty))

    def _show_message(self, message: BarMessage | None) -> None:
        """Show a message; None hides the bar."""
        clear_layout(self._button_row)
        self.buttons.clear()
        self.setVisible(message is not None)
        if message is None:
            return
        self._severity = message.severity
        self._label.setText(message.text)
        self.setAccessibleName(message.text)
        for label, callback in message.actions:
            button = QPushButton(label)
            button.clicked.connect(callback)
            self._button_row.addWidget(button)
            self.buttons.append(button)
        self._update_icon()

    def _update_icon(self) -> None:
        token = SEVERITY_TOKENS[self._severity]
        self._icon.setPixmap(icons.icon_pixmap(self._theme, self._severity, token, 18))

    def _message(self, is_dirty: bool) -> BarMessage | None:
        session, files = self._workspace.session, self._files
        state = files.file_watcher.state(session)
        name = session.path.name if session.path else session.title
        if state.disk_status == "changed":
            text = f"{name} was changed by another program."
            reload = ("Reload", lambda: files.reload(session))
            if is_dirty:
                keep = ("Keep mine", lambda: files.file_watcher.ignore_disk_change(session))
                return BarMessage("warning", text, (reload, keep))
            return BarMessage("info", text, (reload,))
        if state.disk_status == "gone":
            text = f"{name} no longer exists. Save to write it again."
            return BarMessage("warning", text, (("Save", lambda: files.saver.save(session)),))
        if state.is_read_only:
            text = f"{name} is read-only. Save it under another name to keep changes."
            return BarMessage("info", text, (("Save as…", lambda: files.saver.save_as(session)),))
        return BarMessage("info", notes_text(state.notes)) if state.notes else None

    def _on_close_pressed(self) -> None:
        self._files.file_watcher.dismiss(self._workspace.session)


def notes_text(notes: Sequence[Diagnostic]) -> str:
    """Return a message from the notes of a loaded file: unknown entries, or an older format."""
    unknown = [note for note in notes if note.code == "key-unknown"]
    if not unknown:
        return f"{notes[0].message[:1].upper()}{notes[0].message[1:]}. Nothing is lost."
    first = unknown[0].found
    if len(unknown) == 1:
        text = f"{first} is unknown. Saving keeps it."
    else:
        text = f"{len(unknown)} unknown entries, first {first}. Saving keeps them."
    return f"This file is from a newer version or another program: {text}"
