"""Renaming in place: a field over a node's name or a frame's title."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QPoint, QRectF
from PySide6.QtWidgets import QWidget

from app.canvas.actions.edit import NEW
from app.canvas.actions.name_field import NameField
from app.canvas.gestures.context import Stage
from app.canvas.view.hint import PointerHint
from app.text.node_names import unfit
from app.text.phrases import sentence
from engine.graph.edits import node_edits
from engine.graph.edits.frame_edits import set_frame
from engine.graph.model import Project
from engine.graph.view import frame_around, frame_of, frames

_TITLE_HEIGHT = 28


@dataclass(frozen=True)
class _Renamed:
    """What is renamed.

    Args:
        rect: answers where it is drawn, in the scene.
        label: of the step.
        change: the edit, with what was typed; raises ValueError with the reason why not.
        merge: what makes it one step with the one before, None for a step of its own.
    """

    rect: Callable[[], QRectF]
    label: str
    change: Callable[[Project, str], Project]
    merge: str | None = None


class Renaming:
    """Shows at most one field, over what is renamed; it stays while its text can't be taken."""

    def __init__(self, stage: Stage, canvas: QWidget) -> None:
        self._stage = stage
        self._reason = PointerHint(canvas)
        self._field = NameField(canvas)
        self._field.hide()
        self._renamed: _Renamed | None = None
        self._field.left = self._end
        self._field.textEdited.connect(self._on_typed)

    def rename_selected(self) -> None:
        """Rename the selected node, or the frame whose nodes are all that is selected."""
        session = self._stage.session
        node = session.selected_node
        if node is not None:
            self.rename_node(node.name)
        elif frame_around(session.project, session.selection) is not None:
            self.rename_frame_of_selected()

    def rename_frame_of_selected(self) -> None:
        """Rename the frame that the first selected node is in."""
        session = self._stage.session
        frame = frame_of(session.project).get(next(iter(session.selection), ""))
        if frame is not None:
            self.rename_frame(frames(session.project).index(frame))

    def title_new_frame(self) -> None:
        """Let a person type a title for the frame that was just drawn, the last one."""
        self.rename_frame(len(frames(self._stage.session.project)) - 1, NEW)

    def rename_node(self, name: str) -> None:
        """Let a person type another name for a node."""

        def change(project: Project, text: str) -> Project:
            if reason := unfit(project.graph, name, text):
                raise ValueError(reason)
            return node_edits.rename_node(project, name, text)

        rect = self._stage.picture.rect_of
        self._begin(name, _Renamed(lambda: rect([name]), "Rename", change), f"Name of {name}")

    def rename_frame(self, number: int, merge: str | None = None) -> None:
        """Let a person type another title for a frame."""
        frame = frames(self._stage.session.project)[number]

        def change(project: Project, text: str) -> Project:
            return set_frame(project, frame.at, title=text) if text else project

        label = "Frame" if merge else "Rename frame"
        renamed = _Renamed(lambda: self._rect_of_frame(number), label, change, merge)
        self._begin(frame.title, renamed, f"Title of the frame {frame.title}")

    def _rect_of_frame(self, number: int) -> QRectF:
        drawn = self._stage.picture.frames
        return drawn[number].sceneBoundingRect() if number < len(drawn) else QRectF()

    def follow(self) -> None:
        """Stay over what is renamed while the view moves, and end when that is gone."""
        if self._renamed is None:
            return
        rect = self._renamed.rect()
        if rect.isEmpty():
            self._close()
            return
        rect.setHeight(min(rect.height(), _TITLE_HEIGHT))
        shown = self._stage.viewer.mapFromScene(rect).boundingRect()
        shown.setHeight(max(shown.height(), _TITLE_HEIGHT))
        shown.setWidth(max(shown.width(), 160))
        self._field.setGeometry(shown)
        self._say(self._field.problem)

    def _begin(self, text: str, renamed: _Renamed, name: str) -> None:
        self._renamed = renamed
        self._field.setText(text)
        self._field.set_problem("")
        self._field.setAccessibleName(name)
        self.follow()
        self._field.show()
        self._field.raise_()
        self._field.setFocus()
        self._field.selectAll()

    def _on_typed(self, text: str) -> None:
        self._say(self._why_not(text.strip()))

    def _why_not(self, text: str) -> str:
        """Return why a text can't be taken, "" if it can."""
        if self._renamed is None:
            return ""
        try:
            self._renamed.change(self._stage.session.project, text)
        except ValueError as refusal:
            return sentence(str(refusal))
        return ""

    def _say(self, reason: str) -> None:
        """Mark the field, and say below it why its text can't be taken."""
        self._field.set_problem(reason)
        if not reason:
            self._reason.hush()
            return
        field = self._field.geometry()
        self._reason.say(reason, field.bottomLeft() - QPoint(18, 14), refused=True)
        if self._reason.geometry().intersects(field):  # there is no room below
            self._reason.move(self._reason.x(), field.top() - self._reason.height() - 4)

    def _end(self, keep: bool, for_good: bool) -> None:
        """Take what was typed, or not.

        Args:
            keep: the person wants it to be taken.
            for_good: the field goes, whatever becomes of the text.
        """
        renamed, text = self._renamed, self._field.text().strip()
        if renamed is None:
            return
        reason = self._why_not(text) if keep else ""
        if reason and not for_good:
            self._say(reason)
            return
        self._close()
        if reason:
            self._stage.session.told.emit(f"{reason} The name stays as it was.")
        elif keep:
            session = self._stage.session
            session.edit_merging(renamed.merge, renamed.label, renamed.change, text)
        if renamed.merge is not None:
            self._stage.session.document.settle()

    def _close(self) -> None:
        self._renamed = None
        # A person who went to another field has the keyboard there already.
        holding = self._field.window().focusWidget() is self._field
        self._reason.hush()
        self._field.hide()
        if holding:
            self._stage.viewer.setFocus()
