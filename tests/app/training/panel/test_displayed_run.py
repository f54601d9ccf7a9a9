"""The run that the training panel displays."""

from pathlib import Path

from app.training.curves.run_curves import Curves
from app.training.panel.displayed_run import DisplayedRun
from app.training.process.outcome import TrainingOutcome
from engine.events import RunStarted


def test_a_stopped_run_can_be_resumed_only_while_its_folder_exists(tmp_path: Path):
    shown = DisplayedRun(None, Curves(), run=tmp_path / "runs" / "posts-001")
    shown.update([RunStarted(run_id="1")])
    shown.outcome = TrainingOutcome("stopped", "Stopped.")
    assert not shown.resumable
    shown.run.mkdir(parents=True)
    assert shown.resumable
