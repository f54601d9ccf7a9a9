"""The "How it works" strip: three illustrated steps."""

from __future__ import annotations

from importlib.resources import files
from string import Template

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QWidget

from app.controls.display.labels import plain_label
from app.controls.layout.boxes import column_layout, row_layout
from app.theme.theme import Theme

_SIZE = QSize(264, 110)
_STEPS = (  # illustration, title, text
    (
        "add",
        "1  Add layers",
        "Drag them from the list, or press Tab on the canvas and type a name.",
    ),
    (
        "connect",
        "2  Connect them",
        "Drag a wire between nodes. Incompatible wires show the reason.",
    ),
    ("train", "3  Train", "Choose your data, press Train, and watch the loss of each output."),
)


class HowItWorks(QWidget):
    """A row of three illustrated steps: add layers, connect them, train."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        row = row_layout(parent=self, spacing=16)
        for name, title, text in _STEPS:
            heading, description = plain_label(title, wrap=False), plain_label(text, "dim")
            heading.setFont(theme.ui_font(10, bold=True))
            description.setFixedWidth(_SIZE.width())
            picture = _Illustration(theme, name)
            row.addLayout(column_layout(picture, heading, description, None, spacing=6))
        row.addStretch(1)


class _Illustration(QWidget):
    """A picture from `resources/illustrations`, in the colors of the theme."""

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__()
        self._theme = theme
        file = files("resources") / "illustrations" / f"{name}.svg"
        self._template = Template(file.read_text("utf-8"))
        self.setFixedSize(_SIZE)
        theme.changed.connect(self.update)

    def paintEvent(self, _event: QPaintEvent) -> None:
        svg = self._template.substitute(self._theme.tokens)
        painter = QPainter(self)
        QSvgRenderer(svg.encode()).render(painter, QRectF(self.rect()))
        painter.end()
