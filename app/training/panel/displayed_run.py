"""What the panel shows: one run of one document, as far as it has come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from app.documents.session import Session
from app.training.curves.eta import Pace
from app.training.process.outcome import Outcome
from engine.events import Event

if TYPE_CHECKING:
    from app.training.curves.run_curves import Curves

_ENDED = {
    "completed": "Finished", "stopped": "Stopped", "refused": "Not started", "failed": "Failed",
    "crashed": "Ended without a word",
}  # fmt: skip


@dataclass
class Shown:
    """One run.

    Args:
        session: the document that it is a run of, None once that was closed.
        curves, pace: what it has said.
        run: its folder, None before it has one.
        outcome: how it ended, None while it goes on.
    """

    session: Session | None
    curves: Curves
    pace: Pace = field(default_factory=Pace)
    run: Path | None = None
    outcome: Outcome | None = None

    def take(self, events: Sequence[Event]) -> None:
        """Take in what it said."""
        self.curves.take(events)
        self.pace.take(events)

    @property
    def resumable(self) -> bool:
        """True if it can be gone on with: it began, and ended before its time."""
        ended = self.outcome is not None and self.outcome.kind in ("stopped", "failed", "crashed")
        return ended and self.run is not None and self.curves.started is not None

    def end_line(self) -> str:
        """Return in a line how and why it ended, "" if it goes on."""
        if self.outcome is None:
            return ""
        end, why = _ENDED[self.outcome.kind], self.outcome.reason
        words = filter(None, (end, why, self.pace.text()))
        return "  \N{MIDDLE DOT}  ".join(words)

    def goes_on_from(self) -> str:
        """Return in a sentence where it would go on."""
        saved = self.curves.checkpoint
        where = f"step {saved.step:,}, where it was last saved" if saved else "its start"
        return f"Continue goes on from {where}."
