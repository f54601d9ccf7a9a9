"""What a window without a document shows: what this is, four ways in, the files used last."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.files.start.card_button import Card
from app.files.start.how_it_works import Steps
from app.files.start.recent_files import RecentFiles
from app.files.start.template_gallery import Gallery
from app.settings import Settings
from app.theme import icons
from app.theme.theme import Theme
from engine.graph.serialization.file import parse
from engine.graph.templates import read_template

_WIDTH = 824
_EDGE = 8  # room for a scroll bar beside the cards
_CARD = QSize(194, 208)  # four beside one another
_WORDS = "Draw networks with several inputs and outputs. See mistakes as you draw. Train them here."


class WelcomePage(QWidget):
    """The first page.

    Signals:
        new_asked: the name of a template, or None for an empty document.
        data_asked: a network for a file of data is wanted.
        open_asked: the person wants to choose a file.
        file_asked: the Path of a file to open.
    """

    new_asked = Signal(object)
    data_asked = Signal()
    open_asked = Signal()
    file_asked = Signal(object)

    def __init__(self, theme: Theme, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("welcome-page")
        self._theme, self._settings = theme, settings
        self.gallery: Gallery | None = None
        self._back: QPushButton | None = None
        self._drawing = QTimer(self, singleShot=True, interval=0)
        self._drawing.timeout.connect(self._draw_example)
        self._pages = QStackedWidget()
        self._pages.addWidget(self._front())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._pages)

    def showEvent(self, event: QShowEvent) -> None:
        """Show the files as they are now."""
        super().showEvent(event)
        self.refresh()
        self._drawing.start()

    def refresh(self) -> None:
        """Read the recent files again; with none, show how a network is drawn."""
        paths = self._settings.recent_files[:5]
        self.recent.show_files(paths)
        for widget in (self._recent_title, self.recent):
            widget.setVisible(bool(paths))
        if not paths:
            self.steps.show()
            self._on_steps_toggled()

    def show_examples(self) -> None:
        """Turn to the examples; they are made when they are first asked for."""
        if self.gallery is None:
            self.gallery = Gallery(self._theme, empty=False)
            self.gallery.chosen.connect(self._on_example_chosen)
            self._pages.addWidget(self._examples(self.gallery))
        by_mouse = self.ways[0].underMouse()
        self._pages.setCurrentIndex(1)
        self.gallery.cards[0].follow(by_mouse)

    def show_front(self) -> None:
        """Turn back to the first page."""
        by_mouse = self._back is not None and self._back.underMouse()
        self._pages.setCurrentIndex(0)
        self.ways[0].follow(by_mouse)

    def _front(self) -> QWidget:
        self.ways = [self._way(*way) for way in (
            ("From an example", "Whole networks to try, change and train.", "template",
             self.show_examples),
            ("From your data", "A first network for a table of yours, ready to train.", "database",
             self.data_asked.emit),
            ("From scratch", "An empty canvas, and every layer beside it.", "edit",
             self._on_scratch),
            ("Open a file", "Continue with a network that you saved.", "open",
             self.open_asked.emit),
        )]  # fmt: skip
        self.recent = RecentFiles(self._theme)
        self.recent.chosen.connect(self.file_asked)
        self._recent_title = self._label("Recent files", "heading")
        column = QVBoxLayout()
        column.setSpacing(12)
        column.addWidget(self._label("Layerloom", "title"))
        words = self._label(_WORDS, "dim")
        words.setFont(self._theme.ui_font(11))
        column.addWidget(words)
        column.addSpacing(10)
        ways = QHBoxLayout()
        ways.setSpacing(16)
        for way in self.ways:
            ways.addWidget(way)
        column.addLayout(ways)
        column.addSpacing(14)
        column.addWidget(self._recent_title)
        column.addWidget(self.recent)
        column.addSpacing(6)
        column.addLayout(self._how())
        return _centred(column)

    def _how(self) -> QVBoxLayout:
        self.how = QPushButton("How a network is drawn")
        self.how.setIconSize(QSize(16, 16))
        self.how.setCursor(Qt.CursorShape.PointingHandCursor)
        self.how.setProperty("role", "quiet")
        self.steps = Steps(self._theme)
        self.steps.hide()
        self.how.clicked.connect(self._on_how_clicked)
        self._on_steps_toggled()
        column = QVBoxLayout()
        column.setSpacing(10)
        column.addWidget(self.how, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.steps)
        return column

    def _examples(self, gallery: Gallery) -> QWidget:
        back = self._back = QPushButton("Back")
        back.setProperty("role", "quiet")
        back.setIcon(icons.icon(self._theme, "left"))
        back.clicked.connect(self.show_front)
        head = QHBoxLayout()
        head.setSpacing(14)
        head.addWidget(back)
        head.addWidget(self._label("Start from an example", "title"))
        head.addStretch(1)
        page, middle = QWidget(), QWidget()
        middle.setMaximumWidth(_WIDTH + 2 * _EDGE)
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 28, 0, 12)
        column.setSpacing(18)
        column.addLayout(head)
        column.addWidget(gallery)
        around = QHBoxLayout(page)
        around.addStretch(1)
        around.addWidget(middle, 100)
        around.addStretch(1)
        return page

    def _way(self, title: str, text: str, icon: str, do: Callable[[], object]) -> Card:
        card = Card(self._theme, title, text, icon=icon, size=_CARD)
        card.clicked.connect(do)
        return card

    def _label(self, text: str, role: str) -> QLabel:
        label = QLabel(text, textFormat=Qt.TextFormat.PlainText, wordWrap=True)
        label.setProperty("role", role)
        return label

    def _draw_example(self) -> None:
        """Show a real network on the first card, once the page itself is seen."""
        self.ways[0].show_graph(parse(read_template("penguins")).project.graph, "")

    def _on_scratch(self) -> None:
        self.new_asked.emit(None)

    def _on_example_chosen(self, name: object) -> None:
        self.show_front()
        self.new_asked.emit(name)

    def _on_how_clicked(self) -> None:
        self.steps.setVisible(self.steps.isHidden())
        self._on_steps_toggled()

    def _on_steps_toggled(self) -> None:
        name = "right" if self.steps.isHidden() else "down"
        self.how.setIcon(icons.icon(self._theme, name, "accent"))


def _centred(column: QVBoxLayout) -> QScrollArea:
    """Put a column of fixed width into the middle of whatever there is."""
    middle = QWidget()
    middle.setLayout(column)
    middle.setFixedWidth(_WIDTH)
    column.setContentsMargins(0, 0, 0, 0)
    inside = QWidget()
    around = QVBoxLayout(inside)
    around.setContentsMargins(24, 24, 24, 24)
    around.addStretch(2)
    around.addWidget(middle, 0, Qt.AlignmentFlag.AlignHCenter)
    around.addStretch(3)
    area = QScrollArea(widgetResizable=True, frameShape=QFrame.Shape.NoFrame)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(inside)
    return area
