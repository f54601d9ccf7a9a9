"""Runs made without training: a folder with the events that a training would have said."""

from __future__ import annotations

import math
from collections.abc import Iterable
from pathlib import Path

from engine.events import (
    BestFound,
    ControlTaken,
    EpochDone,
    Event,
    OutputInfo,
    RunFinished,
    RunStarted,
    StepsDone,
)
from engine.graph.model import Project
from engine.graph.serialization.file import dumps
from engine.runs.folder.run_folder import RunFolder
from engine.runs.log.event_log import EventWriter


def heads_of(project: Project) -> tuple[OutputInfo, ...]:
    """Return the outputs of a project as a run tells them."""
    return tuple(
        OutputInfo(
            name=node.name,
            loss=str(node.params.get("loss", "")),
            weight=float(node.params.get("loss_weight", 1.0)),
            metrics=tuple(node.params.get("metrics", ())),
            unit=str(node.params.get("unit", "")),
        )
        for node in project.graph
        if node.kind == "Output"
    )


def said(heads: tuple[OutputInfo, ...], epochs: int = 4, steps: int = 50) -> list[Event]:
    """Return what a training of some epochs says, its losses coming down."""
    events: list[Event] = [
        RunStarted(
            run_id="made", rows=steps * 8, validation_rows=80, steps_per_epoch=steps,
            epochs=epochs, outputs=heads, device="cpu",
        )
    ]  # fmt: skip
    best = math.inf
    for epoch in range(epochs):
        first = epoch * steps
        base = [
            1 / (1 + 0.02 * step) + 0.03 * math.sin(step) for step in range(first, first + steps)
        ]
        losses = {
            head.name: tuple(value * (place + 1) for value in base)
            for place, head in enumerate(heads)
        }
        total = tuple(
            sum(head.weight * losses[head.name][at] for head in heads) for at in range(steps)
        )
        events.append(
            StepsDone(
                first=first + 1,
                last=first + steps,
                epoch=epoch + 1,
                loss=total,
                losses=losses,
                learning_rate=(0.001,) * steps,
                grad_norm=tuple(base),
            )  # fmt: skip
        )
        held = {"loss": total[-1] + 0.05 * (epoch == epochs - 1)}
        for head in heads:
            held[f"{head.name}/loss"] = losses[head.name][-1] + 0.02
            held |= {f"{head.name}/{metric}": base[-1] for metric in head.metrics}
        if held["loss"] < best:
            best = held["loss"]
            events.append(BestFound(epoch=epoch + 1, step=first + steps, scores=held))
        events.append(
            EpochDone(epoch=epoch + 1, step=first + steps, train=held, validation=held, seconds=2)
        )
    last = epochs * steps
    events.insert(
        3,
        ControlTaken(id="m", request="learning_rate", step=steps, value=0.0005, before=0.001),
    )
    events.append(RunFinished(step=last, epoch=epochs, seconds=8, reason="all epochs are done"))
    return events


def made_run(
    path: Path, project: Project, name: str, events: Iterable[Event] | None = None
) -> RunFolder:
    """Return a run of a graph file called `name` that has ended."""
    path.mkdir(parents=True)
    described = {"run_id": path.name, "name": name, "device": "cpu", "seed": 1, "settings": [],
                 "paths": {"data": "/data/rows.csv"}, "hashes": {"data": "d"}}  # fmt: skip
    folder = RunFolder.create(path, described, dumps(project).encode())
    with EventWriter(path) as writer:
        for event in said(heads_of(project)) if events is None else events:
            writer.write(event)
    return folder
