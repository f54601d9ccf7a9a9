"""What was opened and closed again leaves nothing behind: no widget, no item, no object."""

from __future__ import annotations

import gc
import weakref
from collections import Counter

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog

from app.canvas.canvas import Canvas
from app.canvas.items.node_item import NodeItem
from app.canvas.items.wire_item import WireItem
from app.canvas.scene_sync import SceneSync
from app.canvas.view.viewer import CanvasViewer
from app.documents.session import Session
from engine.graph.edits import node_edits, wire_edits
from engine.graph.model import Project
from tests.app.rows.conftest import drawn
from tests.app.windows import dialogs, opened, settle, shown_dialog
from tests.tiers import cases

pytestmark = pytest.mark.slow

OURS = (Session, Canvas, SceneSync, CanvasViewer, NodeItem, WireItem)


@pytest.fixture
def window(qtbot):
    with opened(qtbot, Session(drawn())) as window:
        yield window


def widgets() -> Counter[str]:
    settle()
    gc.collect()
    settle()
    # Without Qt's own handles between docks: `restoreState` leaves three behind.
    handle = "qt_qmainwindow_extended_splitter"
    shown = (widget for widget in QApplication.allWidgets() if widget.objectName() != handle)
    return Counter(type(widget).__name__ for widget in shown)


def objects() -> Counter[str]:
    gc.collect()
    # Not isinstance: it asks each object for its class, and some of torch answer with a warning.
    return Counter(type(one).__name__ for one in gc.get_objects() if issubclass(type(one), OURS))


def open_and_close(window, count: int) -> list[weakref.ref]:
    """Open documents in tabs of their own, draw in each, and close them."""
    left: list[weakref.ref] = []
    for _ in range(count):
        session = Session(drawn())
        window.workspace.open(session)
        canvas = window.tabs.canvas
        settle()
        session.edit("Add", node_edits.add_node, "Dense")
        session.current_report()
        left += [weakref.ref(one) for one in (
            session, canvas, canvas.scene_sync, canvas.viewer, *canvas.scene_sync.nodes.values(),
            *canvas.scene_sync.wires.values(),
        )]  # fmt: skip
        session.undo_history.mark_saved()
        window.document_manager.close_prompts.close(session)
        settle()
    return left


def test_closed_documents_leave_nothing(window):
    open_and_close(window, 2)
    before, ours = widgets(), objects()
    left = open_and_close(window, cases(4, 20))
    assert len(left) > 30
    assert len(window.workspace.sessions) == 1
    assert widgets() == before
    assert objects() == ours
    assert [type(ref()).__name__ for ref in left if ref() is not None] == []


def test_undone_nodes_leave_nothing(window):
    session, canvas = window.workspace.session, window.tabs.canvas
    settle()
    before, ours = widgets(), objects()
    items = len(canvas.viewer.scene().items())

    def many(project: Project) -> Project:
        for number in range(500):
            project = node_edits.add_node(project, "Dense", f"many{number}", at=(number, number))
        return wire_edits.connect(project, "many0", "many1", "x")

    for _ in range(2):
        session.edit("Add many", many)
        session.current_report()
        assert len(canvas.scene_sync.nodes) == 506
        session.undo()
        session.current_report()
    session.redo()
    session.select([f"many{number}" for number in range(500)])
    QTest.keyClick(canvas.viewer, Qt.Key.Key_Delete)
    session.current_report()
    assert session.project == drawn()
    assert len(canvas.viewer.scene().items()) == items
    assert widgets() == before
    assert objects() == ours


def test_closed_dialogs_leave_nothing(window):
    def once() -> None:
        for name, opening in dialogs(window).items():
            opening()
            settle()
            dialog = shown_dialog(window)
            dialog.reject()
            settle()
            assert window.findChildren(QDialog) == [], name
        canvas = window.tabs.canvas
        canvas.add_actions.open_menu()
        settle()
        window.controllers.node_adding.add_menu.close()
        window.action_manager.context_menu("canvas", window).close()
        window.action_manager.actions["find"].trigger()
        window.find_bar.hide()
        window.controllers.welcome.show()
        settle()
        window.tabs.hide_welcome()
        settle()

    for _ in range(2):
        once()
    before, ours = widgets(), objects()
    for _ in range(20):
        once()
    assert widgets() - before == Counter()
    assert objects() == ours


def test_a_closed_window_leaves_nothing(qtbot):
    def whole() -> None:
        with opened(qtbot, Session(drawn()), is_new=True):
            pass

    whole()
    before = widgets()
    for _ in range(3):
        whole()
    assert widgets() == before
