"""The request to train: files, settings and options of a run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class TrainRequest:
    """A request to train, from the command line or from Python.

    Args:
        graph: graph file; None (with `resume` or `repeat`) uses the copy in the run folder.
        data: table to train on; None (with `resume` or `repeat`) uses the table of that run.
        validation: table to validate on; None takes validation rows from `data`.
        run: run folder; None creates runs/NAME-NNN next to the graph file.
        settings: "KEY=VALUE" overrides of the recipe.
        resume: whether to resume the run in `run`.
        test: table of test rows; it is checked, and run.json records its path.
        repeat: run to repeat identically; the new run folder is created next to this one.
        warm_start: run whose weights are used as initial weights.
        tensorboard: whether to write TensorBoard logs to the run folder.
        cache: whether to train from a cache of the data on disk; None uses a cache if the data is
            too large for memory.
        stream: whether to read the rows from the data in each epoch, without a cache.
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
    stream: bool = False
