"""A file is the old one or the new one, whole, whatever happens; nothing is left beside it."""

import errno
import os
import resource
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.core.codes import CODES
from engine.core.codes.entry import ExitCode
from engine.core.diagnostic import DiagnosticError
from engine.core.files.atomic_write import file_error, printable_path, write_bytes


def refused_code(path: Path, data: bytes) -> str:
    with pytest.raises(DiagnosticError) as refused:
        write_bytes(path, data)
    (found,) = refused.value.diagnostics
    assert found.found
    assert found.expected
    assert found.fixes
    return found.code


def test_it_writes_and_replaces(tmp_path: Path) -> None:
    path = tmp_path / "a b \u00e4.json"
    write_bytes(path, b"old")
    write_bytes(path, b"new" * 1000)
    assert path.read_bytes() == b"new" * 1000
    assert [*tmp_path.iterdir()] == [path]


def test_the_longest_name_works(tmp_path: Path) -> None:
    path = tmp_path / ("x" * 255)
    write_bytes(path, b"x")
    assert path.read_bytes() == b"x"


def test_permissions_stay(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"")
    path.chmod(0o640)
    write_bytes(path, b"x")
    assert path.stat().st_mode & 0o777 == 0o640


def test_bytes_name_and_folder_reach_the_disk_in_that_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Any other order can lose both files in a power cut."""
    calls: list[str] = []
    fsync, replace = os.fsync, os.replace

    def watched_fsync(handle: int) -> None:
        calls.append("folder" if os.path.isdir(f"/proc/self/fd/{handle}") else "bytes")
        fsync(handle)

    def watched_replace(source: str, target: str) -> None:
        calls.append("name")
        replace(source, target)

    monkeypatch.setattr(os, "fsync", watched_fsync)
    monkeypatch.setattr(os, "replace", watched_replace)
    write_bytes(tmp_path / "a", b"x")
    assert calls == ["bytes", "name", "folder"]


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.ENOSPC, "disk-full"),
        (errno.EDQUOT, "disk-full"),
        (errno.EIO, "disk-failed"),
        (errno.EROFS, "file-denied"),
        (errno.EACCES, "file-denied"),
    ],
)
def test_a_fault_leaves_the_old_file_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, code: str
) -> None:
    path = tmp_path / "a"
    write_bytes(path, b"old")

    def fails(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    for call in ("fsync", "replace"):
        with monkeypatch.context() as patch:
            patch.setattr(os, call, fails)
            assert refused_code(path, b"new") == code
        assert path.read_bytes() == b"old"
        assert [*tmp_path.iterdir()] == [path]


def test_a_limit_on_file_size_leaves_the_old_file(tmp_path: Path) -> None:
    """The system itself cuts the write short."""
    path = tmp_path / "a"
    write_bytes(path, b"old")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
    try:
        code = refused_code(path, b"x" * 100_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert code == "disk-failed"
    assert path.read_bytes() == b"old"
    assert [*tmp_path.iterdir()] == [path]


def test_an_interrupt_leaves_no_other_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupts(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupts)
    with pytest.raises(KeyboardInterrupt):
        write_bytes(tmp_path / "a", b"x")
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize("name", ["no/such/a", "nul\0name", "file/a"])
def test_a_path_that_leads_nowhere_is_said_so(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_bytes(b"")
    assert refused_code(tmp_path / name, b"x") == "file-missing"


def test_a_folder_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    assert refused_code(tmp_path / "a", b"x") == "file-is-folder"
    assert [*tmp_path.iterdir()] == [tmp_path / "a"]


def test_codes_have_the_exit_of_a_disk() -> None:
    assert CODES["disk-full"].exit == ExitCode.IO
    assert CODES["file-denied"].exit == ExitCode.PERMISSION


@pytest.mark.parametrize("name", ["\udcff", "a\nb", "\u202e"])
def test_any_path_can_be_printed(name: str) -> None:
    assert printable_path(name).isprintable()
    printable_path(name).encode()


def test_a_folder_that_can_not_be_synced_is_let_pass_and_one_that_fails_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fsync = os.fsync

    def fails(number: int) -> Callable[[int], None]:
        def call(handle: int) -> None:
            if os.path.isdir(f"/proc/self/fd/{handle}"):
                raise OSError(number, os.strerror(number))
            fsync(handle)

        return call

    monkeypatch.setattr(os, "fsync", fails(errno.EINVAL))
    write_bytes(tmp_path / "a", b"x")
    monkeypatch.setattr(os, "fsync", fails(errno.EIO))
    assert refused_code(tmp_path / "a", b"y") == "disk-failed"


def test_a_disk_that_does_not_say_how_much_is_free_is_told_so(tmp_path: Path) -> None:
    found = file_error(OSError(errno.ENOSPC, "full"), tmp_path / "no" / "a", "written", 9)
    assert "an unknown amount" in str(found.diagnostics[0])
