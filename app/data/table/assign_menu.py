"""The menu "Assign to node": all Inputs and Outputs. Tooltips say why entries are disabled."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from app.controls.dialogs.menu import Menu
from app.documents.column_mapping import assignment_error, mappable_nodes
from app.documents.session import Session
from app.text.phrases import plain_tooltip
from app.theme.icons import icon
from app.theme.theme import Theme


def assign_menu(
    session: Session,
    columns: Sequence[str],
    theme: Theme,
    parent: QWidget,
    on_chosen: Callable[[str], object],
) -> Menu:
    """Return a menu of all Inputs and Outputs. Nodes that can't take the columns are disabled.

    `on_chosen` is called with the name of the chosen node.
    """
    menu = Menu("Assign to node", parent)
    menu.setIcon(icon(theme, "connect"))
    menu.setToolTipsVisible(True)
    nodes = mappable_nodes(session.graph)
    for node in nodes:
        action = QAction(node.name, menu)
        action.setIcon(icon(theme, node.kind))
        reason = assignment_error(session, columns, node.name)
        action.setEnabled(not reason)
        action.setToolTip(plain_tooltip(reason or f"{node.kind} {node.name}"))
        action.setStatusTip(reason)
        action.triggered.connect(lambda _=False, name=node.name: on_chosen(name))
        menu.addAction(action)
    if not nodes:
        menu.addAction("No Input or Output").setEnabled(False)
    return menu
