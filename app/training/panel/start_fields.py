"""The fields next to Train: the epochs of the training settings, and the number of devices."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel

from app.controls import NumberEdit
from app.documents.workspace import Workspace
from engine.graph.edits import field_edits
from engine.recipe.recipe import Recipe

_MAX_EPOCHS = 1_000_000
_EDIT_LABEL = "Set epochs"
_MAX_DEVICES = 64
_MAX_RESTARTS = 3  # after a lost process; more losses have a cause that a restart does not remove
_DEVICE_NAMES = {"cpu": "Processes", "cuda": "GPUs"}  # by the device of the training settings


class EpochsField(NumberEdit):
    """Shows and edits the number of epochs in the current document; empty means the default.

    Why: the field edits the document's recipe (the training settings) directly, so that the field
    and the training settings always agree.
    """

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(None, integer=True, minimum=1, maximum=_MAX_EPOCHS, optional=True)
        self._workspace, self._session = workspace, workspace.session
        self.setObjectName("training-epochs")
        self.setAccessibleName("Epochs")
        self.setToolTip(
            "Number of passes over the training data, as in the training settings. "
            "Empty: the default"
        )
        self.setPlaceholderText(f"{Recipe.model_fields['epochs'].default:,}")
        self.committed.connect(self._on_committed)
        self.editingFinished.connect(self._on_editing_settled)
        workspace.active_changed.connect(self._on_switched)
        workspace.project_changed.connect(self._on_project_changed)
        self._on_project_changed()

    def commit(self) -> None:
        """Apply the typed text, as when the field loses the focus."""
        self._on_editing_finished()

    def _on_committed(self, epochs: object) -> None:
        session = self._session
        # Same key as in the inspector, so that changes in both merge into one undo step.
        merge_key = ("recipe", "epochs")
        if epochs is not None:
            session.edit_merging(merge_key, _EDIT_LABEL, field_edits.set_recipe, {"epochs": epochs})
        elif "epochs" in session.project.recipe:
            session.edit_merging(merge_key, _EDIT_LABEL, field_edits.remove_recipe, "epochs")

    def _on_editing_settled(self) -> None:
        self._session.undo_history.end_merge()

    def _on_switched(self) -> None:
        if self._session in self._workspace.sessions:
            self.commit()
            self._on_editing_settled()
        self._session = self._workspace.session
        self.revert()

    def _on_project_changed(self) -> None:
        epochs = self._session.project.recipe.get("epochs")
        is_number = isinstance(epochs, int) and not isinstance(epochs, bool)
        self.set_value(epochs if is_number and epochs in range(1, _MAX_EPOCHS + 1) else None)


class DevicesField(NumberEdit):
    """Shows and edits the number of devices. On a CPU, a device is a process.

    It is no setting of the document, since it does not change results.

    Attributes:
        label: the label of the field, which names the devices of the current document.
    """

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(1, integer=True, minimum=1, maximum=_MAX_DEVICES)
        self._workspace = workspace
        self.setObjectName("training-devices")
        self.setToolTip(
            "How many GPUs, or processes on a CPU, train together. They share each batch, so the "
            "results are the same"
        )
        self.label = QLabel()
        self.label.setBuddy(self)
        workspace.active_changed.connect(self._show_name)
        workspace.project_changed.connect(self._show_name)
        self._show_name()

    def options(self) -> list[str]:
        """Return the options of `engine train` for the number of devices."""
        self._on_editing_finished()  # as when the field loses the focus
        count = int(self.value or 1)
        restarts = ["--max-restarts", str(_MAX_RESTARTS)]
        return ["--devices", str(count), *restarts] if count > 1 else []

    def _show_name(self) -> None:
        device = self._workspace.session.project.recipe.get("device")
        name = _DEVICE_NAMES.get(str(device), "Devices")
        self.label.setText(name)
        self.setAccessibleName(name)
