"""What a person does with the fields of a form."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QWidget

from app.inspector.editors.multi_choice import MultiChoiceEditor


def retype(field: QLineEdit, text: str, enter: bool = True) -> None:
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, text)
    if enter:
        QTest.keyClick(field, Qt.Key.Key_Return)


def click(widget) -> None:
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton)


def choose(box: QComboBox, text: str) -> None:
    box.setFocus()
    box.setCurrentIndex(box.findText(text))
    box.activated.emit(box.currentIndex())


def texts_of(widget: QWidget) -> list[str]:
    """Answer the texts of all labels in sight."""
    return [label.text() for label in widget.findChildren(QLabel) if not label.isHidden()]


def chips(editor: MultiChoiceEditor) -> list[QWidget]:
    """Answer the chips of a list of objects, in its order."""
    flow = editor._flow
    return [flow.itemAt(index).widget() for index in range(flow.count())]


def choose_by_keys(box, data):
    """Choose an entry of a box by keys, as a person does."""
    box.setFocus()
    at = box.findData(data)
    assert at >= 0
    step = Qt.Key.Key_Down if at > box.currentIndex() else Qt.Key.Key_Up
    while box.currentIndex() != at:
        QTest.keyClick(box, step)
