"""Lines are whole or not there, whatever the disk does; a reader notes that a file was replaced."""

from __future__ import annotations

import errno
import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.core.diagnostic import DiagnosticError
from engine.events import MAX_LINE_BYTES
from engine.runs.log.append_log import AppendLog, LogTail
from tests.tiers import cases


def fails(*_: object) -> None:
    raise OSError(errno.EIO, os.strerror(errno.EIO))


def half(taken: int):
    """Return a write that takes so many bytes of a line, and fails at its end."""
    write = os.write

    def writes(handle: int, data: bytes) -> int:
        return fails() if len(data) < 4 else write(handle, data[:taken])

    return writes


def refused(act, *arguments):
    with pytest.raises(DiagnosticError) as caught:
        act(*arguments)
    return caught.value.diagnostics[0].code


def test_a_file_that_is_none_is_refused(tmp_path):
    assert refused(AppendLog, tmp_path) == "file-is-folder"


def test_a_torn_line_that_can_not_be_cut_off_is_refused(tmp_path, monkeypatch):
    (tmp_path / "a").write_bytes(b"one\ntw")
    monkeypatch.setattr(os, "ftruncate", fails)
    assert refused(AppendLog, tmp_path / "a") == "disk-failed"


@pytest.mark.parametrize("alone", [True, False])
def test_a_line_that_fails_costs_itself_alone(tmp_path, monkeypatch, alone):
    lines = AppendLog(tmp_path / "a", alone)
    lines.append("one")
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", half(3))
        assert refused(lines.append, "two") == "disk-failed"
    with monkeypatch.context() as patch:
        patch.setattr(os, "fstat", fails)
        assert refused(lines.append, "none") == "disk-failed"
    lines.append("three")
    lines.close()
    lines.close()
    whole = (tmp_path / "a").read_bytes().splitlines()
    assert whole == ([b"one", b"three"] if alone else [b"one", b"two", b"three"])


def test_what_can_not_be_taken_back_is_ended(tmp_path, monkeypatch):
    lines = AppendLog(tmp_path / "a")
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", half(2))
        patch.setattr(os, "ftruncate", fails)
        assert refused(lines.append, "two") == "disk-failed"
    lines.append("three")
    lines.close()
    assert (tmp_path / "a").read_bytes() == b"tw\nthree\n"


def test_a_disk_that_does_not_answer_is_told(tmp_path, monkeypatch):
    lines = AppendLog(tmp_path / "a")
    monkeypatch.setattr(os, "fsync", fails)
    assert refused(lines.sync) == "disk-failed"
    monkeypatch.setattr(os, "fstat", fails)
    assert refused(lines.last_lines) == "disk-failed"
    monkeypatch.undo()
    lines.close()


def test_another_file_in_its_place_is_read_from_its_start(tmp_path):
    (tmp_path / "a").write_bytes(b"one\ntwo\n")
    tail = LogTail(tmp_path / "a")
    assert tail.read_new() == [b"one", b"two"]
    (tmp_path / "a").write_bytes(b"new\n")
    assert tail.read_new() == [b"new"]


@settings(max_examples=cases(20, 100), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.binary(max_size=40).map(lambda line: line.replace(b"\n", b""))), st.integers(1, 99)
)
def test_lines_that_are_left_out_change_no_other(tmp_path, lines, limit):
    """Whatever is read at once; what comes after the last whole line is never told."""
    (tmp_path / "a").write_bytes(b"".join(line + b"\n" for line in lines) + b"torn")
    every, some = LogTail(tmp_path / "a"), LogTail(tmp_path / "a")
    for tail, but, expected in (
        (every, None, lines),
        (some, b"\x00", [line for line in lines if not line.startswith(b"\x00")]),
    ):
        found, before = [], -1
        while tail.offset != before:
            before = tail.offset
            found += tail.read_new(limit, but)
        assert found == expected
        assert tail.offset == sum(len(line) + 1 for line in lines)


@pytest.mark.parametrize("but", [None, b"no"])
def test_the_end_of_a_line_that_is_too_long_is_no_line(tmp_path, but):
    long = b"x" * (2 * MAX_LINE_BYTES)
    (tmp_path / "a").write_bytes(b"one\n" + long + b"no end\ntwo\nnone\n")
    tail, found = LogTail(tmp_path / "a"), []
    for _ in range(10):
        found += tail.read_new(1000, but)
    assert found == [b"one", b"two", *([] if but else [b"none"])]
