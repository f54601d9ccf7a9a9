"""Python code for the diagnostics that only Python code can cause."""

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
    """Return a network that can be trained."""
    points = Input((4,), name="points")
    made = Model(points, layers.Dense(1, name="price")(points))
    made.compile("adam", "mse")
    return made


def refused(act: Callable[[], Any]) -> Iterable[Diagnostic]:
    """Return the diagnostics of the error that a line raises."""
    try:
        act()
    except DiagnosticError as refusal:
        return refusal.diagnostics
    return []


def apart(folder: Path) -> Iterable[Diagnostic]:
    """Return the diagnostics of a network that was loaded from a graph file without its weights."""
    model().save(folder / "price.loom.json")
    opened = load(folder / "price.loom.json")
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        opened.predict(X)
    return [
        each.message.diagnostic for each in heard if isinstance(each.message, DiagnosticWarning)
    ]


def scored(folder: Path) -> Iterable[Diagnostic]:
    """Return the diagnostics of a score on training rows."""
    made = model()
    made.fit(X, Y, verbose=0)
    return made.evaluate(X, Y, verbose=0).notes


ACTS: dict[str, Callable[[Path], Iterable[Diagnostic]]] = {
    "no-such-name": lambda _: refused(lambda: layers.Densee),
    "no-values": lambda _: refused(lambda: Input((4,), name="a") / 2),
    "weights-apart": apart,
    "scored-on-trained": scored,
}
