"""Renaming in place: a field over a node's name or a frame's title."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QRectF, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from app.canvas.stage import Stage
from engine.graph import edits
from engine.graph.frames import set_frame
from engine.graph.view import frames

_TITLE_HEIGHT = 28


class Renaming:
    """Shows at most one field, over what is renamed."""

    def __init__(self, stage: Stage, canvas: QWidget) -> None:
        self._stage = stage
        self._field = _Field(canvas)
        self._field.hide()
        self._rect: Callable[[], QRectF] | None = None
        self._commit: Callable[[str], bool] | None = None
        self._field.left = self._end

    def rename_selected(self) -> None:
        """Rename the selected node."""
        node = self._stage.session.selected_node
        if node is not None:
            self.rename_node(node.name)

    def rename_node(self, name: str) -> None:
        """Let a person type another name for a node."""
        self._begin(
            name,
            lambda: self._stage.picture.rect_of([name]),
            lambda text: self._stage.session.edit("Rename", edits.rename_node, name, text),
            f"Name of {name}",
        )

    def rename_frame(self, number: int) -> None:
        """Let a person type another title for a frame."""
        frame = frames(self._stage.session.project)[number]
        self._begin(
            frame.title,
            lambda: self._rect_of_frame(number),
            lambda text: self._stage.session.edit("Rename frame", set_frame, frame.at, title=text),
            f"Title of the frame {frame.title}",
        )

    def _rect_of_frame(self, number: int) -> QRectF:
        drawn = self._stage.picture.frames
        return drawn[number].sceneBoundingRect() if number < len(drawn) else QRectF()

    def follow(self) -> None:
        """Stay over what is renamed while the view moves, and end when that is gone."""
        if self._rect is not None:
            rect = self._rect()
            if rect.isEmpty():
                self._end(False)
                return
            rect.setHeight(min(rect.height(), _TITLE_HEIGHT))
            shown = self._stage.viewer.mapFromScene(rect).boundingRect()
            shown.setHeight(max(shown.height(), _TITLE_HEIGHT))
            shown.setWidth(max(shown.width(), 160))
            self._field.setGeometry(shown)

    def _begin(
        self, text: str, rect: Callable[[], QRectF], commit: Callable[[str], bool], name: str
    ) -> None:
        self._rect, self._commit = rect, commit
        self._field.setText(text)
        self._field.setAccessibleName(name)
        self.follow()
        self._field.show()
        self._field.raise_()
        self._field.setFocus()
        self._field.selectAll()

    def _end(self, keep: bool) -> None:
        commit, self._rect, self._commit = self._commit, None, None
        if commit is None:
            return
        # A person who went to another field has the keyboard there already.
        holding = self._field.window().focusWidget() is self._field
        self._field.hide()
        text = self._field.text().strip()
        if keep and text:
            commit(text)
        if holding:
            self._stage.viewer.setFocus()


class _Field(QLineEdit):
    """Tells once whether the text shall be kept: by Enter or leaving, but not by Escape."""

    left: Callable[[bool], None]

    def event(self, event: QEvent) -> bool:
        """Keep every key from the actions of the canvas that it lies on."""
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """End at Enter and at Escape."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.left(True)
        elif event.key() == Qt.Key.Key_Escape:
            self.left(False)
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Keep what was typed when the person goes elsewhere."""
        super().focusOutEvent(event)
        self.left(True)
