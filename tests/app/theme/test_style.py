"""Every widget is dressed from the theme, without a complaint of Qt's."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QtMsgType, qInstallMessageHandler
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QDockWidget,
    QLabel,
    QLineEdit,
    QMainWindow,
    QMenu,
    QProgressBar,
    QPushButton,
    QRadioButton,
    QSlider,
    QSpinBox,
    QTabBar,
    QTableWidget,
    QToolBar,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from app.theme import style
from app.theme.theme import Theme
from tests.app.windows import close_kept


@pytest.fixture(autouse=True)
def _no_window_is_kept() -> None:
    """It would be dressed as well."""
    close_kept()


@pytest.fixture
def complaints() -> Iterator[list[str]]:
    """What Qt says about style sheets and pictures while a test runs."""
    heard: list[str] = []

    def hear(kind: QtMsgType, context: object, text: str) -> None:
        if "plugin does not support" not in text:
            heard.append(text)

    before = qInstallMessageHandler(hear)
    yield heard
    qInstallMessageHandler(before)


@pytest.fixture
def window(qtbot: QtBot) -> QMainWindow:
    """One of each control."""
    window = QMainWindow()
    qtbot.addWidget(window)
    tree = QTreeWidget()
    tree.addTopLevelItem(QTreeWidgetItem(["Layers"]))
    tree.topLevelItem(0).addChild(QTreeWidgetItem(["Dense"]))
    combo = QComboBox()
    combo.addItems(["relu", "tanh"])
    tabs = QTabBar()
    tabs.addTab("posts")
    tabs.setTabsClosable(True)
    ticked = QCheckBox("On")
    ticked.setChecked(True)
    middle = QWidget()
    column = QVBoxLayout(middle)
    controls = (
        QPushButton("Go"), QLineEdit("name"), combo, QSpinBox(), ticked, QRadioButton("One"),
        QProgressBar(), QSlider(), tree, QTableWidget(2, 2), tabs, QLabel("words"),
    )  # fmt: skip
    for control in controls:
        column.addWidget(control)
    window.setCentralWidget(middle)
    dock = QDockWidget("Problems", window)
    dock.setWidget(QLabel("none"))
    window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, dock)
    bar = QToolBar("Main")
    bar.addAction("Train")
    window.addToolBar(bar)
    window.menuBar().addMenu(QMenu("File", window))
    return window


@pytest.mark.parametrize("mode", ["dark", "light"])
def test_the_sheet_is_understood_and_its_pictures_are_there(
    qapp: QApplication, window: QMainWindow, complaints: list[str], mode: str
) -> None:
    """Qt finds nothing it cannot parse, and no picture that it cannot open."""
    theme = Theme(mode)  # type: ignore[arg-type]
    style.apply_theme(qapp, theme)
    window.show()
    window.grab()
    assert complaints == []


def test_every_mark_that_the_sheet_names_is_drawn(qapp: QApplication, theme: Theme) -> None:
    """Arrows and ticks are files; none is missing."""
    style.apply_theme(qapp, theme)
    named = set(re.findall(r'url\("([^"]+)"\)', qapp.styleSheet()))
    assert len(named) > 10
    assert [path for path in named if not Path(path).is_file()] == []


def test_a_change_of_theme_recolours_what_is_shown(
    qapp: QApplication, window: QMainWindow, theme: Theme
) -> None:
    """Dark becomes light everywhere, and back."""
    style.apply_theme(qapp, theme)
    window.show()
    for mode in ("light", "dark"):
        theme.set_mode(mode)  # type: ignore[arg-type]
        assert qapp.palette().color(QPalette.ColorRole.Window) == theme.color("window")
        drawn = window.centralWidget().grab().toImage()
        assert drawn.pixelColor(2, 2) == theme.color("window")


def test_the_font_of_words_is_set(qapp: QApplication, theme: Theme) -> None:
    """Inter, at ten points."""
    style.apply_theme(qapp, theme)
    assert qapp.font().family() == "Inter"
    assert qapp.font().pointSizeF() == 10


def test_a_primary_button_has_the_accent(qtbot: QtBot, qapp: QApplication, theme: Theme) -> None:
    """The one button that matters is filled, its neighbours are not."""
    style.apply_theme(qapp, theme)
    for role, token in (("primary", "accent"), (None, "raised")):
        button = QPushButton("Train")
        button.setProperty("role", role)
        qtbot.addWidget(button)
        drawn = button.grab().toImage()
        place = (drawn.width() // 2, 4)
        assert drawn.pixelColor(*place) == theme.color(token)


def test_the_keyboard_shows_where_it_is(qtbot: QtBot, qapp: QApplication, theme: Theme) -> None:
    """Each control that takes keys has an accent ring while it does."""
    style.apply_theme(qapp, theme)
    for kind in (QPushButton, QLineEdit, QComboBox, QSpinBox, QCheckBox, QRadioButton):
        control = kind()
        qtbot.addWidget(control)
        control.show()
        qtbot.waitExposed(control)
        control.activateWindow()
        control.setFocus()
        qtbot.waitUntil(control.hasFocus)
        drawn = control.grab().toImage()
        row = {drawn.pixelColor(drawn.width() // 2, y).name() for y in range(3)}
        assert theme.color("accent").name() in row, kind.__name__


def test_what_is_prepared_measures_as_what_is_dressed(qapp: QApplication) -> None:
    theme = Theme()
    style.apply_theme(qapp, theme)
    dressed = (qapp.font(), qapp.palette())
    qapp.setFont("monospace")
    qapp.setPalette(QPalette())
    style.apply_palette(qapp, theme)
    assert (qapp.font(), qapp.palette()) == dressed
