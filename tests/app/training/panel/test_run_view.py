"""Where a run and its log are is told, whether or not a program shows them."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QObject, QUrl, Slot
from PySide6.QtGui import QDesktopServices

from app.theme.theme import Theme
from app.training.curves.run_curves import Curves
from app.training.panel.run_view import RunView
from app.training.process.outcome import TrainingOutcome
from engine.events import RunStarted


def test_the_split_stands_beside_the_scores(qtbot, theme: Theme):
    """As the run says it, as soon as it does; until then there is no line for it."""
    started = RunStarted(run_id="r", rows=400, validation_rows=80, steps_per_epoch=50, epochs=2,
                         outputs=(), split="validated on 80 rows held back at random")  # fmt: skip
    curves = Curves()
    results = RunView(theme)
    qtbot.addWidget(results)
    results.show()
    results.show_new_run("tiny", curves)
    assert not results._split_label.isVisible()
    curves.update([started])
    results.show_curves(curves)
    assert results._split_label.text() == "Validated on 80 rows held back at random."
    assert results._split_label.isVisible()


class Viewer(QObject):
    """A program of the system that shows files."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[str] = []

    @Slot(QUrl)
    def show_file(self, url: QUrl) -> None:
        self.shown.append(url.toLocalFile())


@pytest.fixture
def viewer(qapp: object):
    viewer = Viewer()
    QDesktopServices.setUrlHandler("file", viewer, "show_file")
    yield viewer
    QDesktopServices.unsetUrlHandler("file")


def test_a_run_and_its_log_are_shown_and_told(qtbot, theme: Theme, viewer: Viewer, tmp_path: Path):
    results = RunView(theme)
    qtbot.addWidget(results)
    results.show()
    log = tmp_path / "train.log"
    results.show_outcome(
        TrainingOutcome("crashed", "The training process ended with exit code 1."), tmp_path, log
    )
    for button, path in ((results.log_button, log), (results.run_button, tmp_path)):
        assert button.isVisible()
        assert str(path) in button.toolTip()
        with qtbot.waitSignal(results.message_posted) as told:
            button.click()
        assert told.args[0].endswith(f" {path}")
    assert viewer.shown == [str(log), str(tmp_path)]
