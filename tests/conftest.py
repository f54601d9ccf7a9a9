"""Configuration of all tests: Keras with the torch backend, one thread, no GPU by default.

Tests marked `slow` are deselected by `./dev test`; `tests/tiers.py` explains the tiers.

Tests marked `gpu` need a CUDA device. `./dev test` runs them separately (LAYERLOOM_GPU=1) if there
is one. All other tests run on the CPU, for reproducible results.
"""

import gc
import os
from collections.abc import Generator

import pytest
from hypothesis import HealthCheck, settings

from tests.reliability.figures import summarise
from tests.tiers import cases

GPU = os.environ.get("LAYERLOOM_GPU") == "1"

os.environ.setdefault("KERAS_BACKEND", "torch")
os.environ.setdefault("OMP_NUM_THREADS", "1")
if not GPU:
    os.environ["CUDA_VISIBLE_DEVICES"] = ""

settings.register_profile(
    "tier",
    max_examples=cases(15, 100),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("tier")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Select either the GPU tests or all others."""
    fits = [(item.get_closest_marker("gpu") is not None) == GPU for item in items]
    others = [item for item, fit in zip(items, fits, strict=True) if not fit]
    items[:] = [item for item, fit in zip(items, fits, strict=True) if fit]
    config.hook.pytest_deselected(items=others)


def pytest_terminal_summary(terminalreporter: object) -> None:
    """Print the figures of the reliability tests."""
    summarise(terminalreporter)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Look for no garbage among what the imports make, which stays: a fifth of their time."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()


def pytest_collection_finish() -> None:
    """Keep what the imports made out of later garbage collections: a tenth of the time of a run."""
    gc.collect()
    gc.freeze()
