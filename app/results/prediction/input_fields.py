"""Input fields by type of column: number, text, category, image, or array."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QLabel, QLineEdit, QPlainTextEdit, QPushButton

from app.controls.dialogs.file_dialog import open_file_dialog
from app.controls.display.elided_label import ElidedLabel
from app.controls.inputs.combo_box import ComboBox
from app.controls.inputs.number_text import parse_number
from app.controls.layout.boxes import row_layout
from app.results.prediction.input_edit import InputEdit
from app.text.phrases import plain_tooltip
from app.theme import icons
from app.theme.theme import Theme

_IMAGE_FILTER = "Images (*.png *.jpg *.jpeg *.bmp *.gif *.webp *.tif *.tiff);;All files (*)"
_THUMBNAIL_SIZE = 72  # pixels
_TEXT_HEIGHT = 66  # pixels


class LineField(InputEdit):
    """A single-line field for a number, a date, a list of ids, or labels."""

    def __init__(self, field: Mapping[str, Any]) -> None:
        super().__init__(field)
        self.line = QLineEdit()
        self._is_invalid = False
        hint = str(field.get("hint") or ("a number" if field["kind"] == "number" else ""))
        hints = [hint, *(["optional"] if field.get("optional") else [])]
        self.line.setPlaceholderText(", ".join(filter(None, hints)))
        if field.get("labels"):
            self.line.setToolTip(plain_tooltip(", ".join(field["labels"])))
        self.line.textChanged.connect(self._on_text_changed)
        self.set_control(self.line)

    @property
    def text(self) -> str:
        return self.line.text()

    def set_text(self, text: str) -> None:
        self.line.setText(text)

    @property
    def value(self) -> Any:
        """The number of a numeric column (None if invalid), or the text of another column."""
        try:
            return self._parse()
        except ValueError:
            return None

    def _parse(self) -> Any:
        is_text = self.schema["kind"] != "number" or not self.text.strip()
        return self.text if is_text else parse_number(self.text, integer=False)

    def _on_text_changed(self) -> None:
        try:
            self._parse()
        except ValueError as error:
            self._is_invalid = True
            self.show_message("error", str(error))
        else:
            if self._is_invalid:
                self.show_message("error", "")
            self._is_invalid = False
        self.edited.emit()


class TextField(InputEdit):
    """A multi-line text field."""

    def __init__(self, field: Mapping[str, Any]) -> None:
        super().__init__(field)
        self.box = QPlainTextEdit(tabChangesFocus=True, placeholderText="Enter a text")
        self.box.setFixedHeight(_TEXT_HEIGHT)
        self.box.textChanged.connect(self.edited)
        self.set_control(self.box)

    @property
    def text(self) -> str:
        return self.box.toPlainText()

    def set_text(self, text: str) -> None:
        self.box.setPlainText(text)


class ChoiceField(InputEdit):
    """A combo box with the categories seen in training."""

    def __init__(self, field: Mapping[str, Any]) -> None:
        super().__init__(field)
        self.box = ComboBox()
        self.box.addItem("", "")
        for label in field["labels"]:
            self.box.add_item(str(label), str(label))
        self.box.currentIndexChanged.connect(self.edited)
        self.set_control(self.box)

    @property
    def text(self) -> str:
        return str(self.box.currentData() or "")

    def set_text(self, text: str) -> None:
        """Select a category; add it first if it is unknown."""
        index = self.box.findData(text)
        if index < 0:
            self.box.add_item(text, text)
            index = self.box.count() - 1
        self.box.setCurrentIndex(index)


class ImageField(InputEdit):
    """A field for the path of an image, with a thumbnail."""

    def __init__(self, field: Mapping[str, Any], theme: Theme) -> None:
        super().__init__(field)
        self.line = QLineEdit(placeholderText="path of an image file")
        self.line.textChanged.connect(self._on_text_changed)
        choose_button = QPushButton(icons.icon(theme, "image"), "Choose…")
        choose_button.clicked.connect(self._on_choose_clicked)
        self.thumbnail = QLabel()
        self.thumbnail.hide()
        self.set_control(self.line)
        self._layout.removeWidget(self.line)
        self._layout.addLayout(row_layout(self.line, choose_button, spacing=6, stretch=self.line))
        self._layout.addWidget(self.thumbnail)
        self.setToolTip(plain_tooltip(str(field.get("hint", ""))))

    @property
    def text(self) -> str:
        return self.line.text().strip()

    def set_text(self, text: str) -> None:
        self.line.setText(text)

    def _on_text_changed(self) -> None:
        pixmap = QPixmap(self.text) if self.text else QPixmap()
        self.thumbnail.setVisible(not pixmap.isNull())
        if not pixmap.isNull():
            ratio = self.devicePixelRatioF()
            mode = Qt.TransformationMode.SmoothTransformation
            size = QSize(_THUMBNAIL_SIZE, _THUMBNAIL_SIZE) * ratio
            pixmap = pixmap.scaled(size, Qt.AspectRatioMode.KeepAspectRatio, mode)
            pixmap.setDevicePixelRatio(ratio)
            self.thumbnail.setPixmap(pixmap)
        self.edited.emit()

    def _on_choose_clicked(self) -> None:
        open_file_dialog(self, "Choose an image", None, self._on_chosen, _IMAGE_FILTER)

    def _on_chosen(self, path: Path) -> None:
        self.line.setText(str(path))


class ArrayField(InputEdit):
    """A read-only field for an array. Arrays can only be filled in from a row of the table."""

    def __init__(self, field: Mapping[str, Any]) -> None:
        super().__init__(field)
        shape = " × ".join("any" if length is None else f"{length:,}" for length in field["shape"])
        self._placeholder = f"{shape} values, taken from a row of the table"
        self.description = ElidedLabel(self._placeholder, "dim")
        self._layout.addWidget(self.description)
        self._text = ""

    @property
    def text(self) -> str:
        return self._text

    def set_text(self, text: str) -> None:
        self._text = text
        self.description.set_text(text or self._placeholder)
        self.edited.emit()


def create_input_edit(field: Mapping[str, Any], theme: Theme) -> InputEdit:
    """Return a new input field for a column. `field` is the engine's description of the column."""
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
