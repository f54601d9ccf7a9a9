"""Losses of the keyboard focus that do not end editing."""

from PySide6.QtCore import Qt

_REASON = Qt.FocusReason
# If the focus is lost for one of these reasons, the field gets it back automatically.
TEMPORARY_REASONS = (
    _REASON.ActiveWindowFocusReason, _REASON.PopupFocusReason, _REASON.MenuBarFocusReason,
)  # fmt: skip
