"""What a person sees of their own data: the columns of a start, and the checks with their fixes."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QLabel

from app.data.pages.checks import ChecksPage
from app.files.start.column_table import FEATURE, NAME, TARGET
from app.files.start.start_from_data import StartFromDataDialog
from app.shell.main_window import MainWindow
from tests.screen.pixels import pixel

Seen = dict[str, Any]
_TICK = 14  # pixels from the edge of a cell


def seen_start(window: MainWindow) -> Seen | None:
    """Return the dialog of a start: its ticks by column, what it says, whether it can draw."""
    dialog = next(
        (each for each in window.findChildren(StartFromDataDialog) if each.isVisible()), None
    )
    if dialog is None:
        return None
    table = dialog.table
    rows = {}
    for row in range(table.model().rowCount()):
        ticks = {}
        for word, column in (("predict", TARGET), ("learn", FEATURE)):
            rect = table.visualRect(table.model().index(row, column))
            ticks[word] = pixel(
                table.viewport(), rect.topLeft() + QPoint(_TICK, rect.height() // 2)
            )
        rows[table.model().index(row, NAME).data()] = ticks
    told = [label.text() for label in dialog.findChildren(QLabel)]
    return {"rows": rows, "told": told, "ready": dialog.create_button.isEnabled()}


def seen_checks(window: MainWindow) -> Seen:
    """Return the tab in front, the codes of what is found, and the fixes in sight by their text."""
    page, known = (
        window.panels.data.findChild(ChecksPage),
        window.panels.data.data_check,
    )
    view = page.view
    fixes = {}
    index = view.diagnostic_model.index(0, 0)
    while index.isValid() and page.isVisible():
        line = view.diagnostic_model.diagnostic_row(index)
        rect = view.delegate.fix_rect(view.visualRect(index), line)
        if line.kind == "fix" and view.viewport().rect().contains(rect.center()):
            fixes[line.text] = pixel(view.viewport(), rect.center())
        index = view.indexBelow(index)
    tabs = window.panels.data.tabs
    return {
        "tab": tabs.tabText(tabs.currentIndex()),
        "codes": [bad.code for bad in known.diagnostics] if known.preview is not None else [],
        "settled": known.preview is not None and not known.is_running,
        "fixes": fixes,
    }
