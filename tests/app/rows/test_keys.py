"""What keys and menus do: a test for each row of the table, by real events."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QAction, QContextMenuEvent, QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog, QLineEdit, QMenu

from app.canvas.items.wire_id import WireId
from app.controls.dialogs.menu import without_mnemonic
from app.files.start.start_from_data import StartFromDataDialog
from app.shell.main_window import MainWindow
from engine.graph.edits import field_edits, node_edits
from engine.graph.edits.frame_edits import add_frame, set_route
from engine.graph.serialization import file
from engine.graph.templates import read_template
from engine.runs.folder.notes import read_notes
from engine.runs.state.run_state import read_state
from tests.app.pointer import Pointer
from tests.app.rows.conftest import drawn
from tests.app.training.made import made_run


def trigger(window: MainWindow, id: str) -> None:
    """Choose an entry of a menu, as a click on it does."""
    entry: QAction = window.action_manager.actions[id]
    assert entry.isEnabled()
    entry.trigger()
    QApplication.processEvents()


def places(session) -> dict[str, list[int]]:
    return {name: entry["at"] for name, entry in session.project.view["nodes"].items()}


def answer(window: MainWindow, path: Path) -> None:
    """Type a path into the file dialog and press Enter."""
    dialog = next(d for d in window.findChildren(QFileDialog) if d.isVisible())
    field = dialog.findChild(QLineEdit, "fileNameEdit")
    assert field is not None
    field.setText(str(path))
    QTest.keyClick(field, Qt.Key.Key_Return)
    QApplication.processEvents()


def choose(window: MainWindow, label: str) -> str:
    """Press a button of the question that is open, and answer what was asked."""
    question = window.document_manager.prompts.active_dialog
    title = question.title
    QTest.mouseClick(question.button(label), Qt.MouseButton.LeftButton)
    QApplication.processEvents()
    return title


def back(window: MainWindow, qtbot) -> None:
    """Go on in the window after a dialog, which else a window manager sees to."""
    window.activateWindow()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is window)
    window.tabs.canvas.setFocus()


def shown(window: MainWindow, kind: type = QDialog):
    return next(dialog for dialog in window.findChildren(kind) if dialog.isVisible())


# File.


def test_row_new(window, press):
    press("new")
    assert len(window.workspace.sessions) == 2
    assert len(window.workspace.session.graph) == 0


def test_row_new_from_template(window, press, qtbot):
    press("new-from-template")
    dialog = shown(window)
    for card in dialog.gallery.cards[:2]:
        QTest.keyClick(card, Qt.Key.Key_Right)
    QTest.keyClick(dialog.gallery.cards[2], Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: len(window.workspace.session.graph) > 0)
    assert len(window.workspace.sessions) == 2


def test_row_start_from_data(window, press, qtbot, tmp_path):
    table = tmp_path / "table.csv"
    table.write_text("size,price\n" + "".join(f"{n * 7 % 23},{3 * n % 17}.5\n" for n in range(40)))
    press("start-from-data")
    answer(window, table)
    dialog = shown(window, StartFromDataDialog)
    qtbot.waitUntil(dialog.create_button.isEnabled)
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.workspace.session.data_path == table)
    assert "price" in window.workspace.session.graph
    assert window.workspace.session.current_report().errors == []
    back(window, qtbot)


def test_row_open(window, press, tmp_path):
    path = tmp_path / "small.loom.json"
    file.write(path, drawn())
    press("open")
    answer(window, path)
    assert window.workspace.session.path == path
    assert window.workspace.session.project == drawn()


def test_row_save(window, press, session, tmp_path):
    session.path = tmp_path / "saved.loom.json"
    press("save")
    assert session.path.read_bytes() == file.dumps(session.project).encode()
    assert not session.undo_history.is_dirty


def test_row_save_as(window, press, session, tmp_path):
    press("save-as")
    answer(window, tmp_path / "elsewhere.loom.json")
    assert (tmp_path / "elsewhere.loom.json").is_file()
    assert session.path == tmp_path / "elsewhere.loom.json"


@pytest.fixture
def sound(window, session):
    """The network without what is not wired."""
    for name in ("b", "conv", "cat"):
        session.edit("Delete", node_edits.remove_node, name)
    session.current_report()
    assert not session.report.errors


def test_row_export_pytorch(window, sound, tmp_path):
    trigger(window, "export-pytorch")
    answer(window, tmp_path / "net.py")
    assert "nn.Linear(8, 4)" in (tmp_path / "net.py").read_text()


def test_row_export_python(window, sound, tmp_path):
    trigger(window, "export-python")
    answer(window, tmp_path / "net.py")
    assert "layers.Dense(4" in (tmp_path / "net.py").read_text()


def test_row_export_python_beside_pytorch(window, sound):
    """The two do not ask for one another's name."""
    names = []
    for id in ("export-pytorch", "export-python"):
        trigger(window, id)
        dialog = shown(window, QFileDialog)
        names.append(Path(dialog.findChild(QLineEdit, "fileNameEdit").text()).name)
        dialog.reject()
        QApplication.processEvents()
    assert names == ["untitled.py", "untitled_functional.py"]


