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
    QComboBox,
    QDialog,
    QFileDialog,
    QLabel,
    QLineEdit,
    QMenu,
    QTabBar,
    QTableWidget,
    QTreeView,
    QWidget,
)

from app.canvas.items.port_item import PortItem
from app.controls.dialogs.menu import without_mnemonic
from app.data.table.table_model import STATISTICS_ROLE
from app.inspector.form.field_row import FieldRow
from app.palette.rows import hit_at
from app.runs.columns import NAME
from app.shell.main_window import MainWindow
from tests.screen.own_data import seen_checks, seen_start

Seen = dict[str, Any]


def seen(window: MainWindow) -> Seen:
    """Return everything that a script needs to act and to judge."""
    session = window.workspace.session
    history = session.undo_history
    return {
        "active": window.isActiveWindow(),
        "title": window.windowTitle(),
        "window": _box(window),
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
        "training": _training(window),
        "runs": _runs(window),
        "results": _results(window),
    }


def _pixel(widget: QWidget, at: QPoint) -> list[int]:
    """Return a place of a widget in pixels of the screen, which has one scale."""
    ratio = widget.devicePixelRatioF()
    spot = widget.mapToGlobal(at)
    return [round(spot.x() * ratio), round(spot.y() * ratio)]


def _middle(widget: QWidget) -> list[int]:
    return _pixel(widget, widget.rect().center())


def _box(widget: QWidget, rect: QRect | None = None) -> list[int]:
    inside = widget.rect() if rect is None else rect
    return [*_pixel(widget, inside.topLeft()), *_pixel(widget, inside.bottomRight())]


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


# The canvas.


def _canvas(window: MainWindow) -> Seen:
    canvas = window.tabs.canvas
    viewer = canvas.viewer
    port = viewer.viewport()

    def at(point: QPointF) -> list[int]:
        return _pixel(port, viewer.mapFromScene(point))

    nodes = {}
    for name, item in canvas.scene_sync.nodes.items():
        card = QRect(
            viewer.mapFromScene(item.pos()),
            viewer.mapFromScene(item.pos() + QPointF(item.width, item.height)),
        )
        nodes[name] = {
            "head": at(item.pos() + QPointF(item.width / 2, 12)),
            "box": _box(port, card),
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
        "canvas": _box(port),
        "welcome": window.tabs.stack.isHidden(),
        "nodes": nodes,
        "wires": wires,
        "zoom": viewer.zoom,
        "sight": [sight.x(), sight.y()],
        "hint": canvas.hint.text() if canvas.hint.isVisible() else "",
        "minimap": _box(canvas.minimap) if canvas.minimap.isVisible() else None,
    }


def _key(place: PortItem) -> str:
    slot = place.slot
    return slot.port if slot.index is None else f"{slot.port}.{slot.index}"


# Around it.


def _palette(window: MainWindow) -> Seen:
    panel = window.panels.palette
    tree = panel.findChild(QTreeView)
    search = panel.findChild(QLineEdit)
    rows: dict[str, list[int]] = {}
    index: QModelIndex = tree.indexAt(QPoint(5, 2))
    while index.isValid() and tree.viewport().rect().contains(tree.visualRect(index)):
        hit = hit_at(index)
        if hit is not None:
            rows[hit.kind] = _pixel(tree.viewport(), tree.visualRect(index).center())
        index = tree.indexBelow(index)
    return {"rows": rows, "search": _middle(search), "text": search.text()}


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
            found[name] = {"at": _pixel(header.viewport(), spot), "known": known}
    return found


def _tools(window: MainWindow) -> Seen:
    found = {}
    for id, action in window.action_manager.actions.items():
        button = window.tool_bar.widgetForAction(action)
        if button is not None:
            found[id] = {"at": _middle(button), "enabled": button.isEnabled()}
    return found


def _menus(window: MainWindow) -> dict[str, list[int]]:
    bar = window.menuBar()
    return {
        without_mnemonic(action.text()): _pixel(bar, bar.actionGeometry(action).center())
        for action in bar.actions()
    }


def _popup() -> Seen | None:
    """Return the menu, list or add menu that is open on top."""
    popup = QApplication.activePopupWidget()
    if popup is None:
        return None
    if isinstance(popup, QMenu):
        return {"kind": "menu", "box": _box(popup), "rows": _entries(popup), "current": ""}
    view = popup.findChild(QAbstractItemView)
    if view is None:
        return {"kind": popup.objectName(), "box": _box(popup), "rows": {}, "current": ""}
    rows = {}
    for row in range(view.model().rowCount()):
        index = view.model().index(row, 0)
        rect = view.visualRect(index)
        if view.isVisible() and rect.isValid() and view.viewport().rect().contains(rect.center()):
            rows[str(index.data())] = _pixel(view.viewport(), rect.center())
    title = popup.findChild(QLabel)
    return {
        "kind": popup.objectName() or "list",
        "box": _box(popup),
        "rows": rows,
        "count": view.model().rowCount(),
        "current": str(view.currentIndex().data() or ""),
        "title": title.text() if title is not None else "",
    }


