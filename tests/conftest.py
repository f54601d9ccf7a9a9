"""What every test stands on: Keras on its torch backend, few threads, and no device by accident.

Tests marked `gpu` need a CUDA device. `./dev test` runs them by themselves (LAYERLOOM_GPU=1) on a
machine that has one; all others run on the CPU, whose arithmetic is the same everywhere.
"""

import os

import pytest

from tests.reliability.figures import summarise

GPU = os.environ.get("LAYERLOOM_GPU") == "1"

os.environ.setdefault("KERAS_BACKEND", "torch")
os.environ.setdefault("OMP_NUM_THREADS", "1")
if not GPU:
    os.environ["CUDA_VISIBLE_DEVICES"] = ""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Take either the tests for a device, or all others."""
    fits = [(item.get_closest_marker("gpu") is not None) == GPU for item in items]
    others = [item for item, fit in zip(items, fits, strict=True) if not fit]
    items[:] = [item for item, fit in zip(items, fits, strict=True) if fit]
    config.hook.pytest_deselected(items=others)


def pytest_terminal_summary(terminalreporter: object) -> None:
    """Print what the tests of reliability measured."""
    summarise(terminalreporter)
