"""The header of the problems panel: a toggle button per severity, and the button "Fix all"."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QToolButton, QWidget

from app.controls.diagnostics.entries import SEVERITIES, SEVERITY_NAMES, count_text
from app.controls.layout.boxes import row_layout
from app.theme.icons import icon
from app.theme.theme import SEVERITY_TOKENS, Theme
from engine.core.diagnostic import Severity


class ProblemsHeader(QWidget):
    """A row with a toggle button per severity, and the button "Fix all".

    Each toggle shows the number of problems of its severity, and shows or hides these problems.

    Signals:
        filter_changed: the severities whose problems are shown (`shown`) have changed.
        fix_all_pressed: requests to apply all automatic fixes.
    """

    filter_changed = Signal()
    fix_all_pressed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._toggles = {severity: self._toggle(theme, severity) for severity in SEVERITIES}
        self.fix_all = QToolButton(self, text="Fix all", autoRaise=True)
        self.fix_all.setObjectName("problems-fix-all")
        self.fix_all.setIcon(icon(theme, "fix", "accent"))
        self.fix_all.setToolTip("Apply the first fix of every error that has one, as one undo step")
        self.fix_all.clicked.connect(self.fix_all_pressed)
        toggles = self._toggles.values()
        row_layout(*toggles, None, self.fix_all, parent=self, margins=(6, 4, 6, 4), spacing=2)
        for button in (*toggles, self.fix_all):
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)

    @property
    def shown(self) -> frozenset[Severity]:
        return frozenset(s for s, toggle in self._toggles.items() if toggle.isChecked())

    def show_counts(self, counts: Mapping[Severity, int], is_fixable: bool) -> None:
        """Show the number of problems of each severity; `is_fixable` enables "Fix all"."""
        for severity, toggle in self._toggles.items():
            toggle.setText(str(counts[severity]))
            count = count_text(counts[severity], severity)
            toggle.setAccessibleName(f"Show {SEVERITY_NAMES[severity][1]}: {count}")
            toggle.setToolTip(f"{count.capitalize()}; press to show or hide them")
        self.fix_all.setEnabled(is_fixable)

    def _toggle(self, theme: Theme, severity: Severity) -> QToolButton:
        toggle = QToolButton(self, checkable=True, checked=True, autoRaise=True)
        toggle.setObjectName(f"problems-show-{severity}")
        toggle.setIcon(icon(theme, severity, SEVERITY_TOKENS[severity]))
        toggle.toggled.connect(self.filter_changed)
        return toggle
