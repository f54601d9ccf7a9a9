"""The QActions of the window, created from the action table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from app.controls.dialogs.menu import Menu, without_mnemonic
from app.settings import Settings
from app.shell.actions.table import ACTIONS, Action, ActionCondition, find_action
from app.shortcuts.keymap import Keymap
from app.theme.icons import icon
from app.theme.theme import Theme

MENUS = ("File", "Edit", "Select", "Graph", "Arrange", "View", "Data", "Train", "Runs", "Help")


@dataclass(frozen=True)
class ActionState:
    """The state of all actions, as `app.shell.action_state_reader` reads it.

    Args:
        conditions: whether each condition `needs` of actions is met.
        check_marks: whether each checkable action has a check mark, by id.
        undo_label, redo_label: the label of the change to undo or redo, None if there is none.
    """

    conditions: Mapping[ActionCondition, bool]
    check_marks: Mapping[str, bool]
    undo_label: str | None = None
    redo_label: str | None = None


class ActionManager(QObject):
    """Creates a QAction for each row of the action table and updates its state.

    The actions do nothing until `connect_handlers` is called, because menus and bars are filled
    before the objects exist that the handlers use.

    Args:
        theme: the colors of the icons.
        settings: the settings with the shortcuts that the user has changed.
        read_state: returns which actions are enabled and checked.
        window: the widget in which shortcuts of scope "window" work.
        canvas: the widget in which shortcuts of scope "canvas" work.
    """

    def __init__(
        self,
        theme: Theme,
        settings: Settings,
        read_state: Callable[[], ActionState],
        window: QWidget,
        canvas: QWidget,
    ) -> None:
        super().__init__(window)
        self._theme = theme
        self._read_state = read_state
        self.keymap = Keymap(ACTIONS, settings)
        self.actions: dict[str, QAction] = {}
        # Only one action of each group has a check mark.
        self._groups = {prefix: QActionGroup(self) for prefix in ("theme", "layout")}
        for row in ACTIONS:
            qaction = self._create(row)
            (window if row.scope == "window" else canvas).addAction(qaction)
        self.keymap.changed.connect(self._on_keys_changed)
        self.refresh()

    def connect_handlers(self, handlers: Mapping[str, Callable[[], object]]) -> None:
        """Make each action call its handler. `handlers` contains the handlers by action id."""
        for row in ACTIONS:
            triggered = self.actions[row.id].triggered
            triggered.connect(handlers[row.id])
            if row.checkable:  # Qt toggles the check mark on a click, so set the actual state again
                triggered.connect(self.refresh)

    def _create(self, row: Action) -> QAction:
        qaction = self.actions[row.id] = QAction(row.text, self)
        if row.icon:
            qaction.setIcon(icon(self._theme, row.icon))
        qaction.setShortcuts([QKeySequence(keys) for keys in self.keymap.keys(row.id)])
        qaction.setCheckable(row.checkable)
        group = self._groups.get(row.id.split("-")[0])
        if group is not None and row.checkable:
            group.addAction(qaction)
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
        state = self._read_state()
        for row in ACTIONS:
            qaction = self.actions[row.id]
            qaction.setEnabled(state.conditions[row.needs])
            if row.checkable:
                qaction.setChecked(state.check_marks[row.id])
        self._set_text("undo", f"Undo {state.undo_label or ''}".rstrip())
        self._set_text("redo", f"Redo {state.redo_label or ''}".rstrip())

    def set_appearance(self, id: str, text: str, icon_name: str) -> None:
        """Set the text and icon of an action whose effect changes, such as Pause and Continue."""
        self.actions[id].setText(text)
        self.actions[id].setIcon(icon(self._theme, icon_name))

    def _set_text(self, id: str, text: str) -> None:
        """Set the text of an action. Keep the current text if it differs only in its mnemonic."""
        if without_mnemonic(self.actions[id].text()) != text:
            self.actions[id].setText(text)

    def fill_menu(self, menu: QMenu, group: str) -> None:
        """Add the actions of a group to a menu of the menu bar."""
        for row in ACTIONS:
            if row.group == group:
                if row.separator:
                    menu.addSeparator()
                menu.addAction(self.actions[row.id])

    def context_menu(self, item_type: str, parent: QWidget) -> Menu:
        """Return a new context menu for a type of item, with the actions that are enabled now.

        Args:
            item_type: the type of item: "node", "note", "wire", "frame", "canvas", "run" or
                "column".
            parent: the Qt parent; the menu deletes itself when it closes.
        """
        self.refresh()
        menu = Menu(parent=parent)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        group = ""
        for row in ACTIONS:
            if item_type not in row.menus or not self.actions[row.id].isEnabled():
                continue
            if group and row.group != group:
                menu.addSeparator()
            group = row.group
            menu.addAction(self.actions[row.id])
        return menu

    def shortcuts(self, id: str) -> list[str]:
        """Return the shortcuts of action `id`, such as "Ctrl+Z"; [] if `id` is a mouse gesture."""
        action = self.actions.get(id)
        return [key.toString() for key in action.shortcuts()] if action is not None else []

    def _on_keys_changed(self, id: str, keys: list[str]) -> None:
        qaction = self.actions[id]
        qaction.setShortcuts([QKeySequence(key) for key in keys])
        self._set_tips(find_action(id), qaction)
