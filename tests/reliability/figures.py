"""Figures of tests, printed at the end of the session and saved for the table of the README."""

from __future__ import annotations

import json
import os
import resource
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.reliability.seed import SEED

KEY = "figures"
Figures = dict[str, Any]


class Recorder:
    """Records the figures of a test, in one or several calls.

    Args:
        item: the test.
    """

    def __init__(self, item: pytest.Item) -> None:
        self._item = item
        self._figures: Figures = {}
        item.user_properties.append((KEY, self._figures))

    def __call__(self, **figures: Any) -> None:
        self._figures.update(figures)


def told(reports: Iterable[Any]) -> Iterator[tuple[str, Figures]]:
    """Yield name and figures of each test that has figures."""
    for report in reports:
        for key, figures in getattr(report, "user_properties", ()):
            if key == KEY and figures and report.when == "call":
                yield report.nodeid.rpartition("/")[2], figures


def in_words(figures: Figures) -> str:
    """Return figures as a line: "kills 20, inside a write 7"."""
    return ", ".join(f"{name.replace('_', ' ')} {_shown(value)}" for name, value in figures.items())


def _shown(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.3g}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def summarise(reporter: Any) -> None:
    """Print all figures of a session, and append them to the file named by LAYERLOOM_FIGURES."""
    found = dict(
        told(report for kind in ("passed", "failed") for report in reporter.getreports(kind))
    )
    if not found:
        return
    reporter.section("figures")
    reporter.write_line(f"seed {SEED} (LAYERLOOM_SEED)")
    for test, figures in sorted(found.items()):
        reporter.write_line(f"{test}: {in_words(figures)}")
    if place := os.environ.get("LAYERLOOM_FIGURES"):
        with Path(place).open("a", encoding="utf-8") as file:
            file.writelines(json.dumps([*entry]) + "\n" for entry in sorted(found.items()))


def peak_memory() -> float:
    """Return the peak memory of this process in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
