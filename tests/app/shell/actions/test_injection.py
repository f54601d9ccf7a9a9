"""Handlers get their arguments by the types of their parameters."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.shell.actions.injection import Injector


class Pen:
    """What handlers of this test use."""


def test_a_handler_gets_the_object_of_each_type():
    got = []

    def handler(path: Path, pen: Pen) -> None:
        got.append((path, pen))

    injector, pen = Injector(), Pen()
    injector.add(pen)
    injector.provide(Path, lambda: Path("here"))
    injector.bind(handler)()
    assert got == [(Path("here"), pen)]


def test_a_provider_is_called_each_time_the_handler_runs():
    got = []

    def handler(path: Path) -> None:
        got.append(path)

    paths = iter([Path("first"), Path("second")])
    injector = Injector()
    injector.provide(Path, lambda: next(paths))
    call = injector.bind(handler)
    call()
    call()
    assert got == [Path("first"), Path("second")]


def test_an_unknown_type_is_an_error_before_the_handler_runs():
    def handler(pen: Pen) -> None:
        raise AssertionError

    with pytest.raises(TypeError, match="no provider for 'pen: .*Pen"):
        Injector().bind(handler)


def test_a_parameter_without_annotation_is_an_error():
    def handler(pen) -> None:
        raise AssertionError

    with pytest.raises(TypeError, match="'pen' has no annotation"):
        Injector().bind(handler)


def test_a_type_has_one_provider():
    injector = Injector()
    injector.add(Pen())
    with pytest.raises(ValueError, match="Pen has two providers"):
        injector.add(Pen())
