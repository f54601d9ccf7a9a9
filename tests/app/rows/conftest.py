"""A window with a small network, and the keys of the table of actions pressed in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from app.canvas.canvas import Canvas
from app.documents.session import Session
from app.shell.actions.table import find_action
from app.shell.main_window import MainWindow
from app.theme.theme import Theme
from engine.graph.edits import field_edits, node_edits, wire_edits
from engine.graph.model import Project
from tests.app.pointer import Pointer
from tests.app.rows.menus import trigger
from tests.app.windows import opened

Press = Callable[..., None]


def drawn() -> Project:
    """An Input, two Dense layers of which one is wired, a Conv1D that can't be, an Output."""
    project = node_edits.add_node(Project(), "Input", "x", params={"shape": [8]}, at=(0, 0))
    project = node_edits.add_node(project, "Dense", "a", params={"units": 4}, at=(300, 0))
    project = node_edits.add_node(project, "Dense", "b", params={"units": 2}, at=(300, 160))
    conv = {"filters": 4, "kernel_size": 3}
    project = node_edits.add_node(project, "Conv1D", "conv", params=conv, at=(300, 320))
    project = node_edits.add_node(project, "Concatenate", "cat", at=(620, 160))
    project = node_edits.add_node(project, "Output", "y", params={"loss": "mse"}, at=(620, 0))
    project = wire_edits.connect(project, "x", "a", "x")
    return wire_edits.connect(project, "a", "y", "x")


def only_step(session: Session, label: str) -> None:
    """One gesture was one step, and undo takes it back whole."""
    assert session.undo_history.undo_label == label
    after = session.project
    session.undo()
    assert session.project == drawn()
    session.redo()
    assert session.project == after


@pytest.fixture
def session(qapp: QApplication) -> Session:
    return Session(drawn())


@pytest.fixture
def window(qtbot, session: Session) -> Iterator[MainWindow]:
    with opened(qtbot, session) as window:
        yield window
        assert window.tabs.canvas.scene_sync.node_graph.undo_stack().count() == 0


@pytest.fixture
def press(window: MainWindow) -> Press:
    """Press the first key of a row of the table, in the canvas or wherever the keyboard is."""

    def pressed(id: str, which: int = 0, widget: QWidget | None = None) -> None:
        keys = QKeySequence(find_action(id).keys[which])[0]
        target = widget or QApplication.focusWidget() or window
        QTest.keyClick(target, keys.key(), keys.keyboardModifiers())
        QApplication.processEvents()

    return pressed


@pytest.fixture
def sound(window, session):
    """The network without what is not wired."""
    for name in ("b", "conv", "cat"):
        session.edit("Delete", node_edits.remove_node, name)
    session.current_report()
    assert not session.report.errors


@pytest.fixture
def trainable(window, sound, session, tmp_path):
    """The network with rows to train on for a long time."""
    rows = tmp_path / "rows.csv"
    names = [f"x{number}" for number in range(8)]
    lines = [",".join(str((row * 7 + at) % 5) for at in range(9)) for row in range(40)]
    rows.write_text("\n".join([",".join([*names, "y"]), *lines]) + "\n")
    session.edit("Data", lambda p: replace(p, data={"inputs": {"x": {"columns": names}}}))
    session.edit("Units", field_edits.set_params, "a", {"units": 1})
    session.edit("Recipe", lambda p: replace(p, recipe={**p.recipe, "epochs": 100_000}))
    session.path = tmp_path / "net.loom.json"
    session.current_report()
    assert not session.report.errors
    window.panels.training.set_data(rows)
    return window.panels.training


@pytest.fixture
def live(window, trainable, qtbot):
    """The network in training, started by its button's key."""
    trigger(window, "train")
    qtbot.waitUntil(lambda: window.panels.training.state == "running")
    yield window.panels.training
    window.panels.training.run_process.kill()
    qtbot.waitUntil(lambda: not window.panels.training.running)


@pytest.fixture
def canvas(qtbot, theme: Theme, session: Session) -> Iterator[Canvas]:
    canvas = Canvas(session, theme)
    qtbot.addWidget(canvas)
    canvas.resize(1200, 760)
    with qtbot.waitExposed(canvas):
        canvas.show()
    canvas.navigation.fit()
    QApplication.processEvents()
    yield canvas
    assert canvas.scene_sync.node_graph.undo_stack().count() == 0, "NodeGraphQt keeps no history"


@pytest.fixture
def pointer(canvas: Canvas) -> Pointer:
    return Pointer(canvas)
