"""Which threads and precision are fastest for a graph on this machine: a few steps with each."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

import torch

from engine.core.diagnostic import Refused, diagnostic_of
from engine.data.prepare import Prepared
from engine.events import RunFailed, StepsDone
from engine.recipe.recipe import Recipe
from engine.runtime.device import devices
from engine.runtime.run.runner import training_of
from engine.runtime.training.loop import fit
from engine.runtime.training.state import Training

WARM, STEPS, ROUNDS = 3, 8, 3
CLEAR = 0.95  # of the time of what the recipe says: less is within what a machine wavers


@dataclass(frozen=True, slots=True)
class Trial:
    """How fast one choice is.

    Args:
        fields: of the recipe, that differ from the one that is there.
        seconds: of a step, in the median.
        fastest, slowest: medians of its rounds.
        exact: whether it computes in the recipe's own precision.
    """

    fields: dict[str, Any]
    seconds: float
    fastest: float
    slowest: float
    exact: bool

    @property
    def settings(self) -> list[str]:
        """The fields as `--set` takes them."""
        return [f"{key}={str(value).lower()}" for key, value in self.fields.items()]

    @property
    def edit(self) -> dict[str, Any]:
        """The edit that keeps them in the recipe."""
        return {"do": "set_recipe", "fields": dict(self.fields)}


def choices(recipe: Recipe) -> Iterator[dict[str, Any]]:
    """Yield what can be chosen here: each number of threads that halves, short numbers, compiling.

    The first one is what the recipe says.
    """
    yield {}
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    most = max(cores or 1, 1)
    counts = sorted({max(1, most >> halved) for halved in range(most.bit_length())})
    on_cpu = recipe.device == "cpu" or devices() == ("cpu",)
    for threads in counts if on_cpu else ():
        if threads != recipe.threads:
            yield {"threads": threads}
    if recipe.precision == "float32":
        yield {"precision": "bf16-mixed"}
    if not recipe.compile:
        yield {"compile": True}


def trials(prepared: Prepared) -> Iterator[Trial]:
    """Yield how fast each choice is, the recipe's own first; nothing is kept of what was learned.

    Why: rounds are interleaved, so that a neighbour who wakes up slows all choices alike.
    """
    tried = []
    for fields in choices(prepared.recipe):
        try:
            tried.append((fields, _Steps(prepared, fields)))
        except Refused:  # this device has no such precision
            continue
    for _ in range(ROUNDS):
        for _, steps in tried:
            steps.round()
    for fields, steps in tried:
        yield Trial(fields, *steps.figures(), exact="precision" not in fields)


class _Steps:
    """A training that goes on a few steps at a time."""

    def __init__(self, prepared: Prepared, fields: dict[str, Any]) -> None:
        changed = prepared.recipe.model_copy(update={"epochs": 1_000_000, **fields})
        self._training = training_of(replace(prepared, recipe=changed, validation=None))
        self._threads = torch.get_num_threads()
        self._steps = _steps(self._training)
        self._rounds: list[float] = []
        list(islice(self._steps, WARM))

    def round(self) -> None:
        torch.set_num_threads(self._threads)
        taken = []
        for _ in range(STEPS):
            began = time.perf_counter()
            next(self._steps)
            taken.append(time.perf_counter() - began)
        self._rounds.append(statistics.median(taken))

    def figures(self) -> tuple[float, float, float]:
        return statistics.median(self._rounds), min(self._rounds), max(self._rounds)


def _steps(training: Training) -> Iterator[StepsDone]:
    for event in fit(training):
        if isinstance(event, RunFailed):
            raise Refused(diagnostic_of(event.diagnostic))
        if isinstance(event, StepsDone):
            yield event


def best(tried: list[Trial]) -> Trial | None:
    """Return the fastest choice that changes no number but in rounding; None to stay as it is."""
    now, *others = tried
    fastest = min((one for one in others if one.exact), key=lambda one: one.seconds, default=now)
    return fastest if fastest.seconds < CLEAR * now.seconds else None
