"""The status bar shows messages, and the size and zoom of the active document."""

from __future__ import annotations

from app.documents.session import Session


def test_a_message_begins_with_a_capital_unless_that_is_a_name(status_bar, workspace, project):
    workspace.open(Session(project, title="small"))
    name = next(iter(project.graph.by_name))
    for text, expected in (
        ("nothing to do", "Nothing to do"),
        ("small was reloaded", "small was reloaded"),
        (f"{name} has no input", f"{name} has no input"),
    ):
        workspace.message.emit(text)
        assert status_bar._bar.currentMessage() == expected


def test_size_and_zoom_follow_the_active_document(status_bar, workspace, tabs, session, project):
    assert status_bar.size_label.text() == "Empty graph"
    workspace.open(Session(project))
    assert status_bar.size_label.text().startswith(f"{len(project.graph)} nodes")
    tabs.canvas.viewer.set_zoom_at(2.0)
    assert status_bar.zoom_button.text() == "200 %"
    workspace.activate(session)
    assert status_bar.size_label.text() == "Empty graph"
    assert status_bar.zoom_button.text() != "200 %"


def test_a_click_on_the_zoom_triggers_the_action(status_bar, actions, qtbot):
    with qtbot.waitSignal(actions.actions["zoom-100"].triggered):
        status_bar.zoom_button.click()
