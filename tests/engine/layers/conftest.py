"""Keras computes in float64 beside our layers."""

from collections.abc import Iterator

import pytest

from tests.double import floatx


@pytest.fixture(autouse=True)
def _double() -> Iterator[None]:
    with floatx("float64"):
        yield
