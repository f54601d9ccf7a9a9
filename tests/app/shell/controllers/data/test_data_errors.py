"""Data errors are counted in the panel's title, and told once."""

from __future__ import annotations

from app.shell.controllers.data.data_status import DataStatusController


def test_errors_are_counted_and_told_once(workspace, data, training, display, counts, monkeypatch):
    controller, told = DataStatusController(workspace, data, training, display), []
    controller.errors_changed.connect(told.append)
    monkeypatch.setattr(type(data.data_check), "error_count", 2)
    for _ in range(2):
        data.data_check.changed.emit()
    assert (controller.error_count, told, counts) == (2, [2], {"Data": 2})
    monkeypatch.setattr(type(data.data_check), "error_count", 0)
    workspace.report_changed.emit()
    assert (controller.error_count, told, counts) == (0, [2, 0], {"Data": 0})


def test_the_checks_are_shown_in_the_data_panel(workspace, data, training, display, shown):
    DataStatusController(workspace, data, training, display).show_checks()
    assert shown == ["Data"]
    assert data.tabs.tabText(data.tabs.currentIndex()) == "Checks"
