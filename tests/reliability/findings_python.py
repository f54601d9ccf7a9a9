"""The lines of Python that get the findings which only Python code can get."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np

from engine import DiagnosticError, Input, Model, layers, load
from engine.core.diagnostic import Diagnostic
from engine.core.symbolic.call_site import DiagnosticWarning

X = np.random.default_rng(0).normal(size=(60, 4))
Y = X @ np.array([1.0, -2.0, 0.5, 0.0])


def model() -> Model:
    """Return a network that can be fitted."""
    points = Input((4,), name="points")
    made = Model(points, layers.Dense(1, name="price")(points))
    made.compile("adam", "mse")
    return made


def refused(act: Callable[[], Any]) -> Iterable[Diagnostic]:
    """Return what a line is refused with."""
    try:
        act()
    except DiagnosticError as refusal:
        return refusal.diagnostics
    return []


def apart(folder: Path) -> Iterable[Diagnostic]:
    """Return what is said of a network whose weights lie elsewhere."""
    model().save(folder / "price.loom.json")
    opened = load(folder / "price.loom.json")
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        opened.predict(X)
    return [
        each.message.diagnostic for each in heard if isinstance(each.message, DiagnosticWarning)
    ]


def scored(folder: Path) -> Iterable[Diagnostic]:
    """Return what is said of a score on the rows that were trained on."""
    made = model()
    made.fit(X, Y, verbose=0)
    return made.evaluate(X, Y, verbose=0).notes


ACTS: dict[str, Callable[[Path], Iterable[Diagnostic]]] = {
    "no-such-name": lambda _: refused(lambda: layers.Densee),
    "no-values": lambda _: refused(lambda: Input((4,), name="a") / 2),
    "weights-apart": apart,
    "scored-on-trained": scored,
}
