"""Creates the dialogs of a window."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtWidgets import QWidget

from app.shell.composition.parts import WindowParts
from app.shell.dialogs.help import HelpDialogs
from app.shell.dialogs.start import StartDialogs


@dataclass(frozen=True)
class Dialogs:
    """The dialogs that actions open."""

    start: StartDialogs
    help: HelpDialogs


def build_dialogs(parts: WindowParts, window: QWidget) -> Dialogs:
    """Create the start and help dialogs, with the main window `window` as their parent."""
    theme = parts.theme
    return Dialogs(
        StartDialogs(window, theme, parts.settings, parts.workspace, parts.document_manager),
        HelpDialogs(window, theme, parts.action_manager),
    )
