"""Qt's actions, made from the table, greyed out where they can't work."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from app.controls.dialogs.menu import Menu, plain
from app.documents.workspace import Workspace
from app.shell.actions import ACTIONS, Action, action
from app.shortcuts.keymap import Keymap
from app.theme.icons import icon
from app.theme.theme import Theme
from engine.graph.view import frame_around, frame_of

MENUS = ("File", "Edit", "Select", "Graph", "Arrange", "View", "Data", "Train", "Runs", "Help")


class Commands(QObject):
    """One QAction a row.

    Args:
        workspace: tells what there is to act on.
        theme: colours of the icons.
        keymap: the keys, as the person may have changed them.
        handlers: by id, what an action does.
        window: where the keys of the window work.
        canvas: the widget within which the keys of the canvas work.
    """

    def __init__(
        self,
        workspace: Workspace,
        theme: Theme,
        keymap: Keymap,
        handlers: Mapping[str, Callable[[], object]],
        window: QWidget,
        canvas: QWidget,
    ) -> None:
        super().__init__(window)
        self._workspace = workspace
        self._theme = theme
        self.keymap = keymap
        self.more: list[Callable[[], Mapping[str, bool]]] = []  # what there is besides documents
        self.wires_selected: Callable[[], bool] = lambda: False
        self.marks: dict[str, Callable[[], bool]] = {}  # by action with a check mark
        self.actions: dict[str, QAction] = {}
        self._themes = QActionGroup(self)  # one of which holds
        for row in ACTIONS:
            qaction = self._made(row)
            qaction.triggered.connect(handlers[row.id])
            if row.marked:  # Qt marks it at a click, whatever comes of that
                qaction.triggered.connect(self.refresh)
            (window if row.where == "window" else canvas).addAction(qaction)
        workspace.project_changed.connect(self.refresh)
        workspace.selection_changed.connect(self.refresh)
        keymap.changed.connect(self._on_keys_changed)
        self.refresh()

    def _made(self, row: Action) -> QAction:
        qaction = self.actions[row.id] = QAction(row.text, self)
        if row.icon:
            qaction.setIcon(icon(self._theme, row.icon))
        qaction.setShortcuts([QKeySequence(keys) for keys in self.keymap.keys(row.id)])
        qaction.setCheckable(row.marked)
        if row.id.startswith("theme-"):
            self._themes.addAction(qaction)
        if row.where == "canvas":
            qaction.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self._explain(row, qaction)
        return qaction

    def _explain(self, row: Action, qaction: QAction) -> None:
        qaction.setToolTip(self.tip(row.id))
        qaction.setStatusTip(row.tip)

    def tip(self, id: str) -> str:
        """Return what is said of an action on hover: its name, its keys, what it is good for."""
        row = action(id)
        shortcut = self.actions[id].shortcut()
        keys = shortcut.toString(QKeySequence.SequenceFormat.NativeText)
        text = row.text.rstrip("…") + (f" ({keys})" if keys else "")
        return f"{text}\n{row.tip}" if row.tip else text

    def refresh(self) -> None:
        """Grey out what there is nothing for, and call undo and redo by what they take back."""
        session = self._workspace.session
        document, count = session.document, len(session.selection)
        framed = frame_of(session.project) if count else {}
        there = {
            "": True,
            "nodes": count > 0,
            "node": count == 1,
            "named": count == 1
            or bool(framed and frame_around(session.project, session.selection)),
            "several": count > 1,
            "framed": any(name in framed for name in session.selection),
            "wires": self.wires_selected(),
            "chosen": count > 0 or self.wires_selected(),
            "undo": document.undo_label is not None,
            "redo": document.redo_label is not None,
            "graph": len(session.graph) > 0,
            "idle": True,
        }
        for tell in self.more:
            there |= tell()
        for row in ACTIONS:
            self.actions[row.id].setEnabled(there.get(row.needs, False))
        for id, holds in self.marks.items():
            self.actions[id].setChecked(holds())
        self._call("undo", f"Undo {document.undo_label or ''}".rstrip())
        self._call("redo", f"Redo {document.redo_label or ''}".rstrip())

    def _call(self, id: str, text: str) -> None:
        """Call an action something else; its underlined letter stays if it is called so already."""
        if plain(self.actions[id].text()) != text:
            self.actions[id].setText(text)

    def fill(self, menu: QMenu, group: str) -> None:
        """Put the actions of a group into a menu of the window."""
        for row in ACTIONS:
            if row.group == group:
                if row.apart:
                    menu.addSeparator()
                menu.addAction(self.actions[row.id])

    def context_menu(self, what: str, parent: QWidget) -> Menu:
        """Return a menu for a "node", a "wire", a "frame", the "canvas", a "run" or a "column"."""
        self.refresh()
        menu = Menu(parent=parent)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        group = ""
        for row in ACTIONS:
            if what not in row.on or not self.actions[row.id].isEnabled():
                continue
            if group and row.group != group:
                menu.addSeparator()
            group = row.group
            menu.addAction(self.actions[row.id])
        return menu

    def keys(self, id: str) -> list[str]:
        """Return the keys of an action; what only the mouse does has none."""
        return (
            [key.toString() for key in self.actions[id].shortcuts()] if id in self.actions else []
        )

    def _on_keys_changed(self, id: str, keys: list[str]) -> None:
        qaction = self.actions[id]
        qaction.setShortcuts([QKeySequence(key) for key in keys])
        self._explain(action(id), qaction)
