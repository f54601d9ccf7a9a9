"""The dialogs of the Help menu: shortcuts and gestures, the editor of shortcuts, About."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtWidgets import QDialogButtonBox, QLabel

from app.controls.dialogs.dialog import Dialog
from app.controls.display.labels import plain_label
from app.controls.layout.boxes import column_layout
from app.shell.actions.table import ALL_ACTIONS
from app.shell.window_parts import WindowParts
from app.theme.icons import app_icon
from app.version import VERSION


class HelpDialogs:
    """Opens the dialogs of the Help menu."""

    def __init__(self, window: WindowParts) -> None:
        self._window, self._theme, self._actions = window, window.theme, window.action_manager

    def show_cheat_sheet(self) -> None:
        """Show the cheat sheet of shortcuts and mouse gestures."""
        from app.shortcuts.cheat_sheet import CheatSheet

        rows = [replace(row, keys=tuple(self._actions.shortcuts(row.id))) for row in ALL_ACTIONS]
        dialog = CheatSheet(self._theme, rows, self._window)
        dialog.edit_requested.connect(dialog.accept)
        dialog.edit_requested.connect(self.edit_shortcuts)
        dialog.open()

    def edit_shortcuts(self) -> None:
        """Show the editor of keyboard shortcuts."""
        from app.shortcuts.shortcut_table import ShortcutTable

        ShortcutTable(self._theme, self._actions.keymap, self._window).open()

    def show_about(self) -> None:
        """Show the version, the license and the third-party components."""
        dialog = Dialog(self._window, "About Layerloom")
        logo = QLabel(pixmap=app_icon().pixmap(64, 64))
        text = plain_label(_ABOUT.format(version=VERSION))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(dialog.reject)
        column_layout(logo, text, buttons, parent=dialog, margins=(24, 24, 24, 24), spacing=16)
        dialog.setFixedWidth(420)
        # A dialog ignores heightForWidth of a wrapped label, so set the height explicitly.
        text.ensurePolished()
        text.setFixedHeight(text.heightForWidth(420 - 2 * 24))
        dialog.open()


_ABOUT = """Layerloom {version}

Draw, check and train networks with several inputs and outputs.

MIT license. Built with PySide6 (LGPL), NodeGraphQt (MIT), pyqtgraph (MIT) and QtAwesome (MIT; \
Material Design Icons, Apache 2.0). Fonts: Inter and JetBrains Mono (SIL Open Font License)."""
