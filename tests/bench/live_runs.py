"""Runs for the benchmark of live display: one with many events a second, a long one, and many.

    python -m tests.bench.live_runs RUN LINES SECONDS

writes LINES events a second to a run folder and holds its lock, as a very fast training would.
"""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from engine.events import Event, RunFinished, RunStarted, StepsDone
from engine.graph.model import Project
from engine.graph.serialization.file import parse
from engine.graph.templates import read_template
from engine.runs.log.event_log import EventWriter
from engine.runs.log.lock import RunLock
from tests.app.training.made import heads_of, made_run, said

BATCH = 1000  # steps per event of a long run


def posts() -> Project:
    """Return the network with three outputs."""
    return parse(read_template("posts")).project


def steps(project: Project, first: int, count: int) -> StepsDone:
    """Return the event of some steps, with a decreasing, noisy loss curve."""
    heads = heads_of(project)
    base = [
        1 / (1 + 0.001 * step) + 0.05 * math.sin(step * 1.7) for step in range(first, first + count)
    ]
    losses = {head.name: tuple(value * (at + 1) for value in base) for at, head in enumerate(heads)}
    total = tuple(sum(head.weight * losses[head.name][at] for head in heads) for at in range(count))
    return StepsDone(
        first=first, last=first + count - 1, epoch=1, loss=total, losses=losses,
        learning_rate=(0.001,) * count, grad_norm=tuple(base),
    )  # fmt: skip


def begun(project: Project, count: int) -> RunStarted:
    """Return the first event of a run with `count` steps."""
    return RunStarted(
        run_id="bench", rows=8 * count, steps_per_epoch=count, epochs=1, device="cpu",
        outputs=heads_of(project),
    )  # fmt: skip


def long_run(path: Path, count: int) -> None:
    """Create a finished run with many steps."""
    project = posts()

    def events() -> Iterator[Event]:
        yield begun(project, count)
        for first in range(1, count + 1, BATCH):
            yield steps(project, first, min(BATCH, count + 1 - first))
        yield RunFinished(step=count, epoch=1, seconds=1.0, reason="all epochs are done")

    made_run(path, project, "posts", events())


def many_runs(place: Path, count: int) -> None:
    """Create runs with fifty epochs each."""
    project = posts()
    events = said(heads_of(project), epochs=50, steps=8)
    for number in range(1, count + 1):
        made_run(place / f"posts-{number:03}", project, "posts", events)


def speak(run: Path, lines: int, seconds: float) -> None:
    """Write `lines` events a second, with one step each."""
    project = posts()
    made_run(run, project, "posts", [begun(project, lines * 1000)])
    told = [steps(project, step, 1) for step in range(1, 500)]
    with RunLock(run), EventWriter(run) as writer:
        print("ready", flush=True)
        sys.stdin.readline()
        began, said_so_far = time.monotonic(), 0
        while (past := time.monotonic() - began) < seconds:
            due = int(past * lines)
            for step in range(said_so_far + 1, due + 1):
                event = told[step % len(told)]
                writer.write(event.model_copy(update={"first": step, "last": step}))
            said_so_far = due
            time.sleep(0.002)
        print(said_so_far, flush=True)


if __name__ == "__main__":
    speak(Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))

__all__ = ["long_run", "many_runs", "posts", "speak"]
