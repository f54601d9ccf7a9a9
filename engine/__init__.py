"""Layerloom's engine: check, compile and train drawn networks, without a window.

`from engine import Input, Model, Sequential, layers` writes a network in Python as Keras does.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

# Where each name is; it is looked up when it is first asked for, and nothing heavy before.
_HOMES = {
    "Input": "engine.layers.python",
    "Model": "engine.functional.model",
    "Sequential": "engine.functional.sequential",
    "load": "engine.functional.opening",
    "Refused": "engine.core.diagnostic",
    "Notice": "engine.core.calling",
    "optimizers": "engine.functional.names",
    "schedules": "engine.functional.names",
    "losses": "engine.functional.names",
    "metrics": "engine.functional.names",
    "regularizers": "engine.functional.names",
    "initializers": "engine.functional.names",
}
_MODULES = {"layers": "engine.layers", "models": "engine.functional.models"}
# Modules of Keras that have no counterpart; what they are asked for is explained.
_MISSING = ("activations", "applications", "backend", "callbacks", "constraints", "datasets",
            "ops", "preprocessing", "random", "saving", "utils")  # fmt: skip


def __getattr__(name: str) -> Any:
    """Return what Python code writes a network with.

    Raises:
        NoSuchName: with what to write instead.
    """
    if name.startswith("_"):
        raise AttributeError(f"module 'engine' has no attribute {name!r}")
    if name in _MISSING:
        return import_module("engine.functional.names").Missing(name)
    if name in _MODULES:
        return import_module(_MODULES[name])
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise import_module("engine.core.calling").absent("engine", name, [*_HOMES, *_MODULES])


def __dir__() -> list[str]:
    """Return everything that can be asked for."""
    return sorted({*(name for name in globals() if name.startswith("__")), *_HOMES, *_MODULES})
