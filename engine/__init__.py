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
    "load": "engine.functional.model",
    "Refused": "engine.core.diagnostic",
    "Notice": "engine.core.calling",
    "optimizers": "engine.functional.names",
    "schedules": "engine.functional.names",
    "losses": "engine.functional.names",
    "metrics": "engine.functional.names",
    "regularizers": "engine.functional.names",
    "initializers": "engine.functional.names",
}


def __getattr__(name: str) -> Any:
    """Answer what Python code writes a network with."""
    if name == "layers":
        return import_module("engine.layers")
    if name not in _HOMES:
        raise AttributeError(f"module 'engine' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    """Answer everything that can be asked for."""
    return sorted({*globals(), *_HOMES, "layers"})
