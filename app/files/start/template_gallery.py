"""The template gallery: a card with a thumbnail for each template."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QScrollArea, QWidget

from app.controls.dialogs.dialog import Dialog
from app.controls.display.labels import plain_label
from app.controls.layout.boxes import column_layout
from app.files.start.card_button import CARD_SIZE, CardButton
from app.text.phrases import to_sentence
from app.theme.theme import Theme
from engine.check.report import Report, check
from engine.core.formatting.counts import count_noun
from engine.graph import templates
from engine.graph.serialization.file import parse

_GAP = 16
_ARROW_STEPS: dict[int, tuple[int, int]] = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}


class CardGrid(QWidget):
    """A grid of cards in as many columns as fit. Arrow keys move the focus between cards.

    Signals:
        focus_moved: the card to which an arrow key has moved the focus.
    """

    focus_moved = Signal(QWidget)

    def __init__(self, cards: Sequence[CardButton]) -> None:
        super().__init__()
        self.cards = list(cards)
        self._columns = 0
        self._grid = QGridLayout(self, spacing=_GAP)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._arrange(len(self.cards))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange(max(1, (self.width() + _GAP) // (CARD_SIZE.width() + _GAP)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        index = next((index for index, card in enumerate(self.cards) if card.hasFocus()), None)
        step = _ARROW_STEPS.get(event.key())
        if index is None or step is None:
            super().keyPressEvent(event)
            return
        target = index + step[0] + step[1] * self._columns
        if 0 <= target < len(self.cards):
            self.cards[target].setFocus(Qt.FocusReason.TabFocusReason)
            self.focus_moved.emit(self.cards[target])

    def minimumSizeHint(self) -> QSize:
        """Return one card's width and all rows' height, so that the grid scrolls only downward."""
        rows = -(-len(self.cards) // self._columns)
        return QSize(CARD_SIZE.width(), rows * (CARD_SIZE.height() + _GAP) - _GAP)

    def _arrange(self, columns: int) -> None:
        if columns == self._columns:
            return
        self._columns = columns
        for index, card in enumerate(self.cards):
            self._grid.addWidget(card, index // columns, index % columns)
        for column in range(len(self.cards) + 1):
            self._grid.setColumnStretch(column, 1 if column == columns else 0)
        self.updateGeometry()


class TemplateGallery(QWidget):
    """A gallery of all templates. The cards "empty" and "from data" may come first.

    Signals:
        chosen: the name of a template, or None for an empty document.
        data_requested: the user asks for a starter network for a data file.
    """

    chosen = Signal(object)  # str | None
    data_requested = Signal()

    def __init__(self, theme: Theme, include_blank: bool = True) -> None:
        super().__init__()
        self._names: dict[CardButton, str | None] = {}
        self._data_card: CardButton | None = None
        if include_blank:
            text = "An empty canvas. Begin with an Input and an Output."
            self._names[CardButton(theme, "Empty", text, icon="add")] = None
            text = "Choose a table, features and targets. Creates a starter network."
            self._data_card = CardButton(theme, "Start from data", text, icon="database")
            self._names[self._data_card] = None
        for name in templates.template_names():
            card = CardButton(theme, template_title(name), template_description(name))
            self._names[card] = name
        self._pending = [card for card, name in self._names.items() if name is not None]
        for card in self._names:
            card.clicked.connect(self._on_card_clicked)
        self._grid = CardGrid(list(self._names))
        area = QScrollArea(widgetResizable=True, frameShape=QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        content = QWidget()
        column_layout(self._grid, None, parent=content, margins=(0, 2, 0, 2))
        area.setWidget(content)
        self._grid.focus_moved.connect(area.ensureWidgetVisible)
        column_layout(area, parent=self)
        self._draw_timer = QTimer(self, interval=0, timeout=self._draw_next)

    @property
    def cards(self) -> list[CardButton]:
        """All cards in order: "Empty" and "Start from data", if included, then the templates."""
        return self._grid.cards

    def showEvent(self, event: QShowEvent) -> None:
        """Start to draw the thumbnails, one per event loop iteration."""
        super().showEvent(event)
        self._draw_timer.start()

    def _draw_next(self) -> None:
        if not self._pending:
            self._draw_timer.stop()
            return
        card = self._pending.pop(0)
        name = self._names[card]
        assert name is not None
        project = parse(templates.read_template(name)).project
        card.show_graph(project.graph, network_size_text(check(project)))

    def _on_card_clicked(self) -> None:
        card = self.sender()
        assert isinstance(card, CardButton)
        if card is self._data_card:
            self.data_requested.emit()
        else:
            self.chosen.emit(self._names[card])


class NewDocumentDialog(Dialog):
    """A window-modal dialog with the template gallery.

    Signals:
        chosen, data_requested: see `TemplateGallery`.
    """

    chosen = Signal(object)  # str | None
    data_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent, "New from template")
        title = plain_label("Choose a template", "title", wrap=False)
        self.gallery = TemplateGallery(theme)
        self.gallery.chosen.connect(self.accept)
        self.gallery.chosen.connect(self.chosen)
        self.gallery.data_requested.connect(self.accept)
        self.gallery.data_requested.connect(self.data_requested)
        column_layout(title, self.gallery, parent=self, margins=(24, 20, 24, 24), spacing=16)
        self.resize(3 * CARD_SIZE.width() + 2 * _GAP + 64, 2 * CARD_SIZE.height() + _GAP + 110)
        self.gallery.cards[0].setFocus()


def template_title(name: str) -> str:
    """Return the name of a template as a title, such as "Question answering"."""
    return name.replace("-", " ").capitalize()


def template_description(name: str) -> str:
    """Return the summary of a template as a sentence."""
    return to_sentence(templates.template_summary(name))


def network_size_text(report: Report) -> str:
    """Return the size of a network, such as "1 input, 3 outputs, 13.5 M parameters"."""
    parts = [(len(report.input_specs()), "input"), (len(report.heads), "output")]
    counts = [count_noun(count, word) for count, word in parts]
    return ", ".join((*counts, f"{format_count(report.costs.total_count)} parameters"))


def format_count(count: int) -> str:
    """Return a count with three significant digits, such as "950", "3.47 K" or "13.5 M"."""
    size, unit = float(count), ""
    for unit in ("", " K", " M", " G", " T"):
        if size < 999.5 or unit == " T":
            break
        size /= 1000
    return f"{count}" if not unit else f"{size:.3g}{unit}"
