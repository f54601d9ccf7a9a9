"""The tour leads through the window by what the person does, or by its buttons."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.controls.inputs.number_edit import NumberEdit
from app.settings import TOUR_SEEN
from tests.app.inspector.editing import retype
from tests.app.rows.conftest import drawn
from tests.app.rows.menus import trigger
from tests.app.windows import visible

TITLES = [
    "Inputs, layers, outputs", "Change a field", "Train", "Watch the curves", "Predict a row",
]  # fmt: skip


def title(window) -> str:
    callout = window.controllers.tour.callout
    return callout.accessibleName().partition(": ")[2] if callout else ""


def rect_in(window, widget) -> QRect:
    return QRect(widget.mapTo(window, QPoint()), widget.size())


def numbers(window) -> list[NumberEdit]:
    return visible(window.panels.inspector, NumberEdit)


def click(widget) -> None:
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton)
    QApplication.processEvents()


@pytest.fixture
def tour(window, qtbot):
    trigger(window, "tour")
    tour = window.controllers.tour
    data = window.panels.training.bar.chooser
    qtbot.waitUntil(lambda: data.data is not None)
    yield tour
    tour.leave()
    window.panels.training.run_process.kill()
    qtbot.waitUntil(lambda: not window.panels.training.running)


def test_row_tour(window, session, tour):
    """Next and Back, by mouse and keys; the last step says Finish. The document is untouched."""
    callout = tour.callout
    assert callout.next_button.hasFocus()
    assert not callout.back_button.isEnabled()
    for number, text in enumerate(TITLES):
        assert title(window) == text
        assert window.rect().contains(callout.geometry())
        assert not callout.geometry().intersects(rect_in(window, window.tool_bar.train_button))
        if number == 1:
            click(callout.back_button)
            assert title(window) == TITLES[0]
            click(callout.next_button)
        key = Qt.Key.Key_Return if number % 2 else Qt.Key.Key_Space
        QTest.keyClick(callout.next_button, key)
        QApplication.processEvents()
    assert tour.callout is None
    assert window.settings.flag(TOUR_SEEN)
    assert window.workspace.session is not session
    assert session.project == drawn()
    assert session in window.workspace.sessions


def show_prediction(window) -> None:
    window.dock_layout.show_panel("Results")
    tabs = window.panels.results.tabs
    place = tabs.tabBar().tabRect(tabs.indexOf(window.panels.results.prediction_page)).center()
    QTest.mouseClick(tabs.tabBar(), Qt.MouseButton.LeftButton, pos=place)


def test_each_step_is_done_by_doing_it(window, tour, qtbot):
    canvas, training = window.tabs.canvas, window.panels.training
    node = canvas.scene_sync.nodes_rect(["hidden"]).center()
    QTest.mouseClick(
        canvas.viewer.viewport(), Qt.MouseButton.LeftButton, pos=canvas.viewer.mapFromScene(node)
    )
    qtbot.waitUntil(lambda: title(window) == TITLES[1])
    qtbot.waitUntil(lambda: any(edit.text() == "32" for edit in numbers(window)))
    retype(next(edit for edit in numbers(window) if edit.text() == "32"), "8")
    qtbot.waitUntil(lambda: title(window) == TITLES[2])
    assert tour.callout.ring.geometry().contains(rect_in(window, window.tool_bar.train_button))
    click(window.tool_bar.train_button)
    qtbot.waitUntil(lambda: title(window) == TITLES[3])
    assert training.displayed_run.session is window.workspace.session
    qtbot.waitUntil(lambda: title(window) == TITLES[4])
    show_prediction(window)
    qtbot.waitUntil(lambda: tour.callout is None)


def test_a_page_that_is_open_already_does_not_end_the_tour(window, tour, qtbot):
    for _ in TITLES[:2]:
        click(tour.callout.next_button)
    click(window.tool_bar.train_button)
    qtbot.waitUntil(lambda: title(window) == TITLES[3])
    show_prediction(window)
    qtbot.waitUntil(lambda: title(window) == TITLES[4])
    page = window.panels.results.prediction_page
    qtbot.waitSignal(page.client.predicted, timeout=20_000).wait()
    assert title(window) == TITLES[4]
    retype(page.form.fields["bill_length_mm"].line, "41.5")
    qtbot.waitUntil(lambda: tour.callout is None)


def test_a_tour_that_starts_twice_has_one_document(window, tour, qtbot):
    before = window.workspace.sessions
    click(tour.callout.next_button)
    trigger(window, "tour")
    assert window.workspace.sessions == before
    assert title(window) == TITLES[0]


def test_a_second_tour_has_data_although_the_first_sample_is_being_written(window, session, qtbot):
    """Closed and started again at once."""
    tour = window.controllers.tour
    trigger(window, "tour")
    click(tour.callout.close_button)
    trigger(window, "tour")
    toured = [other for other in window.workspace.sessions if other is not session]
    assert len(toured) == 2
    qtbot.waitUntil(lambda: all(other.data_path for other in toured))
    assert toured[0].data_path != toured[1].data_path
    tour.leave()


@pytest.mark.parametrize("where", ["callout", "canvas"])
def test_escape_and_close_leave(window, tour, where, qtbot):
    widget = tour.callout.next_button if where == "callout" else window.tabs.canvas.viewer
    widget.setFocus()
    QTest.keyClick(widget, Qt.Key.Key_Escape)
    assert tour.callout is None
    trigger(window, "tour")
    chooser = window.panels.training.bar.chooser
    qtbot.waitUntil(lambda: chooser.data is not None)
    click(tour.callout.close_button)
    assert tour.callout is None


def test_the_callout_follows_its_target(window, tour, session, qtbot):
    """Resized, behind another tab, and while another document is shown."""
    click(tour.callout.next_button)
    inspector, ring = window.docks["Inspector"], tour.callout.ring
    window.resize(1280, 800)
    qtbot.waitUntil(lambda: ring.geometry().contains(rect_in(window, inspector) & window.rect()))
    assert tour.callout.geometry().right() < rect_in(window, inspector).left()
    inspector.hide()
    qtbot.waitUntil(lambda: not ring.isVisible())
    assert tour.callout.isVisible()
    assert window.rect().contains(tour.callout.geometry())
    inspector.show()
    qtbot.waitUntil(ring.isVisible)
    window.workspace.activate(session)
    assert not tour.callout.isVisible()
    assert not ring.isVisible()
    window.tabs.activate_relative(1)
    assert tour.callout.isVisible()


def test_the_next_panel_key_leads_to_the_callout(window, tour, press):
    window.tabs.canvas.viewer.setFocus()
    press("next-panel")
    assert tour.callout.isAncestorOf(QApplication.focusWidget())