def test_row_export_png(window, tmp_path):
    pictures = {}
    for colours in ("Dark", "Light"):
        trigger(window, "export-png")
        assert choose(window, colours) == "Which theme?"
        path = tmp_path / f"{colours}.png"
        answer(window, path)
        pictures[colours] = QImage(str(path))
        assert pictures[colours].width() > 800
    assert pictures["Dark"].size() == pictures["Light"].size(), "the same drawing"
    corners = {colours: image.pixelColor(3, 3) for colours, image in pictures.items()}
    assert corners["Light"].lightness() > 200 > 80 > corners["Dark"].lightness()


def test_row_export_svg(window, tmp_path):
    trigger(window, "export-svg")
    choose(window, "Light")
    answer(window, tmp_path / "net.svg")
    assert "Conv1D" in (tmp_path / "net.svg").read_text()


def test_row_close_tab(window, press):
    press("new")
    press("close-tab")
    assert len(window.workspace.sessions) == 1
    assert len(window.workspace.session.graph) == 6


def test_row_next_tab(window, press, session):
    press("new")
    other = window.workspace.session
    press("next-tab")
    assert window.workspace.session is session
    press("next-tab")
    assert window.workspace.session is other


def test_row_previous_tab(window, press, session):
    press("new")
    press("previous-tab")
    assert window.workspace.session is session


def test_row_quit(window, press, session):
    session.undo_history.mark_saved()
    press("quit")
    assert not window.isVisible()


def test_row_quit_asks_for_what_would_be_lost(window, press, session):
    session.edit("Set units", field_edits.set_params, "a", {"units": 5})
    press("quit")
    assert window.isVisible()
    dialog = shown(window)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    QApplication.processEvents()
    assert window.isVisible()


# Edit.


def test_row_undo(window, press, session):
    session.edit("Set units", field_edits.set_params, "a", {"units": 5})
    assert window.action_manager.actions["undo"].text() == "Undo Set units"
    press("undo")
    assert session.project == drawn()
    assert not window.action_manager.actions["undo"].isEnabled()


def test_row_redo(window, press, session):
    session.edit("Set units", field_edits.set_params, "a", {"units": 5})
    press("undo")
    press("redo")
    assert session.graph["a"].params == {"units": 5}
    press("undo")
    press("redo", which=1)
    assert session.graph["a"].params == {"units": 5}


def test_row_cut(window, press, session):
    session.select(["a"])
    press("cut")
    assert "a" not in session.graph
    assert session.graph["y"].inputs == {"x": "x"}, "the wire closes over the gap"
    press("paste")
    assert session.graph["a"].params == {"units": 4}


def test_row_copy(window, press, session):
    session.select(["a", "y"])
    press("copy")
    text = QGuiApplication.clipboard().text()
    assert {node.name for node in file.parse(text.encode()).project.graph} == {"a", "y"}


def test_row_paste(window, press, session):
    session.select(["a", "y"])
    press("copy")
    pointer = Pointer(window.tabs.canvas)
    at = pointer.empty()
    QTest.mouseMove(pointer.viewport, at)
    QApplication.processEvents()
    press("paste")
    assert session.selection == ("a_2", "y_2")
    assert session.graph["y_2"].inputs == {"x": "a_2"}
    assert session.graph["a_2"].inputs == {}
    assert session.undo_history.undo_label == "Paste"


def test_row_paste_of_something_else(window, press, session, qtbot):
    for data in ("hello", "[1, 2]", "3", "{}", "\x00\ud800"[:1], "{" * 5000):
        mime = QMimeData()
        mime.setText(data)
        QGuiApplication.clipboard().setMimeData(mime)
        with qtbot.waitSignal(session.message) as told:
            press("paste")
        assert told.args == ["The clipboard holds no nodes. Copy some nodes first."]
        assert session.project == drawn()


def test_row_paste_wired(window, press, session):
    session.select(["a"])
    press("copy")
    press("paste-wired")
    assert session.graph["a_2"].inputs == {"x": "x"}


def test_row_duplicate(window, press, session):
    session.select(["a"])
    press("duplicate")
    assert session.graph["a_2"].params == {"units": 4}
    assert session.graph["a_2"].inputs == {"x": "x"}
    assert session.selection == ("a_2",)
    press("undo")
    assert session.project == drawn()


def test_row_paste_takes_the_text_of_a_whole_file(window, press, session):
    QGuiApplication.clipboard().setText(read_template("posts").decode())
    press("paste")
    assert len(session.graph) == len(drawn().graph) + 14
    assert session.graph["conv_2"].inputs == {"x": "words"}


