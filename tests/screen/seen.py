"""What a person sees of the window, as plain values; places are pixels of the screen."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QModelIndex, QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QCheckBox,
    QDialog,
    QFileDialog,
    QLabel,
    QLineEdit,
    QMenu,
    QTabBar,
    QTreeView,
)

from app.canvas.items.port_item import PortItem
from app.controls.dialogs.menu import without_mnemonic
from app.data.table.table_model import STATISTICS_ROLE
from app.inspector.form.field_row import FieldRow
from app.palette.rows import hit_at
from app.shell.main_window import MainWindow
from tests.screen.own_data import seen_checks, seen_start
from tests.screen.pixels import box, control, in_sight, middle, pixel
from tests.screen.seen_panels import seen_results, seen_training

Seen = dict[str, Any]


def seen(window: MainWindow) -> Seen:
    """Return everything that a script needs to act and to judge."""
    session = window.workspace.session
    history = session.undo_history
    return {
        "active": window.isActiveWindow(),
        "title": window.windowTitle(),
        "window": box(window),
        "told": window.statusBar().currentMessage(),
        "status": [label.text() for label in window.statusBar().findChildren(QLabel)],
        "path": str(session.path) if session.path else "",
        "dirty": history.is_dirty,
        "undo": history.undo_label or "",
        "redo": history.redo_label or "",
        "selection": list(session.selection),
        "graph": [_plain(node) for node in session.graph],
        "recipe": dict(session.project.recipe),
        "mapping": dict(session.project.data),
        "checked": session.report.project is session.project,
        "parameters": session.report.costs.total_count,
        "problems": [_problem(found) for found in session.report.diagnostics],
        "focus": _focus(),
        **_canvas(window),
        "palette": _palette(window),
        "columns": _columns(window),
        "start": seen_start(window),
        "checks": seen_checks(window),
        "tools": _tools(window),
        "menus": _menus(window),
        "popup": _popup(),
        "fields": _fields(window),
        "buttons": _buttons(window),
        "dialog": _dialog(),
        "tabs": _tabs(window),
        "training": seen_training(window),
        "results": seen_results(window),
    }


def _plain(node: Any) -> Seen:
    wires = {f"{port}.{at}" if at is not None else port: to for port, at, to in node.wires()}
    return {"name": node.name, "kind": node.kind, "params": dict(node.params), "wires": wires}


def _problem(found: Any) -> Seen:
    return {
        "severity": found.severity, "code": found.code, "node": found.node,
        "message": found.message, "fixes": [fix.text for fix in found.fixes],
    }  # fmt: skip


def _focus() -> str:
    widget = QApplication.focusWidget()
    if widget is None:
        return ""
    return widget.accessibleName() or widget.objectName() or type(widget).__name__


def _canvas(window: MainWindow) -> Seen:
    canvas = window.tabs.canvas
    viewer = canvas.viewer
    port = viewer.viewport()

    def at(point: QPointF) -> list[int]:
        return pixel(port, viewer.mapFromScene(point))

    nodes = {}
    for name, item in canvas.scene_sync.nodes.items():
        card = QRect(
            viewer.mapFromScene(item.pos()),
            viewer.mapFromScene(item.pos() + QPointF(item.width, item.height)),
        )
        nodes[name] = {
            "head": at(item.pos() + QPointF(item.width / 2, 12)),
            "box": box(port, card),
            "badge": item.view_model.badge, "caption": item.view_model.caption,
            "chips": list(item.view_model.output_shapes),
            "running": item.view_model.live_loss,
            "in": {_key(place): at(place.center) for place in item.inputs},
            "out": {_key(place): at(place.center) for place in item.outputs},
            "seen": port.rect().contains(card),
        }  # fmt: skip
    wires = {
        f"{end.node}.{end.port}" + (f".{end.index}" if end.index is not None else ""): {
            "from": wire.source_port.reference,
            "middle": at(wire.path().pointAtPercent(0.5)),
            "glows": wire.glow,
        }
        for end, wire in canvas.scene_sync.wires.items()
    }
    sight = viewer.visible_rect.center()
    return {
        "canvas": box(port),
        "welcome": window.tabs.stack.isHidden(),
        "nodes": nodes,
        "wires": wires,
        "zoom": viewer.zoom,
        "sight": [sight.x(), sight.y()],
        "hint": canvas.hint.text() if canvas.hint.isVisible() else "",
        "minimap": box(canvas.minimap) if canvas.minimap.isVisible() else None,
    }


def _key(place: PortItem) -> str:
    slot = place.slot
    return slot.port if slot.index is None else f"{slot.port}.{slot.index}"


def _palette(window: MainWindow) -> Seen:
    panel = window.panels.palette
    tree = panel.findChild(QTreeView)
    search = panel.findChild(QLineEdit)
    rows: dict[str, list[int]] = {}
    index: QModelIndex = tree.indexAt(QPoint(5, 2))
    while index.isValid() and tree.viewport().rect().contains(tree.visualRect(index)):
        hit = hit_at(index)
        if hit is not None:
            rows[hit.kind] = pixel(tree.viewport(), tree.visualRect(index).center())
        index = tree.indexBelow(index)
    return {"rows": rows, "search": middle(search), "text": search.text()}


def _columns(window: MainWindow) -> Seen:
    """Return the headers of the data's columns, those whose name is in sight."""
    table = window.panels.data.table
    header = table.column_header
    found: Seen = {}
    for section, name in enumerate(table.table_model.column_names if header.isVisible() else ()):
        spot = QPoint(header.sectionViewportPosition(section) + 60, 16)
        if header.viewport().rect().contains(spot):
            known = (
                table.table_model.headerData(section, Qt.Orientation.Horizontal, STATISTICS_ROLE)
                is not None
            )
            found[name] = {"at": pixel(header.viewport(), spot), "known": known}
    return found


