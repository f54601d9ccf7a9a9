"""The chip says how a document stands to its last run; a stopped run has not trained it."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from app.documents.session import Session
from app.training.panel.document_status import LastRun, document_status
from engine.events import RunStopped
from engine.graph.edits import field_edits
from tests.app.training.made import heads_of, made_run, said
from tests.app.windows import opened, posts


@pytest.fixture
def session(qapp) -> Session:
    return posts()


def run_of(session: Session, tmp_path, stopped: int | None) -> LastRun:
    """Return a run of a document that ended, or was stopped after some epochs."""
    events = said(heads_of(session.project))
    if stopped is not None:
        events = [*events[:-1], RunStopped(step=50 * stopped, epoch=stopped, seconds=8)]
    made = made_run(tmp_path / "posts-001", session.project, "posts", events)
    return LastRun(made.path)


@pytest.mark.parametrize(
    ("stopped", "kind", "text"),
    [
        (None, "trained", "Trained: posts-001"),
        (5, "stopped", "Stopped after epoch 5 of 12"),
        (0, "stopped", "Stopped in epoch 1 of 12"),
        (12, "trained", "Trained: posts-001"),
    ],
)
def test_a_run_is_called_trained_only_if_it_went_through(session, tmp_path, stopped, kind, text):
    session.edit("Set", field_edits.set_recipe, {"epochs": 12})
    standing = document_status(session, run_of(session, tmp_path, stopped))
    assert (standing.kind, standing.text) == (kind, text)


def test_a_stopped_run_of_another_state_is_told_as_such(session, tmp_path):
    last = run_of(session, tmp_path, 2)
    session.edit("Set", field_edits.set_params, "conv", {"filters": 7})
    session.current_report()
    assert document_status(session, last).kind == "edited"


@pytest.mark.slow
@pytest.mark.parametrize(("idle", "text"), [
    (1, "1 output has no loss"), (2, "2 outputs have no loss"),
])  # fmt: skip
def test_outputs_that_will_not_be_trained_are_told_before_train(session, qtbot, idle, text):
    """Two of three outputs had no loss, and the chip said no more than "Valid, not trained"."""
    names = [node.name for node in session.graph.outputs][:idle]
    for name in names:
        session.edit("Edit", field_edits.remove_param, name, "loss")
    session.current_report()
    assert not session.report.errors
    with opened(qtbot, session) as window:
        chip = window.tool_bar.chip
        assert chip.text() == text
        assert all(name in chip.accessibleDescription() for name in names)
        window.dock_layout.show_panel("Training")
        qtbot.mouseClick(chip, Qt.MouseButton.LeftButton)
        assert window.panels.problems.isVisible()
        for _ in names:
            session.undo()
        session.current_report()
        assert chip.text() == "Valid, not trained"


@pytest.mark.parametrize(
    ("name", "is_missing"),
    [
        ("part-*.csv", False),
        ("**/part-*.csv", False),
        ("other-*.csv", True),
        ("part-0.csv", False),
        ("x.csv", True),
    ],
)
def test_a_pattern_is_there_if_a_file_matches(session, tmp_path, name, is_missing):
    (tmp_path / "part-0.csv").write_text("x\n1\n")
    session.current_report()
    for data, expected in ((tmp_path / name, is_missing), (Path(f"s3://bucket/{name}"), False)):
        session.data_path = data
        assert (document_status(session, None).kind == "data-missing") == expected