def test_row_linked_copy(window, press, session):
    session.select(["a"])
    press("linked-copy")
    assert session.graph["a_2"].shares == "a"
    assert session.graph["a_2"].inputs == {"x": "x"}, "as a duplicate"
    assert window.tabs.canvas.scene_sync.nodes["a_2"].view_model.shares == "a"


def test_row_delete(window, press, session):
    session.select(["a", "b"])
    press("delete")
    assert set(session.graph.by_name) == {"x", "conv", "cat", "y"}
    assert session.graph["y"].inputs == {"x": "x"}
    press("undo")
    assert session.project == drawn()


def test_row_delete_a_wire(window, press, session):
    pointer = Pointer(window.tabs.canvas)
    pointer.click(pointer.wire("y"))
    press("delete", which=1)
    assert session.graph["y"].inputs == {}
    assert len(session.graph) == 6


def test_row_delete_plain(window, press, session):
    session.select(["a"])
    press("delete-plain")
    assert session.graph["y"].inputs == {}


def test_row_rename(window, press, session):
    session.select(["a"])
    press("rename")
    field = QApplication.focusWidget()
    QTest.keyClicks(field, "encoder")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert session.graph["y"].inputs == {"x": "encoder"}
    pointer = Pointer(window.tabs.canvas)
    pointer.double_click(pointer.head("encoder"))
    field = QApplication.focusWidget()
    QTest.keyClicks(field, "nope")
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert "encoder" in session.graph


def test_row_find(window, press, session, qtbot):
    press("find")
    QTest.keyClicks(QApplication.focusWidget(), "conv")
    qtbot.waitUntil(lambda: session.selection == ("conv",))
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Escape)
    assert not window.document_bars.find.isVisible()
    assert QApplication.focusWidget() is window.tabs.canvas.viewer


# Select.


def test_row_select_all(window, press, session):
    press("select-all")
    assert len(session.selection) == 6


def test_row_invert(window, press, session):
    session.select(["x", "a"])
    press("invert")
    assert session.selection == ("b", "conv", "cat", "y")


def test_row_select_none(window, press, session):
    session.select(["x"])
    press("select-none")
    assert session.selection == ()


def test_row_walk_left(window, press, session):
    session.select(["y"])
    press("walk-left")
    assert session.selection == ("a",)
    press("walk-left")
    assert session.selection == ("x",)


def test_row_walk_right(window, press, session):
    session.select(["x"])
    press("walk-right")
    press("walk-right")
    assert session.selection == ("y",)


def test_row_walk_up(window, press, session):
    session.select(["b"])
    press("walk-up")
    assert session.selection == ("a",)


def test_row_walk_down(window, press, session):
    session.select(["a"])
    press("walk-down")
    assert session.selection == ("b",)


# Graph.


def test_row_add(window, press, session, qtbot):
    press("add")
    qtbot.waitUntil(window.controllers.node_adding.add_menu.isVisible)
    QTest.keyClicks(QApplication.focusWidget(), "gru")
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    assert session.graph.nodes[-1].kind == "GRU"
    assert session.undo_history.undo_label == "Add GRU"
    pointer = Pointer(window.tabs.canvas)
    pointer.double_click(pointer.empty())
    qtbot.waitUntil(window.controllers.node_adding.add_menu.isVisible)
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Escape)
    assert len(session.graph) == 7


def test_row_connect(window, press, session):
    session.select(["x", "b"])
    press("connect")
    assert session.graph["b"].inputs == {"x": "x"}
    press("undo")
    assert session.project == drawn()


def test_row_straighten(window, session):
    session.edit("Bend", set_route, "a", "y", "x", [[560, 120]])
    window.tabs.canvas.context.select_wires({WireId("y", "x")})
    window.action_manager.refresh()
    trigger(window, "straighten")
    assert not session.project.view.get("routes")


def test_row_bypass(window, press, session):
    session.select(["a", "b"])
    press("bypass")
    assert session.graph["a"].off
    assert window.tabs.canvas.scene_sync.nodes["b"].view_model.off
    press("bypass")
    assert not session.graph["a"].off


def test_row_collapse(window, press, session):
    session.select(["a"])
    press("collapse")
    assert window.tabs.canvas.scene_sync.nodes["a"].view_model.collapsed
    press("collapse")
    assert not window.tabs.canvas.scene_sync.nodes["a"].view_model.collapsed


def test_row_frame(window, press, session):
    session.select(["a", "b"])
    press("frame")
    assert session.project.view["frames"][0]["nodes"] == ["a", "b"]
    assert len(window.tabs.canvas.scene_sync.frames) == 1
    QTest.keyClicks(QApplication.focusWidget(), "Branch")
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    assert session.project.view["frames"][0]["title"] == "Branch"
    assert session.undo_history.undo_label == "Frame"
    session.undo()
    assert session.project == drawn(), "frame and title are one step"


def test_row_rename_frame(window, press, session):
    session.edit("Frame", add_frame, ["a", "b"])
    session.select(["a", "b"])
    trigger(window, "rename-frame")
    QTest.keyClicks(QApplication.focusWidget(), "Heads")
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    assert session.project.view["frames"][0]["title"] == "Heads"


