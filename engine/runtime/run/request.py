"""The request to train: files, settings and options of a run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class TrainRequest:
    """A request to train, as typed on the command line or given in Python.

    Args:
        graph: graph file; None with `resume` uses the run folder's copy.
        data: table to train on; None with `resume` uses the run's own.
        validation: table to validate on.
        run: run folder; None creates runs/NAME-NNN next to the graph file.
        settings: "KEY=VALUE" overrides of the recipe.
        resume: resume the run in `run`.
        test: table of the test split; recorded in run.json.
        repeat: run to repeat identically in a new folder next to it.
        warm_start: run whose weights are the initial weights.
        tensorboard: write TensorBoard logs into the run folder.
        cache: read the data once into a cache on disk, and train from it; None does so if the
            data is too large for memory.
    """

    graph: Path | None
    data: Path | None
    validation: Path | None = None
    run: Path | None = None
    settings: tuple[str, ...] = ()
    resume: bool = False
    test: Path | None = None
    repeat: Path | None = None
    warm_start: Path | None = None
    tensorboard: bool = False
    cache: bool | None = None
