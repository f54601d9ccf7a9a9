"""The head of a node's form: its name, its kind, whether it is bypassed, whose weights it uses."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from app.controls import Note, Switch
from app.inspector.editors.choices import KindChoice
from app.inspector.editors.editor import column
from app.inspector.fields.context import Surroundings
from app.inspector.form.diagnostics_box import plain_label
from app.text.layer_search import layer_infos
from app.text.node_names import node_name_error
from app.text.phrases import plain_tooltip
from app.theme import icons
from app.theme.style import set_property
from app.theme.theme import Theme
from engine.graph.model import Graph, Node

_TILE = 36


class Tile(QWidget):
    """The picture of a layer family on its tint."""

    def __init__(self, theme: Theme, family: str, kind: str) -> None:
        super().__init__()
        self._theme, self._family = theme, family
        self._icon = kind if kind in ("Input", "Output") else family or "help"
        self.setFixedSize(QSize(_TILE, _TILE))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint a rounded square with the icon in it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.family_color(self._family))
        painter.drawRoundedRect(QRectF(self.rect()), 8, 8)
        side = 20
        at = (_TILE - side) // 2
        painter.drawPixmap(at, at, icons.icon_pixmap(self._theme, self._icon, "on_family", side))


class NameEdit(QLineEdit):
    """A node's name. Enter and leaving the field hand it in, Escape takes typing back."""

    handed_in = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._name = ""
        self.setAccessibleName("Name of the node")
        self.setToolTip("The node's name. Enter renames it.")
        self.setProperty("role", "title")
        self.editingFinished.connect(self._on_finished)

    def show_name(self, name: str) -> None:
        """Show the name that the document has."""
        if name != self._name:
            self._name = name
            self.setText(name)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take typing back at Escape."""
        if event.key() == Qt.Key.Key_Escape and self.text() != self._name:
            self.setText(self._name)
            self.textEdited.emit(self._name)
            return
        super().keyPressEvent(event)

    def _on_finished(self) -> None:
        if self.text() != self._name:
            self.handed_in.emit(self.text())


class Header(QWidget):
    """What a node is.

    Signals:
        renamed: the name it shall have.
        kind_chosen: the kind it shall be of.
        bypassed: whether it shall be off.
        owner_asked: the node whose weights it uses shall be shown.
        unshared: it shall have weights of its own.
    """

    renamed = Signal(str)
    kind_chosen = Signal(str)
    bypassed = Signal(bool)
    owner_asked = Signal(str)
    unshared = Signal()

    def __init__(self, around: Surroundings, kind: str) -> None:
        super().__init__()
        self._around = around
        about = layer_infos().get(kind)
        self._owner = ""
        self._graph = Graph()
        self._name = ""
        self._shared: QWidget | None = None
        layout = column(self, 8)
        self.name = NameEdit()
        self.kind = KindChoice(kind)
        line = QHBoxLayout()
        line.setSpacing(10)
        line.addWidget(Tile(around.theme, about.family if about else "", kind))
        line.addWidget(self.name, 1)
        layout.addLayout(line)
        self._wrong = Note(around.theme, "error")
        self._wrong.setVisible(False)
        layout.addWidget(self._wrong)
        self.bypass = Switch(around.theme, "Bypass")
        self.bypass.setAccessibleName("Bypass this node")
        self.bypass.setToolTip("Leave this node out: what comes in goes out unchanged")
        second = QHBoxLayout()
        second.addWidget(self.kind, 1)
        second.addWidget(self.bypass)
        layout.addLayout(second)
        unknown = "This version does not know the kind. What the file says of it is kept."
        layout.addWidget(plain_label(about.summary if about else unknown, "dim"))
        self._layout = layout
        self.name.handed_in.connect(self._on_name_handed_in)
        self.name.textEdited.connect(self._on_name_edited)
        self.kind.activated.connect(self._on_kind_activated)
        self.bypass.clicked.connect(self._on_bypass_clicked)

    def show_node(self, graph: Graph, node: Node) -> None:
        """Show what the document says of the node."""
        self._graph, self._name = graph, node.name
        self.name.show_name(node.name)
        self.bypass.setChecked(node.off)
        if (node.shares or "") != self._owner:
            self._owner = node.shares or ""
            self._show_shared()

    def commit(self) -> None:
        """Hand in a name that was typed."""
        self.name.editingFinished.emit()

    @property
    def problem(self) -> str:
        """Why the typed name can't be taken, "" if it can."""
        return "" if self._wrong.isHidden() else self._wrong.text

    def _say(self, text: str) -> None:
        self._wrong.show_message("error", text)
        self._wrong.setVisible(bool(text))
        set_property(self.name, "invalid", bool(text))

    def _show_shared(self) -> None:
        if self._shared is not None:
            self._shared.hide()
            self._shared.deleteLater()
            self._shared = None
        if not self._owner:
            return
        self._shared = QWidget()
        box = QVBoxLayout(self._shared)
        box.setContentsMargins(0, 0, 0, 0)
        text = f"Uses the weights of {self._owner}. What is set here is set there too."
        box.addWidget(Note(self._around.theme, "info", text))
        line = QHBoxLayout()
        there = QPushButton(icons.icon(self._around.theme, "link"), "Show node")
        own = QPushButton(icons.icon(self._around.theme, "unlink"), "Stop sharing")
        there.setToolTip(plain_tooltip(f"Select {self._owner} and bring it into sight"))
        own.setToolTip("Give this node weights of its own")
        there.clicked.connect(self._on_there_clicked)
        own.clicked.connect(self.unshared)
        for button in (there, own):
            line.addWidget(button)
        line.addStretch(1)
        box.addLayout(line)
        self._layout.addWidget(self._shared)

    def _on_name_edited(self, text: str) -> None:
        # An emptied field is about to be filled; left so, it has the old name again.
        self._say(node_name_error(self._graph, self._name, text) if text else "")

    def _on_name_handed_in(self, text: str) -> None:
        if not text.strip():
            self.name.setText(self._name)
            self._say("")
        elif reason := node_name_error(self._graph, self._name, text):
            self._say(reason)
        else:
            self.renamed.emit(text)

    def _on_kind_activated(self) -> None:
        kind = self.kind.currentData()
        if kind:
            self.kind_chosen.emit(kind)

    def _on_bypass_clicked(self) -> None:
        self.bypassed.emit(self.bypass.isChecked())

    def _on_there_clicked(self) -> None:
        self.owner_asked.emit(self._owner)
