"""Fixtures of the reliability tests: preloaded processes, and the figures of each test."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.reliability.figures import Recorder
from tests.reliability.warm import Warm


@pytest.fixture
def figures(request: pytest.FixtureRequest) -> Recorder:
    """Records the figures of the test."""
    return Recorder(request.node)


@pytest.fixture(scope="session")
def warm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warm]:
    """Starts processes with torch already imported."""
    with Warm(tmp_path_factory.mktemp("said")) as parent:
        yield parent


@pytest.fixture
def swift(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory if available, since a disk is slower and not needed here."""
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=memory, prefix="layerloom-") as folder:
        yield Path(folder)
