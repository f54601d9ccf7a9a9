"""A command `engine` for hosts in tests that starts at once, since its training needs no torch.

`train` writes the files of a run: one step in twenty milliseconds, until it is stopped or until
step 40. A file in the remote folder changes this: "mistake" makes it fail at the start, "crash" at
step 5, and "long" makes it run for 2000 steps.
"""

import json
import os
import sys
import time
from importlib.metadata import version
from pathlib import Path

from engine.core.diagnostic import Diagnostic
from engine.events import (  # fmt: skip
    CheckpointSaved,
    ControlTaken,
    RunFinished,
    RunResumed,
    RunStarted,
    RunStopped,
    StepsDone,
)
from engine.runs.control.requests import RequestQueue
from engine.runs.folder.run_folder import RunFolder, lock_run_folder
from engine.runs.log.event_log import EventWriter, read_events

STEPS = 40


def main(words: list[str]) -> None:
    if words == ["--version"]:
        print(f"layerloom {version('layerloom')}")
    else:
        train(Path("run"), "--resume" in words, words)


def train(path: Path, resume: bool, words: list[str]) -> None:
    if exists("mistake"):
        found = Diagnostic("internal", "a mistake").to_dict()
        print(json.dumps({"ok": False, "diagnostics": [found]}))
        sys.exit(70)
    lock = lock_run_folder(path, resume)
    if not resume:
        paths = {"graph": words[1], "data": words[words.index("--data") + 1], "test": None}
        RunFolder.create(path, {"run_id": "1", "name": "net", "paths": paths}, b"graph")
    run, done = RunFolder.open(path), list(read_events(path))
    queue, step = RequestQueue(path, done), 0
    with EventWriter(path) as writer:
        if resume:
            step = max(each.last for each in done if isinstance(each, StepsDone))
            queue.read_new()
            writer.write(RunResumed(to_step=step, to_epoch=0))
        writer.write(RunStarted(run_id="1"))
        while step < (50 * STEPS if exists("long") else STEPS):
            step += 1
            time.sleep(0.02)
            writer.write(StepsDone(first=step, last=step, epoch=1, loss=(1 / step,)))
            if step == 5 and exists("crash"):
                print("it crashed", file=sys.stderr)
                os._exit(9)
            for request in queue.read_new():
                writer.write(ControlTaken(id=request.id, request=request.kind, step=step))
                run.write_status({"state": "paused" if request.kind == "pause" else "running"})
                if request.kind == "checkpoint":
                    (path / "checkpoints" / "latest.json").write_text(str(step))
                    writer.write(CheckpointSaved(step=step, file="latest"))
                if request.kind == "stop":
                    writer.write(RunStopped(step=step))
                    return
        (path / "model.safetensors").write_bytes(b"weights")
        writer.write(RunFinished(step=step))
    run.write_status({"state": "finished"})
    lock.release()


def exists(name: str) -> bool:
    return Path("../..", name).exists()


if __name__ == "__main__":
    main(sys.argv[1:])
