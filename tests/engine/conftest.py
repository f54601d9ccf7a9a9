"""Keras computes in float64 beside the engine."""

from collections.abc import Iterator

import pytest


@pytest.fixture
def float64() -> Iterator[None]:
    from tests.double import floatx

    with floatx("float64"):
        yield
