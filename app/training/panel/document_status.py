"""The training status of a document: invalid, valid, in training, trained, edited since."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from app.documents.session import Session
from app.documents.table_contents import data_exists
from engine.core.diagnostic import DiagnosticError
from engine.core.formatting.counts import count_noun
from engine.events import RunEnded
from engine.graph.model import Project
from engine.graph.serialization.file import parse
from engine.recipe.overrides import apply_overrides
from engine.recipe.recipe import Recipe
from engine.runs.folder.run_folder import RunFolder
from engine.runs.state.run_state import Status, run_status

StatusKind = Literal[
    "none", "invalid", "data-invalid", "data-missing", "no-loss", "valid", "training",
    "paused", "stopped", "trained", "edited",
]  # fmt: skip
_MAX_NAME_LENGTH = 24  # characters of a run name
_MAX_OUTPUT_NAMES = 4  # in a tooltip


@dataclass(frozen=True, slots=True)
class DocumentStatus:
    """The training status of a document, with the text and tool tip of the status chip."""

    kind: StatusKind
    text: str
    tip: str


class LastRun:
    """The last run of a document, to find out whether the document was edited since this run."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.status: Status = "waiting"
        self.completed_epochs = 0  # 0 until the run has ended
        self._project: Project | None = None
        self._settings: list[str] = []
        try:
            folder = RunFolder.open(path)
            self._project = parse(folder.graph_bytes()).project
            self._settings = list(folder.record.get("settings", ()))
            self.status, last = run_status(folder)
            self.completed_epochs = last.epoch if isinstance(last, RunEnded) else 0
        except DiagnosticError:
            pass

    @property
    def planned_epochs(self) -> int:
        """The number of epochs that the run was configured to train."""
        epochs = self._project.recipe.get("epochs") if self._project else None
        return epochs if isinstance(epochs, int) else int(Recipe.model_fields["epochs"].default)

    def has_trained(self, project: Project) -> bool:
        """Return whether the run trained the graph, data mapping and recipe of `project`."""
        trained = self._project
        if trained is None or (trained.graph, trained.data) != (project.graph, project.data):
            return False
        try:
            return apply_overrides(project.recipe, self._settings) == trained.recipe
        except DiagnosticError:
            return False


def document_status(session: Session, last: LastRun | None, data_errors: int = 0) -> DocumentStatus:
    """Return the status of a document that is not in training.

    `last` is the last run of the document, `data_errors` the number of errors in the chosen data.
    """
    report = session.report
    if not len(session.graph):
        return DocumentStatus("none", "", "")
    if report.errors:
        errors = count_noun(len(report.errors), "error")
        tip = f"{errors} to fix before training"
        return DocumentStatus("invalid", f"Not valid: {errors}", tip)
    if data_errors:
        errors = count_noun(data_errors, "error")
        return DocumentStatus(
            "data-invalid", f"Data: {errors}", f"{errors} in the data. Click for details"
        )
    if last is None and session.data_path is not None and not data_exists(session.data_path):
        tip = f"{session.data_path} is no longer there. Choose the data again"
        return DocumentStatus("data-missing", f"{_shorten(session.data_path.name)} not found", tip)
    if last is None:
        return _untrained_status(session, "Ready to train. No runs yet")
    name = _shorten(last.path.name)
    if not last.has_trained(session.project):
        tip = f"The network was edited since the last run, {last.path.name}"
        return DocumentStatus("edited", f"Edited since {name}", tip)
    if last.status == "stopped" and last.completed_epochs < last.planned_epochs:
        completed = last.completed_epochs
        position = f"after epoch {completed:,}" if completed else "in epoch 1"
        tip = f"{last.path.name} trained the current network and was stopped"
        return DocumentStatus("stopped", f"Stopped {position} of {last.planned_epochs:,}", tip)
    if last.status in ("finished", "stopped"):
        tip = f"{last.path.name} trained the current network"
        return DocumentStatus("trained", f"Trained: {name}", tip)
    return _untrained_status(session, f"Last run, {last.path.name}: {last.status}")


def _untrained_status(session: Session, tip: str) -> DocumentStatus:
    """Return the status of a valid, untrained network. It reports outputs without a loss, if any.

    If all have one, the tool tip is `tip`. Why: a missing loss may be intended, so its diagnostic
    has only the severity info. Such a diagnostic is easily missed before training.
    """
    untrained = [
        str(found.node) for found in session.diagnostics if found.code == "output-untrained"
    ]
    if not untrained:
        return DocumentStatus("valid", "Valid, not trained", tip)
    verb = "has" if len(untrained) == 1 else "have"
    names = ", ".join(untrained[:_MAX_OUTPUT_NAMES])
    if len(untrained) > _MAX_OUTPUT_NAMES:
        names += ", …"
    text = f"{count_noun(len(untrained), 'output')} {verb} no loss"
    tip = f"{names}: not trained, only predicted. Click for details"
    return DocumentStatus("no-loss", text, tip)


def training_status(state: str, share: float, run: str) -> DocumentStatus:
    """Return the status of a document in training.

    Args:
        state: starting, running, paused or stopping.
        share: progress of the run, from 0 to 1.
        run: name of the run.
    """
    percent = f" {share:.0%}" if share else ""
    texts = {
        "starting": "Starting",
        "running": f"Training{percent}",
        "paused": f"Paused{percent}",
        "stopping": "Stopping",
    }
    kind: StatusKind = "paused" if state == "paused" else "training"
    return DocumentStatus(kind, texts.get(state, "Training"), f"{run} is training: {state}")


def _shorten(name: str) -> str:
    return name if len(name) <= _MAX_NAME_LENGTH else f"…{name[1 - _MAX_NAME_LENGTH :]}"