def test_row_rename_frame_by_key_and_by_its_title(window, press, session):
    session.edit("Frame", add_frame, ["a", "b"])
    pointer = Pointer(window.tabs.canvas)
    corner = window.tabs.canvas.scene_sync.frames[0].sceneBoundingRect().topLeft()
    title = pointer.at(corner + QPointF(80, 16))
    pointer.click(title)
    for title_typed, begin in (
        ("One", lambda: press("rename")),
        ("Two", lambda: pointer.double_click(title)),
    ):
        begin()
        QTest.keyClicks(QApplication.focusWidget(), title_typed)
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
        assert session.project.view["frames"][0]["title"] == title_typed


def test_row_delete_frame(window, session):
    session.edit("Frame", add_frame, ["a", "b"])
    session.select(["a"])
    trigger(window, "delete-frame")
    assert "a" not in session.graph
    assert "b" not in session.graph
    assert session.undo_history.undo_label == "Delete frame"
    assert not window.tabs.canvas.scene_sync.frames


def test_row_delete_frame_is_told_apart_from_removing_it(window, session):
    menu = window.action_manager.context_menu("frame", window)
    assert not menu.actions(), "nothing is framed"
    session.edit("Frame", add_frame, ["a", "b"])
    session.select(["a", "b"])
    texts = [
        without_mnemonic(entry.text())
        for entry in window.action_manager.context_menu("frame", window).actions()
    ]
    assert texts == ["Collapse frame", "Rename frame", "Remove frame", "Delete frame and nodes"]


def test_row_unframe(window, press, session):
    session.edit("Frame", add_frame, ["a", "b"])
    session.select(["a"])
    press("unframe")
    assert session.project.view["frames"][0]["nodes"] == ["b"]


def test_row_collapse_frame(window, press, session):
    session.edit("Frame", add_frame, ["a", "b"])
    session.select(["a"])
    press("collapse-frame")
    picture = window.tabs.canvas.scene_sync
    assert picture.frames[0].collapsed
    assert not picture.nodes["a"].isVisible()
    assert picture.wires[WireId("y", "x")].isVisible()
    press("undo")
    assert picture.nodes["a"].isVisible()


def test_row_collapse_frame_by_its_arrow(window, session):
    session.edit("Frame", add_frame, ["a", "b"])
    pointer = Pointer(window.tabs.canvas)
    frame = window.tabs.canvas.scene_sync.frames[0]
    pointer.click(pointer.at(frame.mapToScene(frame.chevron.center())))
    assert session.project.view["frames"][0]["collapsed"] is True
    pointer.click(pointer.at(frame.mapToScene(frame.chevron.center())))
    assert not frame.collapsed


def test_row_remove_frame(window, session):
    session.edit("Frame", add_frame, ["a", "b"])
    session.select(["a"])
    trigger(window, "remove-frame")
    assert not session.project.view.get("frames")
    assert len(session.graph) == 6


# Arrange.


def test_row_tidy(window, press, session):
    press("tidy")
    at = places(session)
    assert at["x"][0] < at["a"][0] < at["y"][0]
    assert session.undo_history.undo_label == "Tidy"
    press("undo")
    assert session.project == drawn()


def test_row_tidy_down(window, press, session):
    press("tidy-down")
    at = places(session)
    assert at["x"][1] < at["a"][1] < at["y"][1]


def box(window, name):
    item = window.tabs.canvas.scene_sync.nodes[name]
    return item.x(), item.y(), item.x() + item.width, item.y() + item.height


def test_row_align_left(window, press, session):
    session.select(["x", "conv"])
    press("align-left")
    assert box(window, "x")[0] == box(window, "conv")[0] == 0


def test_row_align_right(window, press, session):
    session.select(["x", "cat"])
    press("align-right")
    assert box(window, "x")[2] == box(window, "cat")[2]


def test_row_align_top(window, press, session):
    session.select(["a", "cat"])
    press("align-top")
    assert places(session)["cat"][1] == 0


def test_row_align_bottom(window, press, session):
    session.select(["a", "cat"])
    press("align-bottom")
    assert box(window, "a")[3] == box(window, "cat")[3]


def middle(window, name, axis):
    sides = box(window, name)
    return (sides[axis] + sides[axis + 2]) / 2


def test_row_align_middle(window, session):
    session.select(["a", "cat"])
    trigger(window, "align-middle")
    assert abs(middle(window, "a", 1) - middle(window, "cat", 1)) <= 5


def test_row_align_centre(window, session):
    session.select(["a", "cat"])
    trigger(window, "align-centre")
    assert abs(middle(window, "a", 0) - middle(window, "cat", 0)) <= 5


def test_row_distribute_across(window, session):
    session.edit("Move", field_edits.move, {"a": (700, 0), "y": (1200, 0)})
    session.select(["x", "a", "y"])
    trigger(window, "distribute-across")
    gaps = [box(window, "a")[0] - box(window, "x")[2], box(window, "y")[0] - box(window, "a")[2]]
    assert abs(gaps[0] - gaps[1]) <= 10


