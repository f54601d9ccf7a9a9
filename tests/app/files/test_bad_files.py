"""A file that can't be opened or saved gives one clear message; nothing else changes."""

import json
import os
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.documents.workspace import Workspace
from app.files.documents.document_manager import DocumentManager
from app.files.documents.file_bars import FileBar
from app.theme.theme import Theme
from engine.graph.serialization.file import dumps
from engine.graph.templates import read_template

HOSTILE: dict[str, tuple[bytes, str]] = {
    "broken JSON": (b'{"format": "layerloom", "version": 1,}', "not-json"),
    "cut off": (read_template("posts")[:700], "not-json"),
    "nothing": (b"", "file-empty"),
    "UTF-16": ("{}".encode("utf-16"), "not-utf8"),
    "random bytes": (bytes(range(256)) * 40, "not-utf8"),
    "another program's": (b'{"cells": []}', "other-format"),
    "deep": (b'{"a":' * 60_000 + b"1" + b"}" * 60_000, "limit-passed"),
    "infinity": (b'{"format": "layerloom", "version": 1, "x": 1e999}', "number-unfit"),
    "version 99": (b'{"format": "layerloom", "version": 99}', "file-newer"),
    "100,000 nodes": (
        json.dumps(
            {
                "format": "layerloom",
                "version": 1,
                "graph": {"nodes": [{"name": f"n{n}", "kind": "Dense"} for n in range(100_000)]},
            }
        ).encode(),
        "limit-passed",
    ),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_file_that_cant_be_opened_is_told_once(
    files: DocumentManager, workspace: Workspace, tmp_path: Path, what: str, hand, qtbot: QtBot
) -> None:
    """One message with code, cause and way out; the document in front stays."""
    data, code = HOSTILE[what]
    path = tmp_path / "bad.loom.json"
    path.write_bytes(data)
    before = workspace.session
    assert not files.open(path)
    assert hand.question.details == f"error[{code}]"
    assert hand.question.title == "bad.loom.json can't be opened"
    assert "Traceback" not in hand.question.text
    assert len(hand.question.text) < 1400
    hand.press("Close")
    assert workspace.sessions == (before,)
    assert files.prompts.active_dialog is None
    assert path.read_bytes() == data


@pytest.mark.parametrize("name", ["folder", "missing", "below/posts", "n\0l", "x" * 300, "pipe"])
def test_a_path_that_is_no_file_is_told(
    files: DocumentManager, posts: Path, tmp_path: Path, name: str, hand
) -> None:
    """A folder, nothing, a file as a folder, no path at all, a pipe: told, and no wait."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "below").write_bytes(b"")
    os.mkfifo(tmp_path / "pipe")
    assert not files.open(tmp_path / name)
    assert "can't be opened" in hand.question.title
    hand.escape()


def test_a_name_that_is_markup_is_shown_as_it_is(
    files: DocumentManager, tmp_path: Path, hand, theme: Theme, workspace: Workspace
) -> None:
    """Nothing that comes from a file is read as rich text."""
    from PySide6.QtCore import Qt
    from PySide6.QtWidgets import QLabel

    path = tmp_path / "<img src=x>.loom.json"
    path.write_bytes(b"{")
    files.open(path)
    labels = [label for label in hand.question.findChildren(QLabel) if label.text()]
    assert labels
    assert all(label.textFormat() == Qt.TextFormat.PlainText for label in labels)
    assert "<img src=x>" in hand.question.title
    hand.escape()


def test_what_a_newer_version_wrote_is_told_and_kept(
    files: DocumentManager, workspace: Workspace, tmp_path: Path, theme: Theme, qtbot: QtBot
) -> None:
    """Unknown keys and kinds open, a bar says so, and saving keeps every byte of them."""
    value = json.loads(read_template("sequential"))
    value["holograms"] = {"depth": 3}
    value["graph"]["nodes"][1]["kind"] = "QuantumDense"
    value["graph"]["nodes"][1]["spin"] = "up"
    path = tmp_path / "newer.loom.json"
    path.write_text(json.dumps(value))
    bar = FileBar(files, workspace, theme)
    qtbot.addWidget(bar)
    assert files.open(path)
    assert bar.text.startswith("This file is from a newer version or another program: 2 unknown")
    path.write_text(dumps(workspace.session.project))
    files.file_watcher.ignore_disk_change(workspace.session)
    assert files.saver.save(workspace.session)
    assert json.loads(path.read_text()) == value


def test_a_read_only_file_opens_and_says_so(
    files: DocumentManager,
    workspace: Workspace,
    posts: Path,
    theme: Theme,
    edit,
    hand,
    qtbot: QtBot,
    tmp_path,
) -> None:
    """It is not replaced behind its mark, even by root; saving elsewhere works."""
    posts.chmod(0o444)
    before = posts.read_bytes()
    bar = FileBar(files, workspace, theme)
    qtbot.addWidget(bar)
    assert files.open(posts)
    assert "is read-only" in bar.text
    edit(workspace.session)
    assert not files.saver.save(workspace.session)
    assert hand.question.title == "posts.loom.json was not saved"
    assert "file-denied" in hand.question.details
    hand.press("Cancel")
    assert workspace.session.undo_history.is_dirty
    assert posts.read_bytes() == before
    files.saver.save_to(workspace.session, tmp_path / "copy.loom.json")
    assert not workspace.session.undo_history.is_dirty
    assert bar.text == ""


def test_a_read_only_folder_opens_and_says_so(
    files: DocumentManager, workspace: Workspace, locked_folder: Path, edit, hand, tmp_path: Path
) -> None:
    """A save into it fails with one message, and the document stays dirty."""
    path = locked_folder / "posts.loom.json"
    assert files.open(path)
    assert files.file_watcher.state(workspace.session).is_read_only
    edit(workspace.session)
    assert not files.saver.save(workspace.session)
    hand.press("Cancel")
    files.saver.save_to(workspace.session, locked_folder / "new.loom.json")
    assert "file-denied" in hand.question.details
    hand.press("Cancel")
    assert workspace.session.undo_history.is_dirty
    assert workspace.session.path == path


def test_a_full_disk_keeps_the_old_file_and_the_edits(
    files: DocumentManager,
    workspace: Workspace,
    full_disk: tuple[Path, str],
    edit,
    hand,
    qtbot: QtBot,
) -> None:
    """The message has the code; Try again tries again; nothing is left beside the old file."""
    folder, code = full_disk
    path = folder / "net.loom.json"
    path.write_bytes(read_template("sequential")[:0] + b'{"format": "layerloom", "version": 1}')
    before = path.read_bytes()
    files.open(path)
    for _ in range(60):
        edit(workspace.session)
    assert not files.saver.save(workspace.session)
    assert hand.question.details == f"error[{code}]"
    hand.press("Try again")
    assert hand.question.title == "net.loom.json was not saved"
    hand.press("Cancel")
    assert workspace.session.undo_history.is_dirty
    assert path.read_bytes() == before
    assert [left.name for left in folder.iterdir()] == ["net.loom.json"]


def test_save_elsewhere_saves_what_could_not_be_saved(
    files: DocumentManager, workspace: Workspace, tmp_path: Path, edit, hand
) -> None:
    """After a failure, another place takes the document, and it is clean then."""
    edit(workspace.session)
    (tmp_path / "file").write_bytes(b"")
    ends: list[bool] = []
    files.saver.save_to(workspace.session, tmp_path / "file" / "x.loom.json", ends.append)
    hand.press("Save as…")
    hand.choose(tmp_path / "good.loom.json")
    assert ends == [True]
    assert not workspace.session.undo_history.is_dirty
    assert workspace.session.path == tmp_path / "good.loom.json"
