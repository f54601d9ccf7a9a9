"""The header of a node form: name, layer type, bypass switch, and a note on shared weights."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QLineEdit, QPushButton, QWidget

from app.controls import InlineMessage, Switch
from app.controls.display.labels import plain_label
from app.controls.layout.boxes import column_layout, row_layout
from app.inspector.editors.choices import LayerTypeChoice
from app.inspector.fields.context import InspectorContext
from app.text.layer_search import layer_infos
from app.text.node_names import node_name_error
from app.text.phrases import plain_tooltip
from app.theme import icons
from app.theme.style import set_property
from app.theme.theme import Theme
from engine.graph.model import Graph, Node

_TILE = 36


class FamilyTile(QWidget):
    """A square in the color of a layer family, with the icon of a layer type."""

    def __init__(self, theme: Theme, family: str, kind: str) -> None:
        super().__init__()
        self._theme, self._family = theme, family
        self._icon = kind if kind in ("Input", "Output") else family or "help"
        self.setFixedSize(QSize(_TILE, _TILE))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.family_color(self._family))
        painter.drawRoundedRect(QRectF(self.rect()), 8, 8)
        icon_size = 20
        offset = (_TILE - icon_size) // 2
        pixmap = icons.icon_pixmap(self._theme, self._icon, "on_family", icon_size)
        painter.drawPixmap(offset, offset, pixmap)


class NodeNameEdit(QLineEdit):
    """A field for the name of a node. Enter commits the name, Escape discards it."""

    name_committed = Signal(str)

    def __init__(self) -> None:
        super().__init__(accessibleName="Name of the node")
        self._name = ""
        self.setToolTip("The node's name. Enter renames it.")
        self.setProperty("role", "title")
        self.editingFinished.connect(self._on_finished)

    def show_name(self, name: str) -> None:
        """Show the name that the node has in the document."""
        if name != self._name:
            self._name = name
            self.setText(name)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.text() != self._name:
            self.setText(self._name)
            self.textEdited.emit(self._name)
            return
        super().keyPressEvent(event)

    def _on_finished(self) -> None:
        if self.text() != self._name:
            self.name_committed.emit(self.text())


class NodeHeader(QWidget):
    """The header of a node form.

    For a node with shared weights, `owner_button` is for the node that owns them, and
    `unshare_button` for separate weights.

    Signals:
        rename_requested: the new name of the node.
    """

    rename_requested = Signal(str)

    def __init__(self, context: InspectorContext, kind: str) -> None:
        super().__init__()
        info = layer_infos().get(kind)
        self._graph = Graph()
        self._name = ""
        self.name = NodeNameEdit()
        self.kind = LayerTypeChoice(kind)
        tile = FamilyTile(context.theme, info.family if info else "", kind)
        line = row_layout(tile, self.name, spacing=10, stretch=self.name)
        self.name_note = InlineMessage(context.theme, "error")
        self.name_note.setVisible(False)
        self.bypass = Switch(context.theme, "Bypass")
        self.bypass.setAccessibleName("Bypass this node")
        self.bypass.setToolTip("Skip this node: its input is passed on unchanged")
        kind_line = row_layout(self.kind, self.bypass, stretch=self.kind)
        unknown = "Unknown layer type in this version. Its settings are kept."
        about = plain_label(info.summary if info else unknown, "dim")
        self.owner_button = QPushButton(icons.icon(context.theme, "link"), "Show node")
        self.unshare_button = QPushButton(icons.icon(context.theme, "unlink"), "Stop sharing")
        self.unshare_button.setToolTip("Give this node its own weights")
        self._shared_note, self._shared_box = InlineMessage(context.theme), QWidget()
        buttons = row_layout(self.owner_button, self.unshare_button, None)
        column_layout(self._shared_note, buttons, parent=self._shared_box)
        items = (line, self.name_note, kind_line, about, self._shared_box)
        column_layout(*items, parent=self, spacing=8)
        self.name.name_committed.connect(self._on_name_committed)
        self.name.textEdited.connect(self._on_name_edited)

    def show_node(self, graph: Graph, node: Node) -> None:
        """Show name, bypass and shared weights of a node."""
        self._graph, self._name = graph, node.name
        self.name.show_name(node.name)
        self.bypass.setChecked(node.off)
        self._shared_box.setVisible(bool(node.shares))
        if owner := node.shares:
            text = f"Uses the weights of {owner}. Changes here also apply to {owner}."
            self._shared_note.show_message("info", text)
            self.owner_button.setToolTip(plain_tooltip(f"Select {owner} and scroll to it"))

    def commit(self) -> None:
        self.name.editingFinished.emit()

    def _show_error(self, text: str) -> None:
        self.name_note.show_message("error", text)
        self.name_note.setVisible(bool(text))
        set_property(self.name, "invalid", bool(text))

    def _on_name_edited(self, text: str) -> None:
        # An empty field is no error while typing; a commit restores the previous name.
        self._show_error(node_name_error(self._graph, self._name, text) if text else "")

    def _on_name_committed(self, text: str) -> None:
        if not text.strip():
            self.name.setText(self._name)
            self._show_error("")
        elif error := node_name_error(self._graph, self._name, text):
            self._show_error(error)
        else:
            self.rename_requested.emit(text)