def test_row_distribute_down(window, session):
    session.edit("Move", field_edits.move, {"b": (300, 100)})
    session.select(["a", "b", "conv"])
    trigger(window, "distribute-down")
    gaps = [box(window, "b")[1] - box(window, "a")[3], box(window, "conv")[1] - box(window, "b")[3]]
    assert abs(gaps[0] - gaps[1]) <= 10


def nudged(window, press, session, way, by):
    session.select(["a"])
    press(f"nudge-{way}")
    press(f"nudge-{way}")
    assert places(session)["a"] == [300 + 2 * by[0], 2 * by[1]]
    press("undo")
    assert session.project == drawn(), "a row of nudges is one step"


def test_row_nudge_left(window, press, session):
    nudged(window, press, session, "left", (-10, 0))


def test_row_nudge_right(window, press, session):
    nudged(window, press, session, "right", (10, 0))


def test_row_nudge_up(window, press, session):
    nudged(window, press, session, "up", (0, -10))


def test_row_nudge_down(window, press, session):
    nudged(window, press, session, "down", (0, 10))


# View.


def test_row_fit(window, press):
    viewer = window.tabs.canvas.viewer
    viewer.set_zoom_at(3.0)
    press("fit")
    assert viewer.visible_rect.contains(window.tabs.canvas.scene_sync.nodes_rect())


def test_row_fit_selection(window, press, session):
    session.select(["cat"])
    press("fit-selection")
    viewer = window.tabs.canvas.viewer
    assert viewer.visible_rect.contains(window.tabs.canvas.scene_sync.nodes_rect(["cat"]))
    assert viewer.zoom > 1.0


def test_row_zoom_100(window, press):
    window.tabs.canvas.viewer.set_zoom_at(0.4)
    press("zoom-100")
    assert window.tabs.canvas.viewer.zoom == 1.0
    assert window.status_bar.zoom_button.text() == "100 %"


def test_row_zoom_in(window, press):
    before = window.tabs.canvas.viewer.zoom
    press("zoom-in", which=1)
    assert window.tabs.canvas.viewer.zoom == pytest.approx(before * 1.25)


def test_row_zoom_out(window, press):
    before = window.tabs.canvas.viewer.zoom
    press("zoom-out")
    assert window.tabs.canvas.viewer.zoom == pytest.approx(before / 1.25)


def test_row_minimap(window, press):
    window.tabs.canvas.viewer.set_zoom_at(2.0)
    assert window.tabs.canvas.minimap.isVisible()
    press("minimap")
    assert not window.tabs.canvas.minimap.isVisible()
    press("minimap")
    assert window.tabs.canvas.minimap.isVisible()


def test_row_next_problem(window, press, session):
    session.current_report()
    wrong = [found.node for found in session.report.diagnostics if found.node]
    press("next-problem")
    assert session.selection[0] in wrong


def test_row_previous_problem(window, press, session):
    session.current_report()
    wrong = [found.node for found in session.report.diagnostics if found.node]
    press("previous-problem")
    assert session.selection[0] in wrong


def test_row_next_panel(window, press):
    seen = set()
    for _ in range(len(window.docks) + 1):
        press("next-panel")
        focus = QApplication.focusWidget()
        seen |= {title for title, dock in window.docks.items() if dock.isAncestorOf(focus)} or {
            "canvas"
        }
    assert {"Layers", "Inspector", "Problems", "canvas"} <= seen


def themed(window, mode):
    trigger(window, f"theme-{mode}")
    assert window.theme.mode == window.settings.theme_mode == mode


def test_row_menu_bar(window, press):
    press("menu-bar")
    popup = QApplication.activePopupWidget()
    assert isinstance(popup, QMenu)
    assert without_mnemonic(popup.title()) == "File"
    popup.close()


def test_row_theme_system(window):
    themed(window, "system")


def test_row_theme_dark(window):
    themed(window, "light")
    themed(window, "dark")
    assert window.theme.is_dark


def test_row_theme_light(window):
    themed(window, "light")
    assert not window.theme.is_dark
    assert window.palette().window().color() == window.theme.color("window")


def test_row_reset_layout(window):
    window.docks["Inspector"].hide()
    trigger(window, "reset-layout")
    assert window.docks["Inspector"].isVisible()


# Train.


def test_row_train(window, press, session):
    press("train")
    assert window.docks["Training"].isVisible()
    assert not window.panels.training.running, "a network with errors is not trained"


def test_row_stop(window):
    assert not window.action_manager.actions["stop"].isEnabled(), "nothing runs"


@pytest.fixture
def live(window, sound, session, tmp_path, qtbot):
    """The network in training, started by its button's key."""
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
    trigger(window, "train")
    qtbot.waitUntil(lambda: window.panels.training.state == "running", timeout=60_000)
    yield window.panels.training
    window.panels.training.run_process.kill()
    qtbot.waitUntil(lambda: not window.panels.training.running, timeout=10_000)


