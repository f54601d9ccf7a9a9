"""Columns of the data dragged over the canvas: which nodes they fit, and what a drop would do."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QPoint, Qt

from app.canvas.gestures.context import Stage, snapped
from app.canvas.items.node_item import NodeItem
from app.documents import column_mapping

_ALT = Qt.KeyboardModifier.AltModifier
_CTRL = Qt.KeyboardModifier.ControlModifier
_ANYWAY = "Hold Ctrl to feed it anyway."


class Dropping:
    """Follows columns that are dragged, and takes them where they are dropped.

    Args:
        stage: the canvas.
        show: brings new nodes into sight.
    """

    def __init__(self, stage: Stage, show: Callable[[Sequence[str]], object]) -> None:
        self._stage, self._show = stage, show
        self._columns: tuple[str, ...] = ()
        self._reasons: dict[str, str] = {}
        self._target: NodeItem | None = None

    @property
    def active(self) -> bool:
        """Whether columns are dragged over the canvas."""
        return bool(self._columns)

    def drag(self, columns: Sequence[str], at: QPoint, modifiers: Qt.KeyboardModifier) -> None:
        """Light up what fits, and say beside the pointer what a drop would do here."""
        if tuple(columns) != self._columns:
            self._begin(tuple(columns))
        target = self._stage.node_at(at)
        if target is not self._target:
            self._mark(False)
            self._target = target
            self._mark(True)
        text, refused = self._in_words(modifiers)
        self._stage.hint.say(text, at, refused)

    def leave(self) -> None:
        """Put the lights out."""
        self._mark(False)
        self._columns, self._target, self._reasons = (), None, {}
        self._stage.hint.hush()
        for item in self._stage.picture.nodes.values():
            item.light = ""

    def drop(self, columns: Sequence[str], at: QPoint, modifiers: Qt.KeyboardModifier) -> None:
        """Let the columns feed the node, or draw one for them, as one step."""
        self.drag(columns, at, modifiers)
        target = self._target
        name = "" if target is None else str(target.id)
        reason = self._reasons.get(name, "")
        self.leave()
        session = self._stage.session
        if target is None:
            kind = "Output" if modifiers & _ALT else "Input"
            self.draw(columns, kind, snapped(self._stage.scene_at(at)))
        elif reason and not (modifiers & _CTRL and self._takes(name)):
            session.told.emit(reason)
        elif column_mapping.feed(session, columns, name):
            session.select([name])

    def draw(self, columns: Sequence[str], kind: str, at: Sequence[float]) -> None:
        """Draw an Input or Output for columns."""
        session = self._stage.session
        if column_mapping.draw(session, columns, kind, at):
            new = [session.graph.nodes[-1].name]
            session.select(new)
            self._show(new)

    def _begin(self, columns: tuple[str, ...]) -> None:
        session = self._stage.session
        self._columns = columns
        self._reasons = {
            name: column_mapping.why_not(session, columns, name)
            for name in self._stage.picture.nodes
        }
        for name, item in self._stage.picture.nodes.items():
            item.light = "dim" if self._reasons[name] else ""

    def _mark(self, on: bool) -> None:
        if self._target is not None:
            fits = not self._reasons.get(str(self._target.id), "")
            self._target.drop_target = on and fits

    def _takes(self, name: str) -> bool:
        node = self._stage.session.graph.by_name.get(name)
        return node is not None and column_mapping.side_of(node) is not None

    def _in_words(self, modifiers: Qt.KeyboardModifier) -> tuple[str, bool]:
        """Return what a drop would do here, and whether it would be refused."""
        what = column_mapping.in_words(self._columns)
        if self._target is None:
            if modifiers & _ALT:
                return f"A new Output that predicts {what}", False
            return f"A new Input for {what}. Hold Alt for an Output.", False
        name = str(self._target.id)
        reason = self._reasons.get(name, "")
        if not reason:
            return f"Feed {what} to {name}", False
        return (f"{reason}\n{_ANYWAY}" if self._takes(name) else reason), True
