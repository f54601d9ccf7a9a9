"""Actions of notes: adding, editing in place, linking to nodes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QMargins, QPointF, QRect
from PySide6.QtGui import QFont, QKeyEvent, QTextCursor
from PySide6.QtWidgets import QFrame, QWidget

from app.canvas.context import CanvasContext, snap_to_grid
from app.canvas.drawing.text_fit import fonts
from app.canvas.free_space import FreeSpace
from app.canvas.items.note_item import NOTE_FONT_SIZE, NOTE_PADDING
from app.controls.inputs.multiline_edit import MultilineEdit
from app.controls.placement import moved_into
from engine.graph.edits.note_edits import add_note, remove_notes, set_note
from engine.graph.model import Project
from engine.graph.notes import MAX_NOTE_LENGTH, NOTE_WIDTH, Note, notes

_GAP = 30  # between nodes and a new note below them
_MIN_SIZE = (200, 40)  # of the editor, in pixels
_MIN_FONT_SIZE = 11


class NoteEditor(MultilineEdit):
    """The text field over a note; it keeps all keys from the actions of the canvas."""

    def is_own_key(self, event: QKeyEvent) -> bool:
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        super().keyPressEvent(event)
        event.accept()


@dataclass(frozen=True)
class _EditedNote:
    """What is edited: a note as it was, or a new one (`note` is None) with these values."""

    at: QPointF
    width: int = NOTE_WIDTH
    nodes: Sequence[str] = ()
    note: Note | None = None


class NoteActions:
    """Actions of the notes of one canvas; each is one undo step.

    A new note is added when its text is committed, so that Escape leaves nothing behind.
    """

    def __init__(self, context: CanvasContext, canvas: QWidget) -> None:
        self._context, self._canvas = context, canvas
        self._session = context.session
        self._edited: _EditedNote | None = None
        self._editor = NoteEditor(canvas)
        self._editor.setFrameShape(QFrame.Shape.NoFrame)
        self._editor.setObjectName("note-editor")
        self._editor.hide()
        self._editor.committed.connect(self._commit)
        self._editor.reverted.connect(self._close)
        self._editor.textChanged.connect(self.update_position)

    def add(self) -> None:
        """Open the editor of a new note below the selected nodes, which it is linked to.

        If no node is selected, the note is placed at the pointer, without links.
        """
        nodes = self._session.selection
        rect = self._context.scene_sync.nodes_rect(nodes)
        below = FreeSpace(self._context.scene_sync).free_note_position(
            rect.bottomLeft() + QPointF(0, _GAP)
        )
        corner = below if nodes else self._context.pointer_in_scene
        self._open(_EditedNote(QPointF(*snap_to_grid(corner)), nodes=nodes))

    def edit(self, index: int) -> None:
        """Open the editor of an existing note."""
        note = next(note for note in notes(self._session.project) if note.index == index)
        self._open(_EditedNote(QPointF(*note.at), note.width, note=note))

    def toggle_connectors(self) -> None:
        """Link the selected notes to the selected nodes; if all are linked, remove these links."""
        names, indices = self._session.selection, self._session.selected_notes
        selected = [note for note in notes(self._session.project) if note.index in indices]
        is_linked = all(set(names) <= set(note.nodes) for note in selected)

        def apply(project: Project) -> Project:
            for note in selected:
                others = [name for name in note.nodes if name not in names]
                nodes = others if is_linked else [*note.nodes, *names]
                project = set_note(project, note.index, nodes=nodes)
            return project

        self._session.edit("Unlink note" if is_linked else "Link note", apply)

    # Editing in place.

    def update_position(self) -> None:
        """Move the editor over its note; close it if the note has changed meanwhile."""
        edited = self._edited
        if edited is None:
            return
        if edited.note is not None and edited.note not in notes(self._session.project):
            self._close()
            return
        viewer, editor = self._context.viewer, self._editor
        font = QFont(fonts()["label"])
        font.setPixelSize(max(_MIN_FONT_SIZE, round(NOTE_FONT_SIZE * viewer.zoom)))
        editor.setFont(font)
        margin = NOTE_PADDING * viewer.zoom
        editor.document().setDocumentMargin(margin)
        corner = viewer.mapFromScene(edited.at)
        width = max(round(edited.width * viewer.zoom), _MIN_SIZE[0])
        editor.resize(width, editor.height())  # the lines depend on the width
        height = max(editor.fitting_height(), _MIN_SIZE[1])
        area = QRect(self._canvas.rect()).marginsRemoved(QMargins(4, 4, 4, 4))
        rect = QRect(corner.x(), corner.y(), min(width, area.width()), min(height, area.height()))
        editor.setGeometry(moved_into(rect, area))

    def _open(self, edited: _EditedNote) -> None:
        self._commit()
        self._edited = edited
        editor = self._editor
        editor.setPlainText(edited.note.text if edited.note else "")
        editor.setAccessibleName("Text of the note")
        editor.setPlaceholderText("Text of the note")
        editor.moveCursor(QTextCursor.MoveOperation.End)
        editor.show()  # a hidden field does not wrap its lines
        self.update_position()
        editor.raise_()
        editor.setFocus()

    def _commit(self) -> None:
        """Close the editor and apply its text; an empty text removes the note."""
        edited, text = self._edited, self._editor.toPlainText().strip()
        if edited is None:
            return
        self._close()
        session, note = self._session, edited.note
        if len(text) > MAX_NOTE_LENGTH:
            session.message.emit(f"A note has at most {MAX_NOTE_LENGTH:,} characters.")
            text = text[:MAX_NOTE_LENGTH]
        if note is not None and not text:
            session.edit("Delete note", remove_notes, [note.index])
        elif note is not None and text != note.text:
            session.edit("Edit note", set_note, note.index, text=text)
        elif note is None and text:
            at = (edited.at.x(), edited.at.y())
            known = {found.index for found in notes(session.project)}
            if session.edit("Add note", add_note, text, at, edited.width, edited.nodes):
                session.select({n.index for n in notes(session.project)} - known)

    def _close(self) -> None:
        self._edited = None
        # If the focus has moved to another widget, leave it there.
        has_focus = self._editor.window().focusWidget() is self._editor
        self._editor.hide()
        if has_focus:
            self._context.viewer.setFocus()
