"""What the tests of reliability share: a warm parent of processes, and the figures of each test."""

from __future__ import annotations

from collections.abc import Iterator

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
