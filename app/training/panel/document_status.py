"""How a document stands to its trainings: valid or not, in training, trained, edited since."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from app.documents.session import Session
from app.text.phrases import counted
from engine.core.diagnostic import Refused
from engine.events import RunEnded
from engine.graph.model import Project
from engine.graph.serialization.file import parse
from engine.recipe.overrides import with_settings
from engine.recipe.recipe import Recipe
from engine.runs.events.run_state import Status, status_of
from engine.runs.folder.run_folder import RunFolder

Kind = Literal[
    "none",
    "invalid",
    "unfit",
    "lost",
    "partial",
    "valid",
    "training",
    "paused",
    "stopped",
    "trained",
    "edited",
]
_LONGEST = 24  # letters of a run's name
_NAMED = 4  # outputs


@dataclass(frozen=True, slots=True)
class Standing:
    """One word about a document, and what there is to know beyond it.

    Args:
        kind: which of them.
        text: what the chip says.
        tip: what is said on hover.
    """

    kind: Kind
    text: str
    tip: str


class LastRun:
    """The last run of a document, as far as one needs it to tell whether it is out of date.

    Args:
        path: its folder.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.status: Status = "waiting"
        self.epoch = 0  # whole epochs that it has done, once it has ended
        self._project: Project | None = None
        self._settings: list[str] = []
        try:
            folder = RunFolder.open(path)
            self._project = parse(folder.graph_bytes()).project
            self._settings = list(folder.run.get("settings", ()))
            self.status, last = status_of(folder)
            self.epoch = last.epoch if isinstance(last, RunEnded) else 0
        except Refused:
            pass

    @property
    def epochs(self) -> int:
        """The epochs that it was to train."""
        given = self._project.recipe.get("epochs") if self._project else None
        return given if isinstance(given, int) else int(Recipe.model_fields["epochs"].default)

    def trained(self, project: Project) -> bool:
        """Return whether it trained this network in this way, wherever its nodes stand."""
        own = self._project
        if own is None or own.graph != project.graph or own.data != project.data:
            return False
        try:
            return with_settings(project.recipe, self._settings) == own.recipe
        except Refused:
            return False


def standing_of(session: Session, last: LastRun | None, data_errors: int = 0) -> Standing:
    """Return how a document stands that is not in training.

    Args:
        session: its document.
        last: its last run, None if it has none.
        data_errors: how many errors are known in its data.
    """
    report = session.report
    if not len(session.graph):
        return Standing("none", "", "")
    if report.errors:
        found = counted(len(report.errors), "error")
        return Standing(
            "invalid", f"Not valid: {found}", f"{found} to mend before it can be trained"
        )
    if data_errors:
        found = counted(data_errors, "error")
        return Standing("unfit", f"Data: {found}", f"{found} in the data. A click shows them")
    if last is None and session.data is not None and not os.path.exists(session.data):
        tip = f"{session.data} is no longer there. Choose the data again"
        return Standing("lost", f"{_brief(session.data.name)} not found", tip)
    if last is None:
        return _valid(session, "It can be trained. It has no run so far")
    name = _brief(last.path.name)
    if not last.trained(session.project):
        tip = f"The last run, {last.path.name}, trained another state of it"
        return Standing("edited", f"Edited since {name}", tip)
    if last.status == "stopped" and last.epoch < last.epochs:
        where = f"after epoch {last.epoch:,}" if last.epoch else "in epoch 1"
        tip = f"{last.path.name} trained it as it is drawn now, until it was stopped"
        return Standing("stopped", f"Stopped {where} of {last.epochs:,}", tip)
    if last.status in ("finished", "stopped"):
        tip = f"{last.path.name} trained it as it is drawn now"
        return Standing("trained", f"Trained: {name}", tip)
    return _valid(session, f"Its last run, {last.path.name}: {last.status}")


def _valid(session: Session, tip: str) -> Standing:
    """Return the standing of a sound network that is not trained; outputs left out are told first.

    Why: that an Output only predicts may be meant, so it is a note, which nobody reads before
    Train.
    """
    idle = [str(found.node) for found in session.findings if found.code == "output-untrained"]
    if not idle:
        return Standing("valid", "Valid, not trained", tip)
    have = "has" if len(idle) == 1 else "have"
    names = f"{', '.join(idle[:_NAMED])}{', …' if len(idle) > _NAMED else ''}"
    text = f"{counted(len(idle), 'output')} {have} no loss"
    return Standing("partial", text, f"{names}: not trained, only predicted. A click shows why")


def standing_in_training(state: str, share: float, run: str) -> Standing:
    """Return how a document stands that is in training.

    Args:
        state: starting, running, paused or stopping.
        share: how far the run is, from 0 to 1.
        run: its name.
    """
    percent = f" {share:.0%}" if share else ""
    words = {
        "starting": "Starting", "running": f"Training{percent}", "paused": f"Paused{percent}",
        "stopping": "Stopping",
    }  # fmt: skip
    kind: Kind = "paused" if state == "paused" else "training"
    return Standing(kind, words.get(state, "Training"), f"{run} is in training: {state}")


def _brief(name: str) -> str:
    return name if len(name) <= _LONGEST else f"…{name[1 - _LONGEST :]}"
