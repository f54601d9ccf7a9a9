"""The devices field next to Train: how many devices train the next run together."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel

from app.controls import NumberEdit
from app.documents.workspace import Workspace

_MAX_DEVICES = 64
_MAX_RESTARTS = 3  # after a lost process; more losses have a cause that a restart does not remove
_NAMES = {"cpu": "Processes", "cuda": "GPUs"}  # by the device of the training settings


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
        name = _NAMES.get(str(device), "Devices")
        self.label.setText(name)
        self.setAccessibleName(name)
