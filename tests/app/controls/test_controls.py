"""The small controls say what they say, whole, at every scale, and work by keyboard."""

import subprocess
import sys

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from app.controls import EmptyState, Heading, InlineMessage, NumberEdit, SearchEdit, Switch
from app.theme import style
from app.theme.theme import Theme

LONG = "A window of 5 does not fit in 4 steps. Use a smaller kernel_size, or a longer input."


def gallery(theme: Theme) -> QWidget:
    """All controls, in a column as narrow as a panel gets."""
    column = QWidget()
    rows = QVBoxLayout(column)
    action = QAction("Add a layer", column)
    for control in (
        Heading("Parameters of the layer"),
        SearchEdit(theme, "Find a layer"),
        NumberEdit(0.001),
        Switch(theme, "Check while drawing"),
        InlineMessage(theme, "error", LONG),
        InlineMessage(theme, "warning", "This output has no weight."),
        EmptyState(theme, "search", "Nothing is selected", LONG, action),
    ):
        rows.addWidget(control)
    column.resize(240, 700)
    return column


def cut(column: QWidget) -> list[str]:
    """Return the texts that do not fit the box they have."""
    found = []
    for label in column.findChildren(QLabel):
        if not label.text():
            continue
        needed = (
            label.heightForWidth(label.width()) if label.wordWrap() else label.sizeHint().height()
        )
        if needed > label.height() or label.minimumSizeHint().width() > label.width():
            found.append(label.text())
    for button in [*column.findChildren(QPushButton), *column.findChildren(Switch)]:
        if (
            button.width() < button.sizeHint().width()
            or button.height() < button.sizeHint().height()
        ):
            found.append(button.text())
    return found


def test_every_text_fits_its_box(qtbot: QtBot, qapp: QApplication, theme: Theme) -> None:
    """In a narrow panel nothing is cut off."""
    style.apply_theme(qapp, theme)
    column = gallery(theme)
    qtbot.addWidget(column)
    column.show()
    qtbot.waitExposed(column)
    assert cut(column) == []


@pytest.mark.parametrize("scale", ["1.5", pytest.param("2", marks=pytest.mark.slow)])
def test_every_text_fits_its_box_on_fine_screens(scale: str) -> None:
    """Nor at 150 % or 200 %; a scale is set once per program, so another one is started."""
    script = (
        "from PySide6.QtWidgets import QApplication; app = QApplication([]); "
        "from app.theme import style; from app.theme.theme import Theme; "
        "from importlib.util import spec_from_file_location, module_from_spec; "
        f"spec = spec_from_file_location('here', {__file__!r}); "
        "here = module_from_spec(spec); spec.loader.exec_module(here); "
        "theme = Theme('light'); style.apply_theme(app, theme); column = here.gallery(theme); "
        "column.show(); app.processEvents(); assert column.devicePixelRatio() > 1; "
        "assert not here.cut(column), here.cut(column)"
    )
    environment = {"QT_SCALE_FACTOR": scale, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": "."}
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_a_switch_is_turned_by_space_and_mouse(qtbot: QtBot, theme: Theme) -> None:
    """And its knob is at the end it should be, at once where motion is reduced."""
    theme.reduced_motion = True
    switch = Switch(theme, "Shuffle")
    qtbot.addWidget(switch)
    switch.show()
    switch.setFocus()
    qtbot.keyClick(switch, Qt.Key.Key_Space)
    assert switch.isChecked()
    assert switch.knob == 1
    qtbot.mouseClick(switch, Qt.MouseButton.LeftButton)
    assert not switch.isChecked()
    assert switch.knob == 0


def test_a_switch_slides_where_motion_is_welcome(qtbot: QtBot, theme: Theme) -> None:
    """It ends where it should."""
    theme.reduced_motion = False
    switch = Switch(theme, "Shuffle")
    qtbot.addWidget(switch)
    switch.show()
    qtbot.mouseClick(switch, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: switch.knob == 1)


def test_escape_clears_a_search_and_then_goes_on(qtbot: QtBot, theme: Theme) -> None:
    """The first Escape empties the field; the second is left to the panel."""
    panel = QWidget()
    qtbot.addWidget(panel)
    search = SearchEdit(theme, "Find a layer…")
    QVBoxLayout(panel).addWidget(search)
    panel.show()
    search.setFocus()
    qtbot.keyClicks(search, "conv")
    assert search._clear.isVisible()
    escapes: list[int] = []
    watcher = Watcher(panel, escapes)
    panel.installEventFilter(watcher)
    qtbot.keyClick(search, Qt.Key.Key_Escape)
    assert (search.text(), escapes) == ("", [])
    assert not search._clear.isVisible()
    qtbot.keyClick(search, Qt.Key.Key_Escape)
    assert escapes == [Qt.Key.Key_Escape]
    assert search.accessibleName() == "Find a layer"


class Watcher(QWidget):
    def __init__(self, parent: QWidget, seen: list[int]) -> None:
        super().__init__(parent)
        self._seen = seen

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress:
            self._seen.append(event.key())
        return False


def test_an_empty_state_offers_its_action(qtbot: QtBot, theme: Theme) -> None:
    """The button does what the action does, and shows its text."""
    action = QAction("Add a layer")
    state = EmptyState(theme, "tree", "Nothing is drawn", "Add a layer to begin.", action)
    qtbot.addWidget(state)
    with qtbot.waitSignal(action.triggered):
        qtbot.mouseClick(state.findChild(QPushButton), Qt.MouseButton.LeftButton)


def test_texts_of_files_are_never_markup(qtbot: QtBot, theme: Theme) -> None:
    """A layer called <b>bold</b> is shown by that name."""
    for control in (
        Heading("<b>x</b>"), InlineMessage(theme, "info", "<b>x</b>"),
        EmptyState(theme, "info", "<b>x</b>", "<b>x</b>"),
    ):  # fmt: skip
        qtbot.addWidget(control)
        labels = [control] if isinstance(control, QLabel) else control.findChildren(QLabel)
        for label in labels:
            assert not label.text() or label.textFormat() == Qt.TextFormat.PlainText


def test_a_note_tells_its_kind_to_a_screen_reader(qtbot: QtBot, theme: Theme) -> None:
    """Colour and icon are said in words too, and follow what is shown."""
    note = InlineMessage(theme, "warning", "No weight.")
    qtbot.addWidget(note)
    assert note.accessibleName() == "Warning: No weight."
    note.show_message("error", "No loss.")
    assert (note.kind, note.text) == ("error", "No loss.")
    assert note.accessibleName() == "Error: No loss."


@pytest.mark.slow
def test_controls_change_colour_with_the_theme(
    qtbot: QtBot, qapp: QApplication, theme: Theme
) -> None:
    """Pictures that controls hold are drawn anew."""
    style.apply_theme(qapp, theme)
    note = InlineMessage(theme, "error", "No loss.")
    qtbot.addWidget(note)
    before = note.grab().toImage()
    theme.set_mode("light")
    after = note.grab().toImage()
    assert before != after
    theme.set_mode("dark")
    assert note.grab().toImage() == before
