"""The QActions of the window, created from the action table and enabled by conditions."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from app.controls.dialogs.menu import Menu, plain
from app.documents.workspace import Workspace
from app.shell.actions import ACTIONS, Action, find_action
from app.shortcuts.keymap import Keymap
from app.theme.icons import icon
from app.theme.theme import Theme
from engine.graph.view import exact_frame, frames_by_node

MENUS = ("File", "Edit", "Select", "Graph", "Arrange", "View", "Data", "Train", "Runs", "Help")


class ActionManager(QObject):
    """Creates a QAction for each row of the action table and updates its state.

    Args:
        workspace: the open documents, which decide what is enabled.
        theme: colours of the icons.
        keymap: the shortcuts, which the user can change.
        handlers: function to call, by action id.
        window: widget in which shortcuts of scope "window" work.
        canvas: widget in which shortcuts of scope "canvas" work.

    Attributes:
        condition_providers: functions that return further conditions, by name; see
            `Action.needs`.
        has_selected_wires: returns whether wires are selected on the active canvas.
        check_states: for each checkable action, returns whether it is checked.
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
        self.condition_providers: list[Callable[[], Mapping[str, bool]]] = []
        self.has_selected_wires: Callable[[], bool] = lambda: False
        self.check_states: dict[str, Callable[[], bool]] = {}
        self.actions: dict[str, QAction] = {}
        self._themes = QActionGroup(self)  # exclusive
        for row in ACTIONS:
            qaction = self._create(row)
            qaction.triggered.connect(handlers[row.id])
            if row.checkable:  # Qt toggles the check mark on a click; set the true state again
                qaction.triggered.connect(self.refresh)
            (window if row.scope == "window" else canvas).addAction(qaction)
        workspace.project_changed.connect(self.refresh)
        workspace.selection_changed.connect(self.refresh)
        keymap.changed.connect(self._on_keys_changed)
        self.refresh()

    def _create(self, row: Action) -> QAction:
        qaction = self.actions[row.id] = QAction(row.text, self)
        if row.icon:
            qaction.setIcon(icon(self._theme, row.icon))
        qaction.setShortcuts([QKeySequence(keys) for keys in self.keymap.keys(row.id)])
        qaction.setCheckable(row.checkable)
        if row.id.startswith("theme-"):
            self._themes.addAction(qaction)
        if row.scope == "canvas":
            qaction.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self._set_tips(row, qaction)
        return qaction

    def _set_tips(self, row: Action, qaction: QAction) -> None:
        qaction.setToolTip(self.tooltip(row.id))
        qaction.setStatusTip(row.tip)

    def tooltip(self, id: str) -> str:
        """Return the tooltip of an action: its text, its shortcut and its explanation."""
        row = find_action(id)
        shortcut = self.actions[id].shortcut()
        keys = shortcut.toString(QKeySequence.SequenceFormat.NativeText)
        text = row.text.rstrip("…") + (f" ({keys})" if keys else "")
        return f"{text}\n{row.tip}" if row.tip else text

    def refresh(self) -> None:
        """Update enabled states, check marks, and the texts of undo and redo."""
        session = self._workspace.session
        document, count = session.document, len(session.selection)
        framed = frames_by_node(session.project) if count else {}
        conditions = {
            "": True,
            "nodes": count > 0,
            "one node": count == 1,
            "renamable": count == 1
            or bool(framed and exact_frame(session.project, session.selection)),
            "several": count > 1,
            "framed": any(name in framed for name in session.selection),
            "wires": self.has_selected_wires(),
            "nodes or wires": count > 0 or self.has_selected_wires(),
            "undo": document.undo_label is not None,
            "redo": document.redo_label is not None,
            "graph": len(session.graph) > 0,
            "idle": True,
        }
        for provider in self.condition_providers:
            conditions |= provider()
        for row in ACTIONS:
            self.actions[row.id].setEnabled(conditions.get(row.needs, False))
        for id, is_checked in self.check_states.items():
            self.actions[id].setChecked(is_checked())
        self._set_text("undo", f"Undo {document.undo_label or ''}".rstrip())
        self._set_text("redo", f"Redo {document.redo_label or ''}".rstrip())

    def _set_text(self, id: str, text: str) -> None:
        """Set the text of an action; an equal text with a mnemonic stays as it is."""
        if plain(self.actions[id].text()) != text:
            self.actions[id].setText(text)

    def fill_menu(self, menu: QMenu, group: str) -> None:
        """Add the actions of a group to a menu of the menu bar."""
        for row in ACTIONS:
            if row.group == group:
                if row.separator:
                    menu.addSeparator()
                menu.addAction(self.actions[row.id])

    def context_menu(self, what: str, parent: QWidget) -> Menu:
        """Return the context menu of a kind of item.

        Args:
            what: "node", "wire", "frame", "canvas", "run" or "column".
            parent: the Qt parent; the menu deletes itself when it closes.
        """
        self.refresh()
        menu = Menu(parent=parent)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        group = ""
        for row in ACTIONS:
            if what not in row.menus or not self.actions[row.id].isEnabled():
                continue
            if group and row.group != group:
                menu.addSeparator()
            group = row.group
            menu.addAction(self.actions[row.id])
        return menu

    def shortcuts(self, id: str) -> list[str]:
        """Return the shortcuts of an action; mouse gestures have none."""
        return (
            [key.toString() for key in self.actions[id].shortcuts()] if id in self.actions else []
        )

    def _on_keys_changed(self, id: str, keys: list[str]) -> None:
        qaction = self.actions[id]
        qaction.setShortcuts([QKeySequence(key) for key in keys])
        self._set_tips(find_action(id), qaction)