def _tools(window: MainWindow) -> Seen:
    found = {}
    for id, action in window.action_manager.actions.items():
        button = window.tool_bar.widgetForAction(action)
        if button is not None:
            found[id] = {"at": middle(button), "enabled": button.isEnabled()}
    return found


def _menus(window: MainWindow) -> dict[str, list[int]]:
    bar = window.menuBar()
    return {
        without_mnemonic(action.text()): pixel(bar, bar.actionGeometry(action).center())
        for action in bar.actions()
    }


def _popup() -> Seen | None:
    """Return the menu, list or add menu that is open on top."""
    popup = QApplication.activePopupWidget()
    if popup is None:
        return None
    if isinstance(popup, QMenu):
        return {"kind": "menu", "box": box(popup), "rows": _entries(popup), "current": ""}
    view = popup.findChild(QAbstractItemView)
    if view is None:
        return {"kind": popup.objectName(), "box": box(popup), "rows": {}, "current": ""}
    rows = {}
    for row in range(view.model().rowCount()):
        index = view.model().index(row, 0)
        rect = view.visualRect(index)
        if view.isVisible() and rect.isValid() and view.viewport().rect().contains(rect.center()):
            rows[str(index.data())] = pixel(view.viewport(), rect.center())
    title = popup.findChild(QLabel)
    return {
        "kind": popup.objectName() or "list",
        "box": box(popup),
        "rows": rows,
        "count": view.model().rowCount(),
        "current": str(view.currentIndex().data() or ""),
        "title": title.text() if title is not None else "",
    }


def _entries(menu: QMenu) -> dict[str, list[int]]:
    def name(action: QAction) -> str:
        return action.text().replace("&", "").partition("\t")[0]

    return {
        name(action): pixel(menu, menu.actionGeometry(action).center())
        for action in menu.actions()
        if not action.isSeparator() and action.isEnabled()
    }


def _fields(window: MainWindow) -> Seen:
    """Return the fields of the inspector by their label, those in sight."""
    panel = window.panels.inspector
    found = {}
    for row in panel.findChildren(FieldRow):
        edited = row.editor.control
        if edited.isVisible():
            said = [label.text() for label in row.findChildren(QLabel) if label.isVisible()]
            found[row.field.label] = {**control(edited), "said": said}
    for line in panel.findChildren(QLineEdit):
        if line.accessibleName() == "Name of the node" and line.isVisible():
            found["Name"] = {**control(line), "said": []}
    return found


def _buttons(window: MainWindow) -> dict[str, Seen]:
    """Return what can be pressed in the panels, by its text, those in sight."""
    found: dict[str, Seen] = {}
    for title, dock in window.docks.items():
        for button in dock.findChildren(QAbstractButton):
            name = button.text() or button.accessibleName()
            if name and button.isVisible() and in_sight(button):
                on = isinstance(button, QCheckBox) and button.isChecked()
                found[f"{title}/{name}"] = {
                    "at": middle(button), "enabled": button.isEnabled(), "on": on
                }  # fmt: skip
    return found


def _dialog() -> Seen | None:
    dialog = next(
        (
            widget
            for widget in QApplication.topLevelWidgets()
            if isinstance(widget, QDialog) and widget.isVisible()
        ),
        None,
    )
    if dialog is None:
        return None
    line = dialog.findChild(QLineEdit)
    typed = line.text() if isinstance(dialog, QFileDialog) and line is not None else ""
    return {
        "title": dialog.windowTitle(),
        "active": dialog.isActiveWindow(),
        "box": box(dialog),
        "line": middle(line) if line is not None else None,
        "typed": typed,
        "said": {
            button.text(): button.accessibleDescription()
            for button in dialog.findChildren(QAbstractButton)
        },
        "buttons": {
            button.text().replace("&", ""): middle(button)
            for button in dialog.findChildren(QAbstractButton)
            if button.isVisible() and button.text()
        },
    }


def _tabs(window: MainWindow) -> dict[str, list[int]]:
    """Return tabs of documents and panels by their text."""
    found = {}
    for bar in window.findChildren(QTabBar):
        if bar.isVisible():
            for at in range(bar.count()):
                found[bar.tabText(at)] = pixel(bar, bar.tabRect(at).center())
    return found
