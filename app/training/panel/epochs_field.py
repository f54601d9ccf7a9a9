"""The field for epochs beside Train: the number of the document, which the settings show too."""

from __future__ import annotations

from app.controls import NumberEdit
from app.documents.workspace import Workspace
from engine.graph.edits.node_edits import node_edits
from engine.recipe.recipe import Recipe

_MOST = 1_000_000
_LABEL = "Set epochs"


class EpochsField(NumberEdit):
    """Shows and writes the epochs of the document in front; empty, they are the usual ones.

    Why: a number of its own would be another one than that of the training settings, and nobody
    could tell which of them holds.

    Args:
        workspace: the documents.
    """

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(None, whole=True, minimum=1, maximum=_MOST, optional=True)
        self._workspace, self._session = workspace, workspace.session
        self.setObjectName("training-epochs")
        self.setAccessibleName("Epochs")
        self.setToolTip(
            "How often to go through all the data: the epochs of the training settings. "
            "Empty: the usual number"
        )
        self.setPlaceholderText(f"{Recipe.model_fields['epochs'].default:,}")
        self.committed.connect(self._on_committed)
        self.editingFinished.connect(self._on_settled)
        workspace.switched.connect(self._on_switched)
        workspace.project_changed.connect(self._on_project_changed)
        self._on_project_changed()

    def commit(self) -> None:
        """Take what was typed, as leaving the field does."""
        self._on_editing_finished()

    def _on_committed(self, epochs: object) -> None:
        session = self._session
        merge = ("recipe", "epochs")  # the inspector's, so that arrows there and here are one step
        if epochs is not None:
            session.edit_merging(merge, _LABEL, node_edits.set_recipe, {"epochs": epochs})
        elif "epochs" in session.project.recipe:
            session.edit_merging(merge, _LABEL, node_edits.remove_recipe, "epochs")

    def _on_settled(self) -> None:
        self._session.document.settle()

    def _on_switched(self) -> None:
        """Give what was typed to the document that it was typed for."""
        if self._session in self._workspace.sessions:
            self.commit()
            self._on_settled()
        self._session = self._workspace.session
        self.restore()

    def _on_project_changed(self) -> None:
        given = self._session.project.recipe.get("epochs")
        sound = isinstance(given, int) and not isinstance(given, bool) and 1 <= given <= _MOST
        self.set_value(given if sound else None)
