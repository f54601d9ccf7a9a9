"""The palette: layers are found, looked up, added by keyboard, double click and drag."""

import pytest
from PySide6.QtCore import QEvent, QMimeData, QModelIndex, QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QDrag, QFontMetricsF, QHelpEvent, QImage, QMouseEvent, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QToolTip, QWidget

from app.canvas.view.pointer_hint import empty_canvas_hint
from app.controls import EmptyState, SearchEdit
from app.documents.session import Session
from app.palette.panel import PalettePanel
from app.palette.row_painter import draw_name, node_pixmap, tooltip_html
from app.palette.rows import hit_at
from app.palette.tree import LayerTypeTree
from app.settings import Settings
from app.shell.actions.table import ALL_ACTIONS
from app.text.layer_search import layer_families, layer_infos
from engine.graph.edits import node_edits


@pytest.fixture
def panel(qtbot, workspace, theme):
    panel = PalettePanel(workspace, theme, Settings())
    qtbot.addWidget(panel)
    panel.resize(260, 700)
    panel.show()
    qtbot.waitExposed(panel)
    return panel


def field(panel):
    return panel.findChild(SearchEdit)


def tree(panel):
    return panel.findChild(LayerTypeTree)


def rows(view, parent=None):
    model, parent = view.model(), parent or QModelIndex()
    for row in range(model.rowCount(parent)):
        index = model.index(row, 0, parent)
        yield index
        yield from rows(view, index)


def place_of(view, kind):
    index = next(index for index in rows(view) if hit_at(index) and index.data() == kind)
    view.scrollTo(index)
    return view.visualRect(index).center()


def listed(view):
    return [index.data() for index in rows(view)]


def add(session, kind, name):
    assert session.edit("Add", node_edits.add_node, kind, name=name, at=(0, 0))


def test_all_kinds_stand_in_their_families(panel):
    wanted = [text for _, title, members in layer_families() for text in (title, *members)]
    assert listed(tree(panel)) == wanted


def test_typing_finds_and_enter_adds_the_best(qtbot, panel):
    QTest.keyClicks(field(panel), "gap")
    assert listed(tree(panel)) == ["GlobalAveragePooling1D", "GlobalAveragePooling2D"]
    with qtbot.waitSignal(panel.add_requested) as asked:
        QTest.keyClick(field(panel), Qt.Key.Key_Return)
    assert asked.args == ["GlobalAveragePooling1D"]


def test_down_goes_into_the_list_and_enter_adds_there(qtbot, panel):
    panel.setFocus()
    QTest.keyClicks(field(panel), "conv")
    QTest.keyClick(field(panel), Qt.Key.Key_Down)
    assert tree(panel).hasFocus()
    QTest.keyClick(tree(panel), Qt.Key.Key_Down)
    with qtbot.waitSignal(panel.add_requested) as asked:
        QTest.keyClick(tree(panel), Qt.Key.Key_Return)
    assert asked.args == ["Conv2D"]


def test_typing_in_the_list_and_up_at_its_top_go_back_to_the_search(panel):
    panel.setFocus()
    QTest.keyClick(field(panel), Qt.Key.Key_Down)
    assert tree(panel).currentIndex().data() == "Input"
    QTest.keyClick(tree(panel), Qt.Key.Key_D)
    assert (field(panel).text(), field(panel).hasFocus()) == ("d", True)
    QTest.keyClick(field(panel), Qt.Key.Key_Down)
    QTest.keyClick(tree(panel), Qt.Key.Key_Up)
    assert field(panel).hasFocus()
    QTest.keyClick(field(panel), Qt.Key.Key_Escape)
    assert field(panel).text() == ""


def test_a_double_click_adds(qtbot, panel):
    view = tree(panel)
    place = place_of(view, "LSTM")
    with qtbot.waitSignal(panel.add_requested) as asked:
        qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
        qtbot.mouseDClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert asked.args == ["LSTM"]


def test_nothing_found_says_so_and_what_to_do(panel):
    QTest.keyClicks(field(panel), "desne")
    told = [label.text() for label in panel.findChild(EmptyState).children() if _says(label)]
    assert panel.findChild(EmptyState).isVisible()
    assert "No layer matches 'desne'" in told
    assert any("Did you mean Dense?" in text for text in told)
    field(panel).clear()
    assert tree(panel).isVisible()


def _says(widget):
    return hasattr(widget, "text") and bool(widget.text())


def test_a_folded_family_is_folded_at_the_next_start(qtbot, panel, workspace, theme):
    view = tree(panel)
    head = next(index for index in rows(view) if index.data() == "Recurrent")
    view.scrollTo(head)
    at = view.visualRect(head).center()
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert not view.isExpanded(head)
    other = PalettePanel(workspace, theme, Settings())
    qtbot.addWidget(other)
    other.show()
    folded = [index.data() for index in rows(tree(other)) if _folded(tree(other), index)]
    assert folded == ["Recurrent"]


def _folded(view, index):
    return hit_at(index) is None and not view.isExpanded(index)


def test_enter_folds_and_unfolds_a_family(panel):
    view = tree(panel)
    head = next(rows(view))
    view.setCurrentIndex(head)
    QTest.keyClick(view, Qt.Key.Key_Return)
    assert not view.isExpanded(head)
    QTest.keyClick(view, Qt.Key.Key_Right)
    assert view.isExpanded(head)


