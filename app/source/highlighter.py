"""Syntax highlighting of Python and JSON."""

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
_COLORS = {  # theme color by type of token
    "text": "shape",
    "comment": "dim",
    "keyword": "accent",
    "self": "dim",
    "number": "warning",
    "called": "text",
    "key": "accent",
}
_QUOTES = '"""'
_OUTSIDE, _INSIDE = 0, 1  # states of a line: whether a docstring is open at its end


class SourceHighlighter(QSyntaxHighlighter):
    """A syntax highlighter for a text document, in the colors of the theme."""

    def __init__(self, document: QTextDocument, theme: Theme, language: Language) -> None:
        super().__init__(document)
        self._theme = theme
        self._pattern = _PYTHON if language == "python" else _JSON
        self._formats: dict[str, QTextCharFormat] = {}
        self._build_formats()
        theme.changed.connect(self._on_theme_changed)

    def highlightBlock(self, text: str) -> None:
        """Format one line.

        The block state of a line records whether a docstring is still open at its end.
        """
        start = 0
        if self.previousBlockState() == _INSIDE:
            end = text.find(_QUOTES)
            start = len(text) if end < 0 else end + len(_QUOTES)
            self.setFormat(0, start, self._formats["text"])
            self.setCurrentBlockState(_INSIDE if end < 0 else _OUTSIDE)
        else:
            self.setCurrentBlockState(_OUTSIDE)
        for match in self._pattern.finditer(text, start):
            token_type = str(match.lastgroup)
            self.setFormat(match.start(), match.end() - match.start(), self._formats[token_type])
            if match[0] == _QUOTES:  # a docstring that ends on a later line
                rest = len(text) - match.start()
                self.setFormat(match.start(), rest, self._formats["text"])
                self.setCurrentBlockState(_INSIDE)
                return

    def _build_formats(self) -> None:
        for token_type, color in _COLORS.items():
            text_format = QTextCharFormat()
            text_format.setForeground(QColor(self._theme.color(color)))
            if token_type == "called":
                text_format.setFontWeight(QFont.Weight.Medium)
            self._formats[token_type] = text_format

    def _on_theme_changed(self) -> None:
        self._build_formats()
        self.rehighlight()
