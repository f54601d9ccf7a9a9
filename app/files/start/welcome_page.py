"""The welcome page of a window without a document: ways to start, and recent files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QPushButton, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from app.controls.display.labels import plain_label
from app.controls.layout.boxes import column_layout, row_layout
from app.files.start.card_button import CardButton
from app.files.start.how_it_works import HowItWorks
from app.files.start.recent_files import RecentFiles
from app.files.start.template_gallery import TemplateGallery
from app.settings import TOUR_SEEN, Settings
from app.theme import icons
from app.theme.style import set_property
from app.theme.theme import Theme
from engine.graph.serialization.file import parse
from engine.graph.templates import read_template

_WIDTH = 824
_SCROLL_BAR_SPACE = 8  # pixels beside the cards
_CARD_SIZE = QSize(194, 208)  # so that four fit in a row
_SUBTITLE = "Draw, check and train neural networks with several inputs and outputs."
_START_CARDS = (  # title, text, icon
    ("From an example", "Complete networks to try, edit and train.", "template"),
    ("From your data", "Creates a starter network for a table, ready to train.", "database"),
    ("From scratch", "An empty canvas with the list of layers.", "edit"),
    ("Open a file", "Continue with a saved network.", "open"),
)


class WelcomePage(QWidget):
    """The welcome page.

    Signals:
        new_requested: the name of a template, or None for an empty document.
        data_requested: the user asks for a starter network for a data file.
        tour_requested: the user asks for the tour.
        open_requested: the user asks for the dialog to open a file.
        file_requested: the path of a file to open.
    """

    new_requested = Signal(object)  # str | None
    data_requested = Signal()
    tour_requested = Signal()
    open_requested = Signal()
    file_requested = Signal(Path)

    def __init__(self, theme: Theme, settings: Settings) -> None:
        super().__init__()
        self._theme, self._settings = theme, settings
        self.gallery: TemplateGallery | None = None
        self._back: QPushButton | None = None
        self._draw_timer = QTimer(self, singleShot=True, interval=0, timeout=self._draw_example)
        self._pages = QStackedWidget()
        self._pages.addWidget(self._build_front())
        column_layout(self._pages, parent=self)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()
        self._draw_timer.start()

    def refresh(self) -> None:
        """Reload the list of recent files. If it is empty, show the "How it works" steps."""
        paths = self._settings.recent_files[:5]
        self.recent.show_files(paths)
        for widget in (self._recent_title, self.recent):
            widget.setVisible(bool(paths))
        is_new = not self._settings.flag(TOUR_SEEN)
        set_property(self.tour_button, "role", "primary" if is_new else "quiet")
        if not paths:
            self.steps.show()
            self._update_steps_icon()

    def show_examples(self) -> None:
        """Show the page of examples (the templates). The first call creates the page."""
        if self.gallery is None:
            self.gallery = TemplateGallery(self._theme, include_blank=False)
            self.gallery.chosen.connect(self._on_example_chosen)
            self._pages.addWidget(self._build_examples(self.gallery))
        by_mouse = self.start_cards[0].underMouse()
        self._pages.setCurrentIndex(1)
        self.gallery.cards[0].take_focus(by_mouse)

    def show_front(self) -> None:
        """Show the front page: ways to start, and recent files."""
        by_mouse = self._back is not None and self._back.underMouse()
        self._pages.setCurrentIndex(0)
        self.start_cards[0].take_focus(by_mouse)

    def _build_front(self) -> QWidget:
        open_file, open_data = self.open_requested.emit, self.data_requested.emit
        actions: Sequence[Callable[[], object]]
        actions = (self.show_examples, open_data, self._on_scratch, open_file)
        self.start_cards = [
            self._start_card(*texts, action)
            for texts, action in zip(_START_CARDS, actions, strict=True)
        ]
        self.recent = RecentFiles(self._theme)
        self.recent.file_requested.connect(self.file_requested)
        self._recent_title = plain_label("Recent files", "heading")
        self.tour_button = QPushButton("Take the tour")
        self.tour_button.setToolTip("Five steps on an example: draw, train, predict.")
        self.tour_button.clicked.connect(self.tour_requested)
        head = row_layout(plain_label("Layerloom", "title"), None, self.tour_button)
        column = column_layout(head, spacing=12)
        subtitle = plain_label(_SUBTITLE, "dim")
        subtitle.setFont(self._theme.ui_font(11))
        column.addWidget(subtitle)
        column.addSpacing(10)
        column.addLayout(row_layout(*self.start_cards, spacing=16))
        column.addSpacing(14)
        column.addWidget(self._recent_title)
        column.addWidget(self.recent)
        column.addSpacing(6)
        column.addLayout(self._build_steps())
        return _centered(column)

    def _build_steps(self) -> QVBoxLayout:
        self.steps_button = QPushButton("How it works", iconSize=QSize(16, 16))
        self.steps_button.setCursor(Qt.CursorShape.PointingHandCursor)
        self.steps_button.setProperty("role", "quiet")
        self.steps = HowItWorks(self._theme)
        self.steps.hide()
        self.steps_button.clicked.connect(self._on_how_clicked)
        self._update_steps_icon()
        column = column_layout(spacing=10)
        column.addWidget(self.steps_button, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.steps)
        return column

    def _build_examples(self, gallery: TemplateGallery) -> QWidget:
        back = self._back = QPushButton("Back", icon=icons.icon(self._theme, "left"))
        back.setProperty("role", "quiet")
        back.clicked.connect(self.show_front)
        head = row_layout(back, plain_label("Start from an example", "title"), None, spacing=14)
        page, middle = QWidget(), QWidget()
        middle.setMaximumWidth(_WIDTH + 2 * _SCROLL_BAR_SPACE)
        column_layout(head, gallery, parent=middle, margins=(0, 28, 0, 12), spacing=18)
        around = row_layout(None, middle, None, parent=page)
        around.setStretchFactor(middle, 100)
        return page

    def _start_card(
        self, title: str, text: str, icon: str, on_clicked: Callable[[], object]
    ) -> CardButton:
        card = CardButton(self._theme, title, text, icon=icon, size=_CARD_SIZE)
        card.clicked.connect(on_clicked)
        return card

    def _draw_example(self) -> None:
        """Draw a template on the card "From an example", after the page has become visible."""
        self.start_cards[0].show_graph(parse(read_template("penguins")).project.graph, "")

    def _on_scratch(self) -> None:
        self.new_requested.emit(None)

    def _on_example_chosen(self, name: object) -> None:
        self.show_front()
        self.new_requested.emit(name)

    def _on_how_clicked(self) -> None:
        self.steps.setVisible(self.steps.isHidden())
        self._update_steps_icon()

    def _update_steps_icon(self) -> None:
        name = "right" if self.steps.isHidden() else "down"
        self.steps_button.setIcon(icons.icon(self._theme, name, "accent"))


def _centered(column: QVBoxLayout) -> QScrollArea:
    middle = QWidget()
    middle.setLayout(column)
    middle.setFixedWidth(_WIDTH)
    column.setContentsMargins(0, 0, 0, 0)
    content = QWidget()
    around = column_layout(parent=content, margins=(24, 24, 24, 24))
    around.addStretch(2)
    around.addWidget(middle, 0, Qt.AlignmentFlag.AlignHCenter)
    around.addStretch(3)
    area = QScrollArea(widgetResizable=True, frameShape=QFrame.Shape.NoFrame)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(content)
    return area
