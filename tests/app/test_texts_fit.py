"""Every text that is shown fits its box, or is cut with three dots and told whole on hover."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QLabel,
    QLineEdit,
    QStyle,
    QStyleOptionButton,
    QToolButton,
    QWidget,
)

from app.canvas.drawing.text_fit import text_width
from app.canvas.items.node_layout import NodeLayout
from app.canvas.items.node_view import NodeViewModel, PortSlot
from app.canvas.items.node_view_builder import input_slots, output_slots
from app.palette.row_painter import draw_name
from app.palette.tree import LayerTypeTree
from engine.graph.model import Node
from engine.graph.node_names import MAX_NAME_LENGTH
from engine.layers import catalogue
from tests.app.windows import dialogs, opened, posts, settle, shown_dialog
from tests.tiers import cases

WIDTHS = (1000, 1280, 1440, 1920)[:: cases(3, 1)]
_LINE = 1  # a pixel of rounding


def room_for(widget: QWidget) -> tuple[str, float] | None:
    """Return a text and how wide it may be, None for what shows none or breaks lines."""
    if isinstance(widget, QLabel):
        if widget.wordWrap() or not widget.text() or not widget.pixmap().isNull():
            return None
        longest = max(widget.text().splitlines(), key=len, default="")
        return longest, widget.contentsRect().width() - 2 * widget.margin()
    if isinstance(widget, QLineEdit):
        if widget.text() or not widget.placeholderText() or widget.isReadOnly():
            return None
        return widget.placeholderText(), widget.rect().width() - 12
    if isinstance(widget, QComboBox):
        return widget.currentText(), widget.rect().width() - 24
    if isinstance(widget, QToolButton):
        if widget.toolButtonStyle() == Qt.ToolButtonStyle.ToolButtonIconOnly:
            return None
        return widget.text(), widget.rect().width() - 4
    if isinstance(widget, QAbstractButton) and widget.text():
        option = QStyleOptionButton()
        option.initFrom(widget)
        inside = widget.style().subElementRect(
            QStyle.SubElement.SE_PushButtonContents, option, widget
        )
        return widget.text().replace("&", ""), max(inside.width(), widget.width() - 24)
    return None


def too_narrow(root: QWidget) -> set[str]:
    """Return the texts in a window that neither fit nor are told whole on hover."""
    found = set()
    for widget in root.findChildren(QWidget):
        if not widget.isVisible() or widget.visibleRegion().isEmpty():
            continue
        shown = room_for(widget)
        if shown is None:
            continue
        text, room = shown
        wide = widget.fontMetrics().horizontalAdvance(text)
        if wide > room + _LINE and text not in widget.toolTip():
            parent = type(widget.parentWidget()).__name__
            found.add(f"{type(widget).__name__} in {parent}: {text!r} {wide} > {room:.0f}")
    return found


@pytest.mark.parametrize("mode", ["dark", pytest.param("light", marks=pytest.mark.slow)])
def test_texts_of_the_window_fit(qtbot, mode):
    found: set[str] = set()
    with opened(qtbot, posts(), mode=mode) as window:
        for width in WIDTHS:
            window.resize(width, 800)
            settle()
            for names in ((), ("conv",), ("age",)):
                window.workspace.session.select(names)
                for title in window.docks:
                    window.dock_layout.show_panel(title)
                    settle()
                    found |= {f"{width} {title}: {one}" for one in too_narrow(window)}
        window.action_manager.actions["find"].trigger()
        settle()
        found |= too_narrow(window)
    assert not found, "\n".join(sorted(found))


@pytest.mark.parametrize("size", [(1280, 800), (1920, 1080)])
def test_names_of_layers_fit_the_palette(qtbot, size, monkeypatch):
    """In its first width, also in bold while one searches for them."""
    rooms = {}

    def record(painter, theme, name, matched, rect, font):
        rooms[name] = (QFontMetricsF(theme.ui_font(10, bold=True)), rect.width())
        return draw_name(painter, theme, name, matched, rect, font)

    monkeypatch.setattr("app.palette.rows.draw_name", record)
    with opened(qtbot, posts()) as window:
        window.resize(*size)
        settle()
        tree = window.panels.palette.findChild(LayerTypeTree)
        for row in range(tree.model().rowCount()):
            tree.scrollTo(tree.model().index(row, 0), tree.ScrollHint.PositionAtTop)
            settle()
    assert len(rooms) > 40
    cut = [name for name, (font, room) in rooms.items() if font.horizontalAdvance(name) > room]
    assert not cut


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["gallery", "documentation", "sheet", "shortcuts", "about", "elsewhere"]
)
def test_texts_of_a_dialog_fit(qtbot, name):
    with opened(qtbot, posts()) as window:
        dialogs(window)[name]()
        settle()
        dialog = shown_dialog(window)
        assert too_narrow(dialog) == set()
        dialog.reject()


def boxes(card: NodeLayout) -> list[QRectF]:
    """Return the rectangles of all that is written on a node."""
    words = [("name", card.name), ("caption", card.caption)]
    words += [("label", label) for label in card.labels]
    found = [
        QRectF(w.position.x(), w.position.y() - 10, text_width(f, w.text), 12) for f, w in words
    ]
    chips = [*card.chips, *([card.pill] if card.pill else [])]
    for chip in chips:
        wide = text_width("chip", chip.text.text)
        text = QRectF(chip.text.position - QPointF(0, 9), chip.text.position + QPointF(wide, 3))
        assert chip.box.contains(text), chip.text.text
        found.append(chip.box)
    return found


@pytest.mark.parametrize("kind", list(catalogue.layer_classes()))
def test_what_is_written_on_a_node_lies_in_it(qapp, kind):
    for name in ("a", "n" * MAX_NAME_LENGTH, "W" * MAX_NAME_LENGTH):
        for caption, chip in (("", ""), ("64 filters · 3 wide · relu", "(batch, 96, 128)" * 9)):
            for collapsed in (False, True):
                node = Node(name, kind)
                outputs = (*output_slots(kind, False, {}), PortSlot("state_h" * 30, None, "h" * 90))
                face = NodeViewModel(
                    name, kind, "dense", caption * 20, input_slots(node, kind), outputs,
                    (chip, chip), "error", off=True, shares="W" * 60, collapsed=collapsed,
                    live_loss="0.41234567891234",
                )  # fmt: skip
                card = NodeLayout(face)
                for box in boxes(card):
                    assert card.box.adjusted(-_LINE, 0, _LINE, 0).contains(box), (name, box)
