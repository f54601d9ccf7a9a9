"""One trainer at a time, told apart by the kernel: a dead one never blocks, a live one always."""

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from engine.core.codes import CODES, ExitCode
from engine.core.diagnostic import DiagnosticError
from engine.runs.log import posix
from engine.runs.log.lock import RunLock, lock_holder

ROOT = Path(__file__).parents[4]
HOLD = """
import os, sys, time
from pathlib import Path
from engine.core.diagnostic import DiagnosticError
from engine.runs.log.lock import RunLock
try:
    lock = RunLock(Path(sys.argv[1]))
except DiagnosticError as refusal:
    print(refusal.diagnostics[0].code, flush=True)
    sys.exit(75)
print("held", flush=True)
if len(sys.argv) > 2 and os.fork() == 0:
    time.sleep(60)
sys.stdin.read()
"""


def holder(folder, *more):
    return subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder), *more],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


def said(process):
    return process.stdout.readline().strip()


def end(process):
    process.stdin.close()
    process.wait(10)
    process.stdout.close()


def test_of_many_processes_exactly_one_trains(tmp_path):
    processes = [holder(tmp_path) for _ in range(4)]
    words = [said(process) for process in processes]
    for process in processes:
        end(process)
    assert sorted(words) == ["held"] + ["run-busy"] * 3


def test_the_second_is_told_who_the_first_is(tmp_path):
    first = holder(tmp_path)
    assert said(first) == "held"
    with pytest.raises(DiagnosticError) as refused:
        RunLock(tmp_path)
    (found,) = refused.value.diagnostics
    assert CODES[found.code].exit is ExitCode.BUSY
    assert str(first.pid) in found.found
    assert lock_holder(tmp_path).pid == first.pid
    end(first)
    assert lock_holder(tmp_path) is None


def test_a_killed_trainer_does_not_block_though_its_worker_lives(tmp_path):
    first = holder(tmp_path, "with a worker")
    assert said(first) == "held"
    os.kill(first.pid, signal.SIGKILL)
    first.wait(10)
    with RunLock(tmp_path):
        assert lock_holder(tmp_path).pid == os.getpid()
    end(first)


def test_asking_who_trains_never_keeps_a_trainer_out(tmp_path):
    RunLock(tmp_path).release()
    ask = f"""
from pathlib import Path
from engine.runs.log.lock import lock_holder
print("asking", flush=True)
while True:
    lock_holder(Path({str(tmp_path)!r}))
"""
    asking = subprocess.Popen(
        [sys.executable, "-c", ask], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert said(asking) == "asking"
    try:
        for _ in range(200):
            RunLock(tmp_path).release()
    finally:
        asking.kill()
        asking.wait(10)
        asking.stdout.close()


def test_nobody_trains_where_there_is_no_lock_or_an_odd_one(tmp_path):
    assert lock_holder(tmp_path) is None
    (tmp_path / ".lock").write_text("nonsense")
    assert lock_holder(tmp_path) is None
    with RunLock(tmp_path):
        (tmp_path / ".lock").write_text("nonsense")
        assert lock_holder(tmp_path).pid == 0


def test_a_link_in_the_place_of_the_lock_is_not_followed(tmp_path):
    (tmp_path / "precious").write_text("keep")
    (tmp_path / ".lock").symlink_to(tmp_path / "precious")
    with pytest.raises(DiagnosticError):
        RunLock(tmp_path)
    assert (tmp_path / "precious").read_text() == "keep"


def test_a_drive_that_knows_no_locks_is_told_and_holds_nobody(tmp_path, monkeypatch):
    def refuse(_handle: int) -> bool:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    RunLock(tmp_path).release()
    monkeypatch.setattr(posix, "try_lock", refuse)
    monkeypatch.setattr(posix, "is_locked", refuse)
    with pytest.raises(DiagnosticError) as refused:
        RunLock(tmp_path)
    assert refused.value.diagnostics[0].code == "disk-failed"
    assert lock_holder(tmp_path) is None


def test_a_lock_is_given_back_once(tmp_path):
    lock = RunLock(tmp_path)
    lock.release()
    lock.release()
    RunLock(tmp_path).release()


def test_a_signature_of_another_form_is_none(tmp_path):
    with RunLock(tmp_path):
        (tmp_path / ".lock").write_text('{"pid": "7", "host": "a", "boot": "b", "start": "c"}')
        assert lock_holder(tmp_path).pid == 0
