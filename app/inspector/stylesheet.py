"""The style sheet of the inspector."""

from __future__ import annotations

from app.theme.theme import Theme


def inspector_style_sheet(theme: Theme) -> str:
    """Return the style sheet of the inspector in the colors of the theme."""
    colors = theme.tokens
    return f"""
        QLabel[role="field"] {{ color: {colors.text}; }}
        QLabel[unset="true"], QLineEdit[unset="true"], QComboBox[unset="true"] {{
            color: {colors.dim};
        }}
        QLineEdit[role="title"] {{
            font-size: 13pt; font-weight: 600; background: transparent;
            border: 1px solid transparent; border-radius: 6px; padding: 4px 6px;
        }}
        QLineEdit[role="title"]:hover {{ border-color: {colors.border}; }}
        QLineEdit[role="title"]:focus {{
            border-color: {colors.accent}; background: {colors.surface};
        }}
        QLineEdit[invalid="true"], QComboBox[invalid="true"], QPlainTextEdit[invalid="true"],
        QPushButton[invalid="true"] {{ border: 1px solid {colors.danger}; }}
        QToolButton#inspector-fold {{
            border: none; border-radius: 6px; padding: 5px 2px; color: {colors.dim};
            font-weight: 600; text-align: left; background: transparent;
        }}
        QToolButton#inspector-fold:hover, QToolButton#inspector-fold:focus {{
            background: {colors.raised}; color: {colors.text};
        }}
        QFrame#inspector-chip {{
            background: {colors.raised}; border: 1px solid {colors.border}; border-radius: 10px;
        }}
        QFrame#inspector-chip QToolButton {{
            border: none; background: transparent; padding: 2px; color: {colors.text};
        }}
        QFrame#inspector-chip QToolButton:focus {{ border: 1px solid {colors.accent};
            border-radius: 8px; }}
        QLabel#inspector-info {{
            border-top: 1px solid {colors.border}; padding: 8px 12px; color: {colors.dim};
        }}
    """