def test_row_pause(window, live, press, qtbot):
    press("pause")
    qtbot.waitUntil(lambda: live.state == "paused", timeout=10_000)
    assert window.action_manager.actions["pause"].text() == "Continue"
    assert window.tool_bar.chip.text().startswith("Paused")
    press("pause")
    qtbot.waitUntil(lambda: live.state == "running", timeout=10_000)


def test_row_checkpoint(window, live, qtbot):
    trigger(window, "checkpoint")
    qtbot.waitUntil(lambda: live.displayed_run.curves.checkpoint is not None, timeout=10_000)


def test_row_resume(window, live, press, qtbot):
    assert not window.action_manager.actions["resume"].isEnabled()
    press("stop")
    qtbot.waitUntil(lambda: live.state == "idle", timeout=10_000)
    run = live.displayed_run.run
    press("resume")
    assert live.running
    assert live.displayed_run.run == run


def test_row_restart(window, live, press, qtbot):
    run = live.displayed_run.run
    press("restart")
    qtbot.waitUntil(lambda: live.displayed_run.run != run, timeout=20_000)
    assert live.running


def test_closing_the_window_asks_what_becomes_of_the_training(window, live, qtbot):
    """Cancel keeps both; Enter keeps the training and closes the window."""
    window.workspace.session.undo_history.mark_saved()
    window.close()
    question = shown(window)
    assert "Keep training" in question.title
    QTest.keyClick(question, Qt.Key.Key_Escape)
    QApplication.processEvents()
    assert window.isVisible()
    assert live.running
    window.close()
    QTest.keyClick(shown(window), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=5_000)
    assert live.running


def test_row_last_run(window, sound, session, tmp_path, qtbot):
    session.path = tmp_path / "net.loom.json"
    made_run(tmp_path / "runs" / "net-001", session.project, "net")
    window.panels.training._run_watcher.check()
    assert window.tool_bar.chip.text() == "Trained: net-001"
    trigger(window, "last-run")
    qtbot.waitUntil(lambda: not window.panels.training.run_process.following, timeout=10_000)
    assert window.panels.training.displayed_run.curves.step == 200
    session.edit("Units", field_edits.set_params, "a", {"units": 9})
    session.current_report()
    assert window.tool_bar.chip.text() == "Edited since net-001"


@pytest.fixture
def curves(window, sound, session, tmp_path, qtbot):
    """The curves of a run that has ended."""
    session.path = tmp_path / "net.loom.json"
    made_run(tmp_path / "runs" / "net-001", session.project, "net")
    window.dock_layout.show_panel("Training")
    window.panels.training._run_watcher.check()
    window.panels.training.open_last_run()
    qtbot.waitUntil(lambda: not window.panels.training.run_process.following, timeout=10_000)
    return window.panels.training.run_view


def test_row_curves_log(window, curves):
    trigger(window, "curves-log")
    assert curves.view_options.options.log_scale
    assert window.action_manager.actions["curves-log"].isChecked()
    trigger(window, "curves-log")
    assert not curves.view_options.options.log_scale


def test_row_curves_whole(window, curves):
    curves.view_options.update(zoom_range=(10, 50))
    assert window.panels.training.bar._extent.currentText() == "Steps 10 to 50"
    trigger(window, "curves-whole")
    assert curves.view_options.options.zoom_range is None


def test_row_export_curves_png(window, curves, tmp_path):
    trigger(window, "export-curves-png")
    answer(window, tmp_path / "curves.png")
    assert QImage(str(tmp_path / "curves.png")).width() > 400


def test_row_export_curves_svg(window, curves, tmp_path):
    trigger(window, "export-curves-svg")
    answer(window, tmp_path / "curves.svg")
    assert "Total loss" in (tmp_path / "curves.svg").read_text()


def test_row_export_curves_csv(window, curves, tmp_path, qtbot):
    trigger(window, "export-curves-csv")
    answer(window, tmp_path / "curves.csv")
    qtbot.waitUntil((tmp_path / "curves.csv").is_file, timeout=5_000)
    assert len((tmp_path / "curves.csv").read_text().splitlines()) == 201


def test_row_choose_data(window, tmp_path):
    data = tmp_path / "rows.csv"
    data.write_text("x,y\n1,2\n")
    trigger(window, "choose-data")
    answer(window, data)
    assert window.panels.training.bar.chooser.data == data


def test_row_choose_data_takes_a_folder_whose_path_is_typed(window, tmp_path):
    trigger(window, "choose-data")
    answer(window, tmp_path)
    assert window.panels.training.bar.chooser.data == tmp_path


# Data.


