"""Benchmark of settings that don't change results, and of batch sizes, by a few steps of each."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

import torch

from engine.check.cost import available_memory, largest_batch_size
from engine.core.diagnostic import DiagnosticError, diagnostic_from_dict
from engine.core.exceptions import diagnostic_from_exception
from engine.data.prepared_data import PreparedData, training_costs
from engine.events import RunFailed
from engine.recipe.recipe import Recipe
from engine.runs.log.step_buffer import TrainingStep
from engine.runtime.device import select_device
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
        rows: rows of a step.
    """

    fields: dict[str, Any]
    seconds: float
    fastest: float
    slowest: float
    exact: bool
    rows: int = 1

    @property
    def rows_per_second(self) -> float:
        """The training rows per second."""
        return self.rows / self.seconds

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
    thread count (only on the CPU), `prefetch` (only on CUDA), the precision (to 16 bits), or
    `compile` (to True). The thread counts are the number of CPU cores, halved repeatedly.

    Raises:
        DiagnosticError: device-missing.
    """
    device = select_device(recipe.device).type
    yield {}
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    core_count = max(cores or 1, 1)
    thread_counts = sorted({max(1, core_count >> i) for i in range(core_count.bit_length())})
    for threads in thread_counts if device == "cpu" else ():
        if threads != recipe.threads:
            yield {"threads": threads}
    if device == "cuda" and not recipe.prefetch:
        yield {"prefetch": True}
    for precision in ("bf16-mixed", "16-mixed") if recipe.precision == "float32" else ():
        yield {"precision": precision}
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
            candidates.append(_Steps(prepared, fields))
        except DiagnosticError:  # the device doesn't support the precision
            if not fields:
                raise
    for _ in range(ROUNDS):
        for steps in candidates:
            steps.measure_round()
    for steps in candidates:
        yield steps.result()


def benchmark_batch_sizes(prepared: PreparedData) -> Iterator[BenchmarkResult]:
    """Measure the recipe's batch size, then twice as many rows again and again; yield results.

    It ends when rows or memory do not suffice, or when training becomes no faster.
    """
    limit = prepared.train.row_count
    if select_device(prepared.recipe.device).type == "cpu":  # its system kills large processes
        costs = training_costs(prepared.report, prepared.recipe, prepared.train)
        limit = min(limit, largest_batch_size(costs, available_memory()))
    fields, previous, size = dict[str, int](), 0.0, prepared.recipe.batch_size
    while not fields or size <= limit:
        try:
            steps = _Steps(prepared, fields)
            for _ in range(ROUNDS):
                steps.measure_round()
        except Exception as error:
            if not fields or diagnostic_from_exception(error).code != "out-of-memory":
                raise
            return
        yield (result := steps.result())
        if result.rows_per_second * MAX_TIME_RATIO < previous:
            return
        previous, size = result.rows_per_second, 2 * size
        fields = {"batch_size": size}


class _Steps:
    """A training that is advanced and timed a few steps at a time."""

    def __init__(self, prepared: PreparedData, fields: dict[str, Any]) -> None:
        self._fields = fields
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

    def result(self) -> BenchmarkResult:
        times = statistics.median(self._rounds), min(self._rounds), max(self._rounds)
        rows = self._training.train.batch_size
        return BenchmarkResult(self._fields, *times, "precision" not in self._fields, rows)


def _steps(training: Training) -> Iterator[TrainingStep]:
    for event in fit(training):
        if isinstance(event, RunFailed):
            raise DiagnosticError(diagnostic_from_dict(event.diagnostic))
        if isinstance(event, TrainingStep):
            yield event


def fastest_exact(tried: list[BenchmarkResult]) -> BenchmarkResult | None:
    """Return the result with most rows per second, in the recipe's precision.

    None if the gain is too small.

    The first result in `tried` is that of the unchanged recipe.
    """
    current, *others = tried
    exact = (result for result in others if result.exact)
    fastest = max(exact, key=lambda result: result.rows_per_second, default=current)
    is_faster = fastest.rows_per_second * MAX_TIME_RATIO > current.rows_per_second
    return fastest if is_faster else None
