"""Every window test draws off screen, with settings and caches of its own."""

import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from PySide6.QtCore import QSettings, QStandardPaths
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.documents.session import Session
from app.documents.workspace import Workspace
from app.theme.theme import Theme
from tests.app.windows import close_kept, settle


@pytest.fixture(autouse=True)
def _own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what a test remembers out of the person's own settings."""
    QStandardPaths.setTestModeEnabled(True)
    QSettings.setPath(
        QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(tmp_path / "settings")
    )
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture
def qtbot(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[QtBot]:
    """Wait up to a minute, and hold the widgets that a test hands over until it has ended.

    Why: qtbot holds them weakly. One that was made within a test is garbage as soon as the test's
    function has returned, while it is still shown: a search for garbage that begins in the middle
    of its painting would destroy it there, and the process with it.
    """
    held: list[QWidget] = []
    add = qtbot.addWidget

    def hold(widget: QWidget, **words: object) -> None:
        held.append(widget)
        add(widget, **words)

    monkeypatch.setattr(qtbot, "addWidget", hold)
    for wait in ("waitUntil", "waitSignal", "waitExposed", "waitActive"):
        monkeypatch.setattr(qtbot, wait, partial(getattr(qtbot, wait), timeout=60_000))
    yield qtbot
    settle()
    held.clear()


@pytest.fixture(scope="session", autouse=True)
def _no_window_at_the_end() -> Iterator[None]:
    yield
    close_kept()


@pytest.fixture
def theme(qapp: object) -> Theme:
    return Theme("dark")


@pytest.fixture
def session(qapp: object) -> Iterator[Session]:
    session = Session()
    yield session
    session.deleteLater()


@pytest.fixture
def workspace(session: Session) -> Workspace:
    return Workspace(session)