@pytest.fixture
def table(window, session, tmp_path, qtbot):
    """The data panel with a table of numbers and labels, its second column chosen."""
    data = tmp_path / "rows.csv"
    lines = [f"{n * 0.7},{'uvw'[n % 3]},{n * 1.3}" for n in range(40)]
    data.write_text("\n".join(["a,kind,b", *lines]))
    session.data_path = data
    window.controllers.columns.show_table()
    qtbot.waitUntil(
        lambda: session.table_contents is not None and not session.table_contents.is_reading
    )
    QTest.keyClick(window.panels.data.table, Qt.Key.Key_Right)
    assert window.panels.data.selected_columns == ("kind",)
    return window.panels.data.table


def test_row_data(window, press):
    press("data")
    assert window.panels.data.isVisible()


def test_row_feed(window, press, session, table, qtbot):
    session.edit("Set", field_edits.set_params, "x", {"shape": [3]})
    press("feed")
    menu = shown(window, QMenu)
    assert [(without_mnemonic(a.text()), a.isEnabled()) for a in menu.actions()] == [
        ("x", True),
        ("y", False),
    ]
    QTest.keyClick(menu, Qt.Key.Key_Down)
    QTest.keyClick(menu, Qt.Key.Key_Return)
    assert session.project.data == {"inputs": {"x": {"column": "kind", "encode": "category"}}}
    assert session.undo_history.undo_label == "Assign kind to x"


def test_row_feed_by_enter_in_the_table(window, session, table):
    QTest.keyClick(table, Qt.Key.Key_Return)
    assert shown(window, QMenu).title() == "Assign to node"
    QTest.keyClick(shown(window, QMenu), Qt.Key.Key_Escape)


def test_row_feed_in_the_menu_of_a_column(window, session, table, qtbot):
    session.edit("Set", field_edits.set_params, "x", {"shape": [3]})
    header = table.column_header
    at = QPoint(header.sectionViewportPosition(1) + 30, 20)
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, header.viewport().mapToGlobal(at))
    QApplication.sendEvent(header.viewport(), event)
    menu = shown(window, QMenu)
    texts = [without_mnemonic(action.text()) for action in menu.actions() if action.text()]
    assert texts == [
        "Assign to node", "Add Input for columns", "Add Output for columns", "Unassign",
    ]  # fmt: skip
    menu.actions()[0].menu().actions()[0].trigger()
    assert "x" in session.project.data["inputs"]
    menu.close()


def test_row_feed_new_input(window, session, table):
    trigger(window, "feed-new-input")
    node = session.graph.nodes[-1]
    assert (node.name, node.kind, node.params) == ("kind", "Input", {"shape": [3]})
    assert session.selection == ("kind",)


def test_row_feed_new_output(window, session, table):
    trigger(window, "feed-new-output")
    node = session.graph.nodes[-1]
    assert (node.name, node.kind) == ("kind", "Output")
    assert node.params["loss"] == "sparse_categorical_crossentropy"


def test_row_unfeed(window, session, table):
    session.edit("Map", field_edits.set_mapping, "inputs", "x", {"column": "kind"})
    trigger(window, "unfeed")
    assert session.project.data == {}
    session.undo()
    assert "x" in session.project.data["inputs"]


def test_columns_are_acted_on_only_where_some_are_chosen(window):
    for id in ("feed", "feed-new-input", "feed-new-output", "unfeed"):
        assert not window.action_manager.actions[id].isEnabled()


# Runs.


@pytest.fixture
def runs(window, sound, session, tmp_path, qtbot):
    """Two runs of the network, of which the second has another node; the second is chosen."""
    session.path = tmp_path / "net.loom.json"
    place = tmp_path / "runs"
    made_run(place / "net-001", session.project, "net")
    made_run(place / "net-002", node_edits.add_node(session.project, "Dropout", "drop"), "net")
    window.dock_layout.show_panel("Runs")
    panel = window.panels.runs
    qtbot.waitUntil(lambda: len(panel.table.runs.entries) == 2, timeout=10_000)
    panel.table.select({place / "net-002"})
    return panel


def test_row_runs(window, press):
    press("runs")
    assert window.docks["Runs"].isVisible()
    assert window.panels.runs.isVisible()


def test_row_runs_folder(window, runs, tmp_path, qtbot):
    made_run(tmp_path / "elsewhere" / "runs" / "copied-001", window.workspace.session.project, "c")
    trigger(window, "runs-folder")
    answer(window, tmp_path / "elsewhere")
    qtbot.waitUntil(lambda: [e.name for e in runs.table.listed] == ["copied-001"], timeout=10_000)


def test_row_run_show(window, runs, qtbot):
    trigger(window, "run-show")
    qtbot.waitUntil(lambda: not window.panels.training.run_process.following, timeout=10_000)
    assert window.panels.training.displayed_run.run.name == "net-002"
    assert window.panels.training.isVisible()


def test_row_run_graph(window, runs):
    trigger(window, "run-graph")
    assert "drop" in window.workspace.session.graph
    assert window.workspace.session.title == "net-002"
    assert window.workspace.session.path is None


