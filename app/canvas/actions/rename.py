"""Renaming in place: a text field over the name of a node or the title of a frame."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QPoint, QRectF
from PySide6.QtWidgets import QWidget

from app.canvas.actions.edit import NEW_FRAME_KEY
from app.canvas.actions.name_field import NameField
from app.canvas.context import CanvasContext
from app.canvas.view.pointer_hint import PointerHint
from app.text.node_names import node_name_error
from app.text.phrases import to_sentence
from engine.graph.edits import node_edits
from engine.graph.edits.frame_edits import set_frame
from engine.graph.model import Project
from engine.graph.view import exact_frame, frames, frames_by_node

_FIELD_HEIGHT = 28


@dataclass(frozen=True)
class _RenameTarget:
    """The target of a rename.

    Args:
        rect: returns the scene rectangle of the node or frame.
        label: the label of the undo step.
        change: returns the project with the typed text as the new name or title. Raises
            ValueError if the text is invalid.
        merge: a key that merges the edit into the previous undo step, None for a separate step.
    """

    rect: Callable[[], QRectF]
    label: str
    change: Callable[[Project, str], Project]
    merge: str | None = None


class RenameAction:
    """Renames nodes and frames in a text field on the canvas; invalid text keeps the field open."""

    def __init__(self, context: CanvasContext, canvas: QWidget) -> None:
        self._context = context
        self._reason_hint = PointerHint(canvas)
        self._field = NameField(canvas)
        self._field.hide()
        self._target: _RenameTarget | None = None
        self._field.on_finished = self._finish
        self._field.textEdited.connect(self._on_text_edited)

    def rename_selected(self) -> None:
        """Rename the selected node, or the frame whose nodes are exactly the selection."""
        session = self._context.session
        node = session.selected_node
        if node is not None:
            self.rename_node(node.name)
        elif exact_frame(session.project, session.selection) is not None:
            self.rename_frame_of_selected()

    def rename_frame_of_selected(self) -> None:
        session = self._context.session
        frame = frames_by_node(session.project).get(next(iter(session.selection), ""))
        if frame is not None:
            self.rename_frame(frames(session.project).index(frame))

    def rename_new_frame(self) -> None:
        """Open the field for the title of the last frame, which was just added."""
        self.rename_frame(len(frames(self._context.session.project)) - 1, NEW_FRAME_KEY)

    def rename_node(self, name: str) -> None:
        """Open the field for the name of a node."""

        def change(project: Project, text: str) -> Project:
            if reason := node_name_error(project.graph, name, text):
                raise ValueError(reason)
            return node_edits.rename_node(project, name, text)

        rect = self._context.scene_sync.nodes_rect
        self._open(name, _RenameTarget(lambda: rect([name]), "Rename", change), f"Name of {name}")

    def rename_frame(self, index: int, merge: str | None = None) -> None:
        """Open the field for the title of the frame at `index` in the project's list of frames.

        `merge` is a key that merges the edit into the previous undo step, None for a new step.
        """
        frame = frames(self._context.session.project)[index]

        def change(project: Project, text: str) -> Project:
            return set_frame(project, frame.index, title=text) if text else project

        label = "Frame" if merge else "Rename frame"
        target = _RenameTarget(lambda: self._rect_of_frame(index), label, change, merge)
        self._open(frame.title, target, f"Title of the frame {frame.title}")

    def _rect_of_frame(self, index: int) -> QRectF:
        items = self._context.scene_sync.frames
        return items[index].sceneBoundingRect() if index < len(items) else QRectF()

    def update_position(self) -> None:
        """Move the field over the renamed node or frame; close the field if its target is gone."""
        if self._target is None:
            return
        rect = self._target.rect()
        if rect.isEmpty():
            self._close()
            return
        rect.setHeight(min(rect.height(), _FIELD_HEIGHT))
        field_rect = self._context.viewer.mapFromScene(rect).boundingRect()
        field_rect.setHeight(max(field_rect.height(), _FIELD_HEIGHT))
        field_rect.setWidth(max(field_rect.width(), 160))
        self._field.setGeometry(field_rect)
        self._show_reason(self._field.error)

    def _open(self, text: str, target: _RenameTarget, name: str) -> None:
        self._target = target
        self._field.setText(text)
        self._field.set_error("")
        self._field.setAccessibleName(name)
        self.update_position()
        self._field.show()
        self._field.raise_()
        self._field.setFocus()
        self._field.selectAll()

    def _on_text_edited(self, text: str) -> None:
        self._show_reason(self._problem(text.strip()))

    def _problem(self, text: str) -> str:
        """Return why a text is invalid as a name or title, "" if it is valid."""
        if self._target is None:
            return ""
        try:
            self._target.change(self._context.session.project, text)
        except ValueError as error:
            return to_sentence(str(error))
        return ""

    def _show_reason(self, reason: str) -> None:
        """Mark the text as invalid and show the reason below the field; "" marks it as valid."""
        self._field.set_error(reason)
        hint, field = self._reason_hint, self._field.geometry()
        if not reason:
            hint.hide()
            return
        hint.show_text(reason, field.bottomLeft() - QPoint(18, 14), is_rejected=True)
        if hint.geometry().intersects(field):  # no space below
            hint.move(hint.x(), field.top() - hint.height() - 4)

    def _finish(self, is_accepted: bool, must_close: bool) -> None:
        """Close the field, and apply its text if `is_accepted` and the text is valid.

        If an accepted text is invalid, the field stays open, unless `must_close` is true.
        """
        target, text = self._target, self._field.text().strip()
        if target is None:
            return
        reason = self._problem(text) if is_accepted else ""
        if reason and not must_close:
            self._show_reason(reason)
            return
        self._close()
        if reason:
            self._context.session.message.emit(f"{reason} The name was not changed.")
        elif is_accepted:
            session = self._context.session
            session.edit_merging(target.merge, target.label, target.change, text)
        if target.merge is not None:
            self._context.session.undo_history.end_merge()

    def _close(self) -> None:
        self._target = None
        # If the focus has moved to another widget, leave it there.
        has_focus = self._field.window().focusWidget() is self._field
        self._reason_hint.hide()
        self._field.hide()
        if has_focus:
            self._context.viewer.setFocus()
