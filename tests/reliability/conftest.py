"""What the tests of reliability share: a warm parent of processes, and the figures of each test."""

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
    """Takes what the test measured."""
    return Recorder(request.node)


@pytest.fixture(scope="session")
def warm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warm]:
    """Starts processes that have torch loaded already."""
    with Warm(tmp_path_factory.mktemp("said")) as parent:
        yield parent


@pytest.fixture
def swift(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where there is one: where no power is cut, a disk only costs time."""
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=memory, prefix="layerloom-") as folder:
        yield Path(folder)
