"""A card with a chart, its title, a note or hover text, and an export menu."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QMenu, QToolButton, QWidget

from app.controls.display.elided_label import ElidedLabel
from app.controls.layout.boxes import column_layout, row_layout
from app.results.charts.result_chart import ResultChart, to_csv, to_tsv
from app.text.phrases import plain_tooltip
from app.theme import icons
from app.theme.theme import Theme

ExportFunction = Callable[[str, str, bytes], object]


class ChartCard(QFrame):
    """A frame with a chart and its export menu.

    Args:
        theme: for fonts and icons.
        title: title of the chart.
        chart: the chart of the card.
        note: a text below the title. While the pointer is over data, the hover text replaces it.
        export: the function that saves a file, called with title, file extension and content.
    """

    def __init__(
        self, theme: Theme, title: str, chart: ResultChart, note: str, export: ExportFunction
    ) -> None:
        super().__init__()
        self.chart = chart
        self._export, self._name = export, title
        self.setProperty("role", "card")
        self._title = ElidedLabel(title)
        self._title.setFont(theme.ui_font(9.5, bold=True))
        self._note, self._default_note = ElidedLabel(note, "dim"), note
        self._note.setFont(theme.ui_font(8.5))
        self.menu = QMenu(self, aboutToShow=self._fill_menu)
        self.menu_button = QToolButton(icon=icons.icon(theme, "more", "dim"))
        self.menu_button.setToolTip(plain_tooltip(f"Copy or export: {title}"))
        self.menu_button.setAccessibleName(f"Copy or export: {title}")
        self.menu_button.setProperty("role", "quiet")
        self.menu_button.clicked.connect(self._on_menu_clicked)
        self._header = row_layout(self._title, self.menu_button, spacing=6, stretch=self._title)
        items = (self._header, self._note, chart)
        column_layout(*items, parent=self, margins=(12, 8, 8, 8), spacing=3, stretch=chart)
        chart.hover_text_changed.connect(self._on_hover_text_changed)

    def add_control(self, widget: QWidget) -> None:
        """Add a control to the header."""
        self._header.insertWidget(1, widget)

    @property
    def caption(self) -> str:
        """The text below the title: the hover text, or else the note."""
        return self._note.text()

    def _on_hover_text_changed(self, text: str) -> None:
        self._note.set_text(text or self._default_note)

    def _on_menu_clicked(self) -> None:
        self.menu.popup(self.menu_button.mapToGlobal(self.menu_button.rect().bottomLeft()))

    def _fill_menu(self) -> None:
        self.menu.clear()
        self.menu.addAction("Copy data", self.copy_data)
        self.menu.addAction("Copy image", self.copy_image)
        self.menu.addSeparator()
        chart = self.chart
        formats = (("csv", lambda: to_csv(chart.table())), ("png", chart.png), ("svg", chart.svg))
        for extension, write in formats:
            text = f"Export as {extension.upper()}…"
            self.menu.addAction(text, partial(self._export_file, extension, write))

    def _export_file(self, extension: str, write: Callable[[], bytes]) -> None:
        self._export(self._name, extension, write())

    def copy_data(self) -> None:
        """Copy the data of the chart to the clipboard, as tab-separated text."""
        QGuiApplication.clipboard().setText(to_tsv(self.chart.table()))

    def copy_image(self) -> None:
        """Copy the chart to the clipboard, as an image."""
        QGuiApplication.clipboard().setImage(self.chart.image())
