"""Fields for one column each: a number, a text, a label, a picture, or numbers of a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
)

from app.controls.dialogs.file_dialog import FileDialog
from app.controls.display.elided_label import Elided
from app.controls.inputs.choice import Choice
from app.controls.inputs.number_list import read
from app.results.prediction.input_field import FieldEdit
from app.text.phrases import plain_tooltip
from app.theme import icons
from app.theme.theme import Theme

_PICTURES = "Pictures (*.png *.jpg *.jpeg *.bmp *.gif *.webp *.tif *.tiff);;All files (*)"
_THUMB = 72  # pixels
_TEXT = 66  # pixels of a text's height


class LineField(FieldEdit):
    """A line: a number, a date, ids, labels."""

    def __init__(self, field: Mapping[str, Any]) -> None:
        super().__init__(field)
        self.line = QLineEdit()
        self._unread = False
        hint = str(field.get("hint") or ("a number" if field["kind"] == "number" else ""))
        said = [hint, *(["optional"] if field.get("optional") else [])]
        self.line.setPlaceholderText(", ".join(filter(None, said)))
        if field.get("labels"):
            self.line.setToolTip(plain_tooltip(", ".join(field["labels"])))
        self.line.textChanged.connect(self._on_text_changed)
        self.hold(self.line)

    @property
    def text(self) -> str:
        """What stands in it."""
        return self.line.text()

    def set_text(self, text: str) -> None:
        """Put something in."""
        self.line.setText(text)

    @property
    def value(self) -> Any:
        """The number, or the text."""
        try:
            return self._read()
        except ValueError:
            return None

    def _read(self) -> Any:
        plain = self.field["kind"] != "number" or not self.text.strip()
        return self.text if plain else read(self.text, whole=False)

    def _on_text_changed(self) -> None:
        try:
            self._read()
        except ValueError as refusal:
            self._unread = True
            self.tell("error", str(refusal))
        else:
            if self._unread:
                self.tell("error", "")
            self._unread = False
        self.edited.emit()


class TextField(FieldEdit):
    """A text of several lines."""

    def __init__(self, field: Mapping[str, Any]) -> None:
        super().__init__(field)
        self.box = QPlainTextEdit()
        self.box.setTabChangesFocus(True)
        self.box.setFixedHeight(_TEXT)
        self.box.setPlaceholderText("Write a text")
        self.box.textChanged.connect(self.edited)
        self.hold(self.box)

    @property
    def text(self) -> str:
        """What stands in it."""
        return self.box.toPlainText()

    def set_text(self, text: str) -> None:
        """Put something in."""
        self.box.setPlainText(text)


class ChoiceField(FieldEdit):
    """One of the labels that the training knew."""

    def __init__(self, field: Mapping[str, Any]) -> None:
        super().__init__(field)
        self.box = Choice()
        self.box.addItem("", "")
        for label in field["labels"]:
            self.box.add(str(label), str(label))
        self.box.currentIndexChanged.connect(self.edited)
        self.hold(self.box)

    @property
    def text(self) -> str:
        """What is chosen."""
        return str(self.box.currentData() or "")

    def set_text(self, text: str) -> None:
        """Choose a label; one that the training did not know is added."""
        at = self.box.findData(text)
        if at < 0:
            self.box.add(text, text)
            at = self.box.count() - 1
        self.box.setCurrentIndex(at)


class ImageField(FieldEdit):
    """A picture's file, and what it looks like."""

    def __init__(self, field: Mapping[str, Any], theme: Theme) -> None:
        super().__init__(field)
        self.line = QLineEdit()
        self.line.setPlaceholderText("a picture's file")
        self.line.textChanged.connect(self._on_text_changed)
        choose = QPushButton(icons.icon(theme, "image"), "Choose…")
        choose.clicked.connect(self._on_choose_clicked)
        self.thumbnail = QLabel()
        self.thumbnail.hide()
        line = QHBoxLayout()
        line.setSpacing(6)
        self.hold(self.line)
        self._rows.removeWidget(self.line)
        line.addWidget(self.line, 1)
        line.addWidget(choose)
        self._rows.addLayout(line)
        self._rows.addWidget(self.thumbnail)
        self.setToolTip(plain_tooltip(str(field.get("hint", ""))))

    @property
    def text(self) -> str:
        """The path."""
        return self.line.text().strip()

    def set_text(self, text: str) -> None:
        """Name another file."""
        self.line.setText(text)

    def _on_text_changed(self) -> None:
        picture = QPixmap(self.text) if self.text else QPixmap()
        self.thumbnail.setVisible(not picture.isNull())
        if not picture.isNull():
            ratio = self.devicePixelRatioF()
            mode = Qt.TransformationMode.SmoothTransformation
            side = QSize(_THUMB, _THUMB) * ratio
            picture = picture.scaled(side, Qt.AspectRatioMode.KeepAspectRatio, mode)
            picture.setDevicePixelRatio(ratio)
            self.thumbnail.setPixmap(picture)
        self.edited.emit()

    def _on_choose_clicked(self) -> None:
        dialog = FileDialog(self, "Choose a picture")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilter(_PICTURES)
        dialog.fileSelected.connect(self.line.setText)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()


class ArrayField(FieldEdit):
    """Numbers that nobody types; they are taken from a row."""

    def __init__(self, field: Mapping[str, Any]) -> None:
        super().__init__(field)
        sizes = " × ".join("any" if size is None else f"{size:,}" for size in field["shape"])
        self._empty = f"{sizes} numbers, taken from a row of a table"
        self.words = Elided(self._empty)
        self.words.setProperty("role", "dim")
        self._rows.addWidget(self.words)
        self._text = ""

    @property
    def text(self) -> str:
        """What is known of the numbers."""
        return self._text

    def set_text(self, text: str) -> None:
        """Say which numbers they are."""
        self._text = text
        self.words.set_text(text or self._empty)
        self.edited.emit()


def made(field: Mapping[str, Any], theme: Theme) -> FieldEdit:
    """Return the field that a column is filled in by."""
    match field["kind"]:
        case "text":
            return TextField(field)
        case "category":
            return ChoiceField(field)
        case "image":
            return ImageField(field, theme)
        case "array":
            return ArrayField(field)
    return LineField(field)
