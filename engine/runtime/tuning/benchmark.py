"""Benchmark of thread counts, precision and compilation, with a few training steps for each."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

import torch

from engine.core.diagnostic import DiagnosticError, diagnostic_from_dict
from engine.data.prepared_data import PreparedData
from engine.events import RunFailed
from engine.recipe.recipe import Recipe
from engine.runs.log.step_buffer import TrainingStep
from engine.runtime.device import available_devices
from engine.runtime.training.builder import build_training
from engine.runtime.training.loop import fit
from engine.runtime.training.training import Training

WARMUP_STEPS, STEPS_PER_ROUND, ROUNDS = 3, 8, 3
MAX_TIME_RATIO = 0.95  # relative to the unchanged recipe; a smaller gain may be noise


@dataclass(frozen=True, slots=True)
class BenchmarkResult:
    """The time of a training step with some settings, measured in rounds of several steps.

    Args:
        fields: changed fields of the recipe.
        seconds: step time in seconds. Each round has a median step time; this is their median.
        fastest, slowest: smallest and largest of the rounds' median step times, in seconds.
        exact: whether the precision is that of the recipe.
    """

    fields: dict[str, Any]
    seconds: float
    fastest: float
    slowest: float
    exact: bool

    @property
    def settings(self) -> list[str]:
        """The changed recipe fields as arguments of the option `--set`, such as "threads=4"."""
        return [f"{key}={str(value).lower()}" for key, value in self.fields.items()]

    @property
    def edit(self) -> dict[str, Any]:
        """A project edit, as a dict for JSON, that sets the changed recipe fields, `fields`."""
        return {"do": "set_recipe", "fields": dict(self.fields)}


def candidate_settings(recipe: Recipe) -> Iterator[dict[str, Any]]:
    """Yield the settings to benchmark, each as a dict of changed recipe values by field name.

    The first dict, {}, is for the unchanged recipe. Each of the others changes one field: the
    thread count (only on the CPU), the precision (to bfloat16), or `compile` (to True). The thread
    counts are the number of CPU cores, halved repeatedly.
    """
    yield {}
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    core_count = max(cores or 1, 1)
    thread_counts = sorted({max(1, core_count >> i) for i in range(core_count.bit_length())})
    on_cpu = recipe.device == "cpu" or available_devices() == ("cpu",)
    for threads in thread_counts if on_cpu else ():
        if threads != recipe.threads:
            yield {"threads": threads}
    if recipe.precision == "float32":
        yield {"precision": "bf16-mixed"}
    if not recipe.compile:
        yield {"compile": True}


def benchmark(prepared: PreparedData) -> Iterator[BenchmarkResult]:
    """Measure the step time with the `candidate_settings` that the device supports; yield results.

    The first result is for the unchanged recipe. Trained weights are discarded. The settings are
    measured in turns (rounds), so that other load on the machine affects all settings alike.
    """
    candidates = []
    for fields in candidate_settings(prepared.recipe):
        try:
            candidates.append((fields, _Steps(prepared, fields)))
        except DiagnosticError:  # the device doesn't support the precision
            continue
    for _ in range(ROUNDS):
        for _, steps in candidates:
            steps.measure_round()
    for fields, steps in candidates:
        yield BenchmarkResult(fields, *steps.times(), exact="precision" not in fields)


class _Steps:
    """A training that is advanced and timed a few steps at a time."""

    def __init__(self, prepared: PreparedData, fields: dict[str, Any]) -> None:
        changed = prepared.recipe.model_copy(update={"epochs": 1_000_000, **fields})
        self._training = build_training(replace(prepared, recipe=changed, validation=None))
        self._threads = torch.get_num_threads()
        self._steps = _steps(self._training)
        self._rounds: list[float] = []  # median step time of each round
        list(islice(self._steps, WARMUP_STEPS))

    def measure_round(self) -> None:
        torch.set_num_threads(self._threads)
        times = []
        for _ in range(STEPS_PER_ROUND):
            start = time.perf_counter()
            next(self._steps)
            times.append(time.perf_counter() - start)
        self._rounds.append(statistics.median(times))

    def times(self) -> tuple[float, float, float]:
        return statistics.median(self._rounds), min(self._rounds), max(self._rounds)


def _steps(training: Training) -> Iterator[TrainingStep]:
    for event in fit(training):
        if isinstance(event, RunFailed):
            raise DiagnosticError(diagnostic_from_dict(event.diagnostic))
        if isinstance(event, TrainingStep):
            yield event


def fastest_exact(tried: list[BenchmarkResult]) -> BenchmarkResult | None:
    """Return the fastest result with the recipe's precision; None if the gain is too small.

    The first result in `tried` is that of the unchanged recipe.
    """
    current, *others = tried
    exact = (result for result in others if result.exact)
    fastest = min(exact, key=lambda result: result.seconds, default=current)
    return fastest if fastest.seconds < MAX_TIME_RATIO * current.seconds else None