def test_what_is_drawn_in_any_way_is_recent_at_most_six_and_kept(panel, session):
    kinds = ["Dense", "LSTM", "Conv1D", "Add", "Dropout", "Flatten", "GRU", "Dense"]
    for number, kind in enumerate(kinds):
        add(session, kind, f"n{number}")
    newest = ["Dense", "GRU", "Flatten", "Dropout", "Add", "Conv1D"]
    assert Settings().recent_layer_types == newest
    panel.hide()
    panel.show()
    assert listed(tree(panel))[:7] == ["Recent", *newest]


def test_an_opened_document_leaves_the_recent_kinds_alone(panel, workspace):
    other = Session()
    add(other, "Dense", "d")
    workspace.open(other)
    assert Settings().recent_layer_types == []


def test_rows_stay_under_the_pointer_when_a_kind_becomes_recent(qtbot, panel, session):
    view = tree(panel)
    place = place_of(view, "MaxPooling1D")
    panel.add_requested.connect(lambda kind: add(session, kind, "added"))
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    qtbot.mouseDClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert listed(view)[:2] == ["Recent", "MaxPooling1D"]
    assert view.indexAt(place).data() == "MaxPooling1D"


def test_a_hidden_palette_does_nothing_until_it_is_shown(panel, session):
    panel.hide()
    before = listed(tree(panel))
    add(session, "Dense", "d")
    assert listed(tree(panel)) == before
    panel.show()
    assert listed(tree(panel))[:2] == ["Recent", "Dense"]


def test_a_pulled_kind_hangs_on_the_pointer_as_a_node_that_names_it(qtbot, panel):
    view = tree(panel)
    place = place_of(view, "Dense")
    qtbot.mousePress(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    for step in (4, 30):
        move_held(view, place + QPoint(step, 0))
    # Off screen nothing can be dropped: the drag is over at once, and still there to be read.
    drag = view.findChild(QDrag)
    assert bytes(drag.mimeData().data("application/x-layerloom-kind").data()) == b"Dense"
    assert not drag.pixmap().isNull()
    qtbot.mouseRelease(view.viewport(), Qt.MouseButton.LeftButton, pos=place)


def move_held(view, place):
    """Move the pointer with the left button down, which QTest's own moves leave out."""
    moved = QMouseEvent(
        QEvent.Type.MouseMove, QPointF(place), QPointF(view.mapToGlobal(place)),
        Qt.MouseButton.NoButton, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    QApplication.sendEvent(view.viewport(), moved)


def test_a_heading_cannot_be_dragged(panel):
    view = tree(panel)
    data = view.model().mimeData([next(rows(view))])
    assert isinstance(data, QMimeData)
    assert data.formats() == []


def test_the_dragged_node_has_room_for_the_longest_name(theme):
    wide = node_pixmap(theme, layer_infos()["GlobalAveragePooling1D"], 2.0)
    narrow = node_pixmap(theme, layer_infos()["Add"], 2.0)
    assert wide.width() > narrow.width()
    assert wide.devicePixelRatio() == 2.0


def test_the_card_tells_what_a_kind_does_and_its_shapes(theme):
    text = tooltip_html(theme, layer_infos()["Dense"])
    assert "Fully connected layer" in text
    assert "x (..., features) -&gt; (..., units)." in text


def test_the_card_is_shown_where_the_pointer_rests(qtbot, panel):
    view = tree(panel)
    place = place_of(view, "Dense")
    rests = QHelpEvent(QEvent.Type.ToolTip, place, view.viewport().mapToGlobal(place))
    QApplication.sendEvent(view.viewport(), rests)
    qtbot.waitUntil(lambda: "Fully connected layer" in QToolTip.text())
    QToolTip.hideText()


@pytest.mark.parametrize("matched", [(), (0, 1, 2, 20)])
def test_a_name_without_room_ends_in_three_dots(theme, matched):
    """In a narrow dock nothing is cut through the middle of a letter."""
    name, font = "MultiHeadAttentionOfMany", theme.ui_font()
    picture = QImage(400, 24, QImage.Format.Format_RGB32)

    def drawn(text, width):
        picture.fill(0)
        painter = QPainter(picture)
        took = draw_name(painter, theme, text, matched, QRect(0, 0, width, 24), font)
        painter.end()
        return took, picture.copy()

    whole, _ = drawn(name, 400)
    took, narrow = drawn(name, 100)
    assert whole > 100 >= took
    metrics = QFontMetricsF(font)
    if not matched:
        shown = metrics.elidedText(name, Qt.TextElideMode.ElideRight, 100)
        assert shown.endswith("…")
        assert narrow == drawn(shown, 400)[1]


def test_what_is_said_of_the_panel_calls_it_by_its_title(qtbot, workspace, theme):
    """A person who reads where to look must find that name on the screen."""
    around = QWidget()
    qtbot.addWidget(around)
    labels = empty_canvas_hint(theme, around).findChildren(QLabel)
    said = [row.mouse for row in ALL_ACTIONS] + [label.text() for label in labels]
    assert not any("palette" in text.casefold() for text in said)
    assert sum("Layers panel" in text for text in said) == 3


def test_an_empty_canvas_tells_of_the_start_from_data(qtbot, theme):
    """Whoever comes with a table need not find the entry of a menu by chance."""
    around = QWidget()
    qtbot.addWidget(around)
    labels = empty_canvas_hint(theme, around).findChildren(QLabel)
    assert any("Start from data" in label.text() for label in labels)
