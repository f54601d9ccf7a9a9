"""Errors in the data are told in chip, status bar and tab, and a click leads to them."""

import json

from PySide6.QtCore import Qt

from engine.graph.file import parse
from tests.app.training.conftest import TEXT, saved, write_rows
from tests.app.windows import opened, settle


def test_errors_of_the_data_are_told_until_they_are_mended(tmp_path, qtbot):
    """The chip said "Valid, not trained" while the checks of the data held an error."""
    document = saved(tmp_path, parse(json.dumps(TEXT).encode()).project)
    rows = write_rows(tmp_path / "rows.csv", ("x1", "x2", "a"))
    with opened(qtbot, document) as window:
        chip, status = window.tool_bar.chip, window.status
        assert (chip.text(), status.problems.text()) == ("Valid, not trained", "No problems")
        assert not status.data.isVisible()
        document.data = rows
        qtbot.waitUntil(lambda: chip.text() == "Data: 1 error", timeout=60_000)
        assert status.data.text() == "Data: 1 error"
        assert status.data.isVisible()
        assert not status.problems.isVisible()
        assert window.docks["Data"].windowTitle() == "Data (1)"
        qtbot.mouseClick(chip, Qt.MouseButton.LeftButton)
        settle()
        assert window.data.isVisible()
        assert window.data.tabs.tabText(window.data.tabs.currentIndex()) == "Checks"
        qtbot.waitUntil(lambda: window.data.examination.errors == 1, timeout=60_000)
        window.bring("Problems")
        qtbot.mouseClick(status.data, Qt.MouseButton.LeftButton)
        assert window.data.isVisible()
        write_rows(rows)
        qtbot.waitUntil(lambda: chip.text() == "Valid, not trained", timeout=60_000)
        assert window.docks["Data"].windowTitle() == "Data"
        assert not status.data.isVisible()
        assert status.problems.isVisible()