def test_row_run_compare(window, runs, qtbot):
    assert not window.action_manager.actions["run-compare"].isEnabled()
    runs.table.selectAll()
    trigger(window, "run-compare")
    tree = runs.details.diff_tree
    qtbot.waitUntil(lambda: tree.comparison is not None, timeout=5_000)
    QTest.mouseClick(runs.details.canvas_button, Qt.MouseButton.LeftButton)
    session = window.workspace.session
    assert session.title == "net-002 vs net-001"
    assert session.selection == ("drop",)
    assert "New since net-001" in [frame["title"] for frame in session.project.view["frames"]]


def test_row_run_again(window, live, press, qtbot):
    """It trains with the same settings, into a folder of its own."""
    qtbot.waitUntil(lambda: live.displayed_run.curves.step > 3, timeout=20_000)
    press("stop")
    qtbot.waitUntil(lambda: live.state == "idle", timeout=10_000)
    first = live.displayed_run.run
    window.dock_layout.show_panel("Runs")
    qtbot.waitUntil(lambda: len(window.panels.runs.table.runs.entries) == 1, timeout=10_000)
    window.panels.runs.table.selectAll()
    qtbot.waitUntil(window.action_manager.actions["run-again"].isEnabled, timeout=10_000)
    trigger(window, "run-again")
    assert live.running
    assert live.displayed_run.run.name == "net-002"
    qtbot.waitUntil(lambda: live.displayed_run.curves.step > 3, timeout=60_000)
    before = list(read_state(first).steps["loss"].values[:3])
    assert list(live.displayed_run.curves.steps["loss"].values[:3]) == before


def test_row_run_from(window, live, press, qtbot):
    press("stop")
    qtbot.waitUntil(lambda: live.state == "idle", timeout=10_000)
    window.dock_layout.show_panel("Runs")
    qtbot.waitUntil(lambda: len(window.panels.runs.table.runs.entries) == 1, timeout=10_000)
    window.panels.runs.table.selectAll()
    # The trainer's process ends a moment after its run does, and only then is another offered.
    qtbot.waitUntil(window.action_manager.actions["run-from"].isEnabled, timeout=10_000)
    trigger(window, "run-from")
    assert live.running
    qtbot.waitUntil(lambda: live.state == "running", timeout=60_000)


def test_row_run_star(window, runs, tmp_path):
    trigger(window, "run-star")
    assert read_notes(tmp_path / "runs" / "net-002").star


def test_row_run_rename(window, runs, tmp_path):
    trigger(window, "run-rename")
    editor = runs.table.viewport().findChild(QLineEdit)
    editor.selectAll()
    QTest.keyClicks(editor, "better")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    QApplication.processEvents()
    assert read_notes(tmp_path / "runs" / "net-002").name == "better"


def test_row_run_note(window, runs, tmp_path):
    trigger(window, "run-note")
    QTest.keyClicks(QApplication.focusWidget(), "with a dropout")
    runs.details.note.save()
    assert read_notes(tmp_path / "runs" / "net-002").text == "with a dropout"


def test_row_run_delete(window, runs, tmp_path):
    trigger(window, "run-delete")
    assert not (tmp_path / "runs" / "net-002").exists()


def test_row_run_restore(window, runs, tmp_path):
    trigger(window, "run-delete")
    trigger(window, "run-restore")
    assert (tmp_path / "runs" / "net-002").exists()


def test_a_run_has_a_menu_of_its_own(window, runs):
    menu = window.action_manager.context_menu("run", window)
    texts = [entry.text() for entry in menu.actions() if not entry.isSeparator()]
    assert texts[:2] == ["Show curves", "Open graph"]
    assert "Compare two runs" not in texts
    menu.close()


# Help.


def test_row_sheet(window, press, qtbot):
    press("sheet")
    dialog = shown(window)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    back(window, qtbot)
    press("sheet", which=1)
    shown(window).close()


def test_row_shortcuts(window, press, session, qtbot):
    trigger(window, "shortcuts")
    dialog = shown(window)
    window.action_manager.keymap.set_keys("tidy", ["K"])
    dialog.close()
    back(window, qtbot)
    QTest.keyClick(window.tabs.canvas.viewer, Qt.Key.Key_K)
    assert session.undo_history.undo_label == "Tidy"


def test_row_welcome(window, qtbot):
    trigger(window, "welcome")
    assert not window.tabs.canvas.isVisible()
    window.document_manager.new()
    qtbot.waitUntil(lambda: window.tabs.canvas.isVisible())


def test_row_about(window):
    trigger(window, "about")
    shown(window).close()


def test_the_context_menu_holds_what_can_be_done(window, session, qtbot):
    session.select(["a"])
    menu: QMenu = window.action_manager.context_menu("node", window)
    texts = [entry.text() for entry in menu.actions() if not entry.isSeparator()]
    assert "Bypass" in texts
    assert "Align left" not in texts
    menu.popup(window.mapToGlobal(QPoint(200, 200)))
    menu.close()
