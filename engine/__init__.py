"""Layerloom's engine: check, compile and train drawn networks, without a window.

`from engine import Input, Model, Sequential, layers` writes a network in Python as Keras does.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

# Where each name is; it is looked up when it is first asked for, and nothing heavy before.
_HOMES = {
    "Input": "engine.layers.support.namespace",
    "Model": "engine.functional.model.model",
    "Sequential": "engine.functional.model.sequential",
    "load": "engine.functional.model.loader",
    "Refused": "engine.core.diagnostic",
    "Notice": "engine.core.symbolic.call_site",
    "optimizers": "engine.functional.namespaces",
    "schedules": "engine.functional.namespaces",
    "losses": "engine.functional.namespaces",
    "metrics": "engine.functional.namespaces",
    "regularizers": "engine.functional.namespaces",
    "initializers": "engine.functional.namespaces",
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
        return import_module("engine.functional.namespaces").Missing(name)
    if name in _MODULES:
        return import_module(_MODULES[name])
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise import_module("engine.core.symbolic.call_site").absent(
        "engine", name, [*_HOMES, *_MODULES]
    )


def __dir__() -> list[str]:
    """Return everything that can be asked for."""
    return sorted({*(name for name in globals() if name.startswith("__")), *_HOMES, *_MODULES})
