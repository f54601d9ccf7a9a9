"""Bars above the canvas: what is the matter with the file in front, and what a crash left."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QToolButton, QWidget

from app.documents.workspace import Workspace
from app.files.documents.document_manager import Files
from app.theme import icons
from app.theme.theme import SEVERITY_TOKENS, Theme
from engine.core.diagnostic import Diagnostic


@dataclass(frozen=True)
class Message:
    """What a bar says, and its buttons."""

    kind: Literal["warning", "info"]
    text: str
    actions: Sequence[tuple[str, Callable[[], object]]] = ()


class Bar(QFrame):
    """One line across the window: a sign, a sentence, buttons, and a cross that closes it."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._kind: str = "info"
        self._sign = QLabel()
        self._words = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self._words.setMinimumWidth(160)
        self.buttons: list[QPushButton] = []
        self._row = QHBoxLayout()
        self._row.setSpacing(8)
        self.cross = QToolButton(autoRaise=True)
        self.cross.setIcon(icons.icon(theme, "close", "dim"))
        self.cross.setIconSize(QSize(14, 14))
        self.cross.setAccessibleName("Close this message")
        self.cross.setToolTip("Close this message")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(14, 7, 8, 7)
        layout.setSpacing(10)
        layout.addWidget(self._sign)
        layout.addWidget(self._words, 1)
        layout.addLayout(self._row)
        layout.addWidget(self.cross)
        theme.changed.connect(self._dress)
        self.hide()

    @property
    def text(self) -> str:
        """What it says, "" while it is hidden."""
        return "" if self.isHidden() else self._words.text()

    def say(self, message: Message | None) -> None:
        """Show a message, or nothing."""
        for button in self.buttons:
            self._row.removeWidget(button)
            button.hide()
            button.deleteLater()
        self.buttons.clear()
        self.setVisible(message is not None)
        if message is None:
            return
        self._kind = message.kind
        self._words.setText(message.text)
        self.setAccessibleName(message.text)
        for label, do in message.actions:
            button = QPushButton(label)
            button.clicked.connect(do)
            self._row.addWidget(button)
            self.buttons.append(button)
        self._dress()

    def _dress(self) -> None:
        colors = self._theme.tokens
        self._sign.setPixmap(
            icons.icon_pixmap(self._theme, self._kind, SEVERITY_TOKENS[self._kind], 18)
        )
        self.setStyleSheet(
            f"Bar {{ background: {colors.raised}; border: 0;"
            f" border-bottom: 1px solid {colors.border}; }}"
        )


class FileBar(Bar):
    """Tells how the file of the session in front stands, and offers the ways out."""

    def __init__(
        self, files: Files, workspace: Workspace, theme: Theme, parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, parent)
        self.setObjectName("file-bar")
        self._files, self._workspace = files, workspace
        self._said: object = None
        self.cross.clicked.connect(self._on_crossed)
        files.ledger.changed.connect(self.refresh)
        workspace.active_changed.connect(self.refresh)
        workspace.file_changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Say what there is to say of the session in front."""
        session = self._workspace.session
        state = self._files.ledger.of(session)
        dirty = state.standing == "changed" and session.document.is_dirty
        says = (session, state, dirty, session.title)
        if says != self._said:
            self._said = says
            self.say(None if state.heeded else self._message(dirty))

    def _message(self, dirty: bool) -> Message | None:
        session = self._workspace.session
        state = self._files.ledger.of(session)
        name = session.path.name if session.path else session.title
        if state.standing == "changed":
            text = f"{name} was changed by another program."
            reload = ("Reload", self._on_reload)
            if dirty:
                return Message("warning", text, (reload, ("Keep mine", self._on_keep)))
            return Message("info", text, (reload,))
        if state.standing == "gone":
            text = f"{name} is no longer there. Save to write it again."
            return Message("warning", text, (("Save", self._on_save),))
        if state.read_only:
            text = f"{name} is read-only. Save it under another name to keep changes."
            return Message("info", text, (("Save as…", self._on_save_as),))
        return Message("info", note_of(state.notes)) if state.notes else None

    def _on_reload(self) -> None:
        self._files.reload(self._workspace.session)

    def _on_keep(self) -> None:
        self._files.ledger.keep_mine(self._workspace.session)

    def _on_save(self) -> None:
        self._files.save(self._workspace.session)

    def _on_save_as(self) -> None:
        self._files.save_as(self._workspace.session)

    def _on_crossed(self) -> None:
        self._files.ledger.heed(self._workspace.session)


def note_of(notes: Sequence[Diagnostic]) -> str:
    """Return what an older or newer version wrote into a file, as one sentence."""
    unknown = [note for note in notes if note.code == "key-unknown"]
    if not unknown:
        return f"{notes[0].message[:1].upper()}{notes[0].message[1:]}. Nothing is lost."
    first = unknown[0].found
    if len(unknown) == 1:
        what = f"{first} is not known here. Saving keeps it."
    else:
        what = f"{len(unknown)} things, first {first}, are not known here. Saving keeps them."
    return f"This file is from a newer version or another program: {what}"