def _entries(menu: QMenu) -> dict[str, list[int]]:
    def name(action: QAction) -> str:
        return action.text().replace("&", "").partition("\t")[0]

    return {
        name(action): _pixel(menu, menu.actionGeometry(action).center())
        for action in menu.actions()
        if not action.isSeparator() and action.isEnabled()
    }


def _fields(window: MainWindow) -> Seen:
    """Return the fields of the inspector by their label, those in sight."""
    panel = window.panels.inspector
    found = {}
    for row in panel.findChildren(FieldRow):
        control = row.editor.control
        if control.isVisible():
            said = [label.text() for label in row.findChildren(QLabel) if label.isVisible()]
            found[row.field.label] = {**_control(control), "said": said}
    for line in panel.findChildren(QLineEdit):
        if line.accessibleName() == "Name of the node" and line.isVisible():
            found["Name"] = {**_control(line), "said": []}
    return found


def _control(control: QWidget) -> Seen:
    shown = {
        "at": _middle(control),
        "in sight": _in_sight(control),
        "focused": control.hasFocus(),
    }
    if isinstance(control, QLineEdit):
        return {**shown, "text": control.text(), "way": "line"}
    if isinstance(control, QComboBox):
        return {**shown, "text": control.currentText(), "way": "box"}
    return {**shown, "text": "", "way": "other"}


def _in_sight(widget: QWidget) -> bool:
    return widget.visibleRegion().contains(widget.rect().center())


def _buttons(window: MainWindow) -> dict[str, Seen]:
    """Return what can be pressed in the panels, by its text, those in sight."""
    found: dict[str, Seen] = {}
    for title, dock in window.docks.items():
        for button in dock.findChildren(QAbstractButton):
            name = button.text() or button.accessibleName()
            if name and button.isVisible() and _in_sight(button):
                on = isinstance(button, QCheckBox) and button.isChecked()
                found[f"{title}/{name}"] = {
                    "at": _middle(button), "enabled": button.isEnabled(), "on": on
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
        "box": _box(dialog),
        "line": _middle(line) if line is not None else None,
        "typed": typed,
        "said": {
            button.text(): button.accessibleDescription()
            for button in dialog.findChildren(QAbstractButton)
        },
        "buttons": {
            button.text().replace("&", ""): _middle(button)
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
                found[bar.tabText(at)] = _pixel(bar, bar.tabRect(at).center())
    return found


def _training(window: MainWindow) -> Seen:
    training = window.panels.training
    curves = training.displayed_run.curves if training.displayed_run is not None else None
    epochs = training.findChild(QLineEdit, "training-epochs")
    status = training.findChild(QLabel, "training-status")
    return {
        "running": training.running,
        "state": training.state,
        "rate": _control(training.bar.live_fields.learning_rate),
        "weights": _weights(training.run_view.loss_table),
        "taken": []
        if curves is None
        else [mark.request for mark in curves.control_events if not mark.code],
        "why_not": training.disabled_reason(),
        "data": str(training.bar.chooser.data or ""),
        "epochs": _middle(epochs),
        "status": status.toolTip() or status.text(),
        "step": curves.step if curves is not None else 0,
        "losses": curves.loss_texts() if curves is not None else {},
        "run": str(training.run_process.run or ""),
        "found": [label.text() for label in training.findChildren(QLabel) if label.isVisible()],
    }


def _weights(table: QTableWidget) -> Seen:
    """Return the cells of loss weights, by output."""
    column = next(at for at in range(table.columnCount()) if _title(table, at) == "Weight")
    return {
        table.item(row, 0).text(): {
            "at": _pixel(table.viewport(), table.visualItemRect(table.item(row, column)).center()),
            "text": table.item(row, column).text(),
        }
        for row in range(table.rowCount())
    }  # fmt: skip


def _title(table: QTableWidget, column: int) -> str:
    item = table.horizontalHeaderItem(column)
    return item.text() if item is not None else ""


def _runs(window: MainWindow) -> Seen:
    panel = window.panels.runs
    rows = {}
    for row, entry in enumerate(panel.table.listed):
        spot = panel.table.visualRect(panel.table.filter.index(row, NAME)).center()
        rows[entry.name] = _pixel(panel.table.viewport(), spot)
    found = panel.details.diff_tree.comparison
    return {
        "rows": rows,
        "chosen": [entry.name for entry in panel.selected],
        "compared": [found.before.name, found.after.name] if found is not None else [],
    }


def _results(window: MainWindow) -> Seen:
    panel = window.panels.results
    page = panel.prediction_page
    fields = page.form.fields if page.form is not None else {}
    return {
        "run": str(panel.run or ""),
        "evaluating": panel.evaluation.is_running,
        "outputs": list(panel.output_pages),
        "rows": panel.shown_results.rows if panel.shown_results is not None else 0,
        "fields": {
            name: {"at": _middle(edit), "text": edit.text}
            for name, edit in fields.items()
            if edit.isVisible()
        },
        "said": [each.value_label.text() for each in page.predictions.cards if each.isVisible()],
    }
