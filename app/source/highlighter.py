"""Colours words of Python and of JSON by what they are."""

from __future__ import annotations

import re
from typing import Literal

from PySide6.QtGui import QColor, QFont, QSyntaxHighlighter, QTextCharFormat, QTextDocument

from app.theme.theme import Theme

Language = Literal["python", "json"]

_PYTHON = re.compile(
    r'(?P<text>"""(?:.*?""")?|"(?:[^"\\]|\\.)*")'
    r"|(?P<comment>#.*)"
    r"|(?P<keyword>\b(?:and|as|assert|class|def|elif|else|for|from|if|import|in|is|lambda|not|or|"
    r"pass|raise|return|while|with|yield|None|True|False)\b)"
    r"|(?P<self>\bself\b)"
    r"|(?P<number>\b\d[\d_.]*(?:e[+-]?\d+)?\b)"
    r"|(?P<called>\b\w+(?=\())"
)
_JSON = re.compile(
    r'(?P<key>"(?:[^"\\]|\\.)*"(?=\s*:))'
    r'|(?P<text>"(?:[^"\\]|\\.)*")'
    r"|(?P<number>-?\b\d[\d.]*(?:e[+-]?\d+)?\b)"
    r"|(?P<keyword>\b(?:true|false|null)\b)"
)
_TOKENS = {
    "text": "shape",
    "comment": "dim",
    "keyword": "accent",
    "self": "dim",
    "number": "warning",
    "called": "text",
    "key": "accent",
}
_QUOTES = '"""'
_OUTSIDE, _INSIDE = 0, 1


class SourceHighlighter(QSyntaxHighlighter):
    """Colours one document, anew when the theme changes."""

    def __init__(self, document: QTextDocument, theme: Theme, language: Language) -> None:
        super().__init__(document)
        self._theme = theme
        self._pattern = _PYTHON if language == "python" else _JSON
        self._formats: dict[str, QTextCharFormat] = {}
        self._dress()
        theme.changed.connect(self._on_theme_changed)

    def highlightBlock(self, text: str) -> None:
        """Colour one line; a docstring may have begun on a line before it."""
        start = 0
        if self.previousBlockState() == _INSIDE:
            end = text.find(_QUOTES)
            start = len(text) if end < 0 else end + len(_QUOTES)
            self.setFormat(0, start, self._formats["text"])
            self.setCurrentBlockState(_INSIDE if end < 0 else _OUTSIDE)
        else:
            self.setCurrentBlockState(_OUTSIDE)
        for match in self._pattern.finditer(text, start):
            kind = str(match.lastgroup)
            self.setFormat(match.start(), match.end() - match.start(), self._formats[kind])
            if match[0] == _QUOTES:
                rest = len(text) - match.start()
                self.setFormat(match.start(), rest, self._formats["text"])
                self.setCurrentBlockState(_INSIDE)
                return

    def _dress(self) -> None:
        for kind, token in _TOKENS.items():
            shape = QTextCharFormat()
            shape.setForeground(QColor(self._theme.color(token)))
            if kind == "called":
                shape.setFontWeight(QFont.Weight.Medium)
            self._formats[kind] = shape

    def _on_theme_changed(self) -> None:
        self._dress()
        self.rehighlight()
