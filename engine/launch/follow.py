"""The end of a mirror on the machine that trains: prints events, and receives control requests."""

from __future__ import annotations

import os
import select
import sys
from pathlib import Path

from engine.core.files.atomic_write import write_all
from engine.runs.control.requests import CONTROL_FILE
from engine.runs.log.append_log import AppendLog, LogTail
from engine.runs.log.event_log import EVENTS_FILE
from engine.runs.log.lock import lock_holder

_POLL_SECONDS = 0.05
_BLOCK_BYTES = 1 << 16


def follow_run(run: Path, offset: int, lock_folder: Path) -> bool:
    """Copy the events of a run to stdout, until it is no longer trained or stdin is closed.

    Lines that arrive on stdin are appended to the control requests of the run. Return whether the
    training has ended, and all its events are copied.

    Args:
        offset: byte of events.jsonl from which on events are copied, the start of a line.
        lock_folder: the run is trained while a process holds the lock of this folder.
    """
    tail = LogTail(run / EVENTS_FILE, offset)
    received = b""
    while True:
        # Check before reading, so that the last events are not missed.
        is_trained = lock_holder(lock_folder) is not None
        while lines := tail.read_new():
            write_all(sys.stdout.fileno(), b"\n".join([*lines, b""]))
        if not is_trained:
            return True
        if select.select([sys.stdin], [], [], _POLL_SECONDS)[0]:
            data = os.read(sys.stdin.fileno(), _BLOCK_BYTES)
            if not data:
                return False
            received += data
        if b"\n" in received and run.is_dir():
            *complete, received = received.split(b"\n")
            log = AppendLog(run / CONTROL_FILE, exclusive=False)
            for line in complete:
                log.append(line.decode())
            log.close()
