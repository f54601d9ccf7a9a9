"""Files with a recovery folder of their own, and a hand that presses real buttons."""

import os
import resource
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app.documents.session import Session
from app.documents.workspace import Workspace
from app.files.documents.document_manager import DocumentManager
from app.files.prompts.message_box import MessageBox
from app.settings import Settings
from app.theme.theme import Theme
from engine.graph.model import Graph, Node
from engine.graph.templates import read_template
from engine.runs.log import posix

Edit = Callable[[Session], None]
MakeFiles = Callable[..., DocumentManager]
Start = Callable[[], tuple[DocumentManager, Workspace]]


@pytest.fixture
def workspace(qapp: object) -> Workspace:
    return Workspace()


@pytest.fixture
def settings(qapp: object) -> Settings:
    return Settings()


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    return window


@pytest.fixture
def make_files(settings: Settings, theme: Theme, tmp_path: Path) -> Iterator[MakeFiles]:
    """Make Files as another start of the program would; `crash` lets go as a kill does."""
    made: list[DocumentManager] = []

    def make(workspace: Workspace | None = None, window: QWidget | None = None) -> DocumentManager:
        files = DocumentManager(
            workspace or Workspace(), settings, theme, window, tmp_path / "recovery"
        )
        made.append(files)
        return files

    yield make
    for files in made:
        files.autosave.finish()


@pytest.fixture
def start(make_files: MakeFiles) -> Start:
    """Start the program again."""

    def start() -> tuple[DocumentManager, Workspace]:
        workspace = Workspace()
        return make_files(workspace), workspace

    return start


def crash(files: DocumentManager) -> None:
    """Let go of everything as the system does when a program is killed; its files stay."""
    files.autosave.write()
    files.autosave._timer.stop()
    files.autosave._workspace.opened.disconnect()
    for handle in files._slots._locks:
        posix.unlock(handle)
    files._slots._locks.clear()
    files._slots._process_folder = None


@pytest.fixture
def files(make_files: MakeFiles, workspace: Workspace, window: QWidget) -> DocumentManager:
    return make_files(workspace, window)


@pytest.fixture
def posts(tmp_path: Path) -> Path:
    """A file of a person's, as the engine's template has it."""
    path = tmp_path / "posts.loom.json"
    path.write_bytes(read_template("posts"))
    return path


@pytest.fixture
def edit() -> Edit:
    """Draw one more node, as a step of its own."""

    def draw(session: Session) -> None:
        name = f"drawn_{len(session.graph)}"
        graph = Graph((*session.graph.nodes, Node(name, "Dense", params={"units": 3})))
        session.apply("Draw", replace(session.project, graph=graph))

    return draw


def slots_in(tmp_path: Path) -> list[Path]:
    """Return all recovery copies there are."""
    return sorted((tmp_path / "recovery").rglob("*.recovery.json"))


@dataclass
class Hand:
    """Presses what a person would."""

    qtbot: QtBot
    files: DocumentManager

    @property
    def question(self) -> MessageBox:
        """The question that is open."""
        dialog = self.files.prompts.active_dialog
        assert isinstance(dialog, MessageBox), f"no question is open, but {dialog}"
        return dialog

    def press(self, label: str) -> None:
        """Click an answer of the open question."""
        question = self.question
        self.qtbot.waitUntil(question.isVisible)
        self.qtbot.mouseClick(question.button(label), Qt.MouseButton.LeftButton)

    def escape(self) -> None:
        """Press Escape on the open question."""
        self.qtbot.keyClick(self.question, Qt.Key.Key_Escape)

    def choose(self, path: Path) -> None:
        """Type a path into the file dialog that is open, and press Enter."""
        dialog = self.files.prompts.active_dialog
        assert isinstance(dialog, QFileDialog)
        name = dialog.findChild(QLineEdit, "fileNameEdit")
        assert isinstance(name, QLineEdit)
        name.setText(str(path))
        self.qtbot.keyClick(name, Qt.Key.Key_Return)

    def click(self, buttons: list[QPushButton], label: str) -> None:
        """Click the button that says `label`."""
        button = next(button for button in buttons if button.text() == label)
        self.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


@pytest.fixture
def hand(qtbot: QtBot, files: DocumentManager) -> Hand:
    return Hand(qtbot, files)


def _mounted(folder: Path, options: str) -> bool:
    folder.mkdir()
    mount = shutil.which("mount")
    command = [mount or "false", "-t", "tmpfs", "-o", options, "none", str(folder)]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder in which nothing larger than 2 KiB can be written, and the code of that failure.

    A tiny disk where this user may mount one, else a limit on the size of files.
    """
    folder = tmp_path / "full"
    if _mounted(folder, "size=4k"):
        yield folder, "disk-full"
        subprocess.run(["umount", str(folder)], check=True)
        return
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2048, limits[1]))
    yield folder, "disk-failed"
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    signal.signal(signal.SIGXFSZ, before)


@pytest.fixture
def locked_folder(tmp_path: Path) -> Iterator[Path]:
    """A folder that nobody may write to, not even root; with the posts in it."""
    folder = tmp_path / "locked"
    if _mounted(folder, "size=64k"):
        (folder / "posts.loom.json").write_bytes(read_template("posts"))
        subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)
        yield folder
        subprocess.run(["umount", str(folder)], check=True)
        return
    if os.getuid() == 0:
        pytest.skip("root may write everywhere, and no disk can be mounted")
    (folder / "posts.loom.json").write_bytes(read_template("posts"))
    folder.chmod(0o555)
    yield folder
    folder.chmod(0o755)
