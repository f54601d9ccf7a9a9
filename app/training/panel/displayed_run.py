"""The run that the training panel displays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from app.documents.session import Session
from app.training.curves.run_progress import RunProgress
from app.training.process.outcome import TrainingOutcome
from engine.events import Event

if TYPE_CHECKING:
    from app.training.curves.run_curves import Curves

_OUTCOME_TEXTS = {
    "completed": "Finished", "stopped": "Stopped", "not-started": "Not started", "failed": "Failed",
    "crashed": "Crashed",
}  # fmt: skip


@dataclass
class DisplayedRun:
    """A run with its document, curves, progress and outcome.

    Args:
        session: the document of the run, None after the document was closed.
        curves, progress: the curves and the progress, computed from the events.
        run: the run folder, None while unknown.
        outcome: how the run ended, None while it is in training.
    """

    session: Session | None
    curves: Curves
    progress: RunProgress = field(default_factory=RunProgress)
    run: Path | None = None
    outcome: TrainingOutcome | None = None

    def update(self, events: Sequence[Event]) -> None:
        """Update the curves and the progress with new events of the run."""
        self.curves.update(events)
        self.progress.update(events)

    @property
    def resumable(self) -> bool:
        """Whether the run was started, has ended before all epochs were done, and has its files."""
        if self.outcome is None or self.outcome.kind not in ("stopped", "failed", "crashed"):
            return False
        return self.run is not None and self.run.is_dir() and self.curves.started is not None

    def end_summary(self) -> str:
        """Return a one-line summary of the outcome, "" while the run is in training."""
        if self.outcome is None:
            return ""
        outcome, reason = _OUTCOME_TEXTS[self.outcome.kind], self.outcome.reason
        parts = filter(None, (outcome, reason, self.progress.text()))
        return "  \N{MIDDLE DOT}  ".join(parts)

    def resume_hint(self) -> str:
        """Return a sentence about the step from which the run would be resumed."""
        checkpoint = self.curves.checkpoint
        location = f"step {checkpoint.step:,}, the last checkpoint" if checkpoint else "the start"
        return f"Resume continues from {location}."
