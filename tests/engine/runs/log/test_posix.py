"""What only POSIX has, and what is answered where the system does not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from engine.runs.log import posix


@pytest.fixture
def silent(monkeypatch):
    """A system without /proc."""

    def fails(*_: object, **__: object) -> str:
        raise OSError

    monkeypatch.setattr(Path, "read_text", fails)


@pytest.mark.usefixtures("silent")
def test_a_system_that_does_not_say_is_believed_nothing():
    assert posix.boot_id() == ""
    assert posix.resident_memory() == 0


def test_a_child_lets_go_of_all_locks_and_of_handles_that_are_gone(tmp_path):
    """It may lock the file itself afterwards: its copy kept nothing alive."""
    handles = [os.open(tmp_path / f"{name}", os.O_RDWR | os.O_CREAT) for name in "ab"]
    assert all(posix.try_lock(handle) for handle in handles)
    os.close(handles[1])
    posix._close_in_child()
    again = os.open(tmp_path / "a", os.O_RDWR)
    assert posix.try_lock(again)
    posix.unlock(again)
