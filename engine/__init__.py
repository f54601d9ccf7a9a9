"""Layerloom's engine: checks, compiles and trains neural networks, without a user interface.

`from engine import Input, Model, Sequential, layers` gives a Keras-like Python API.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

# Public names and the modules that define them. A module is imported on first access to a name, so
# that `import engine` is fast.
_HOMES = {
    "Input": "engine.layers.namespace",
    "Model": "engine.functional.model.model",
    "Sequential": "engine.functional.model.sequential",
    "load": "engine.functional.models",
    "DiagnosticError": "engine.core.diagnostic",
    "DiagnosticWarning": "engine.core.symbolic.call_site",
    "optimizers": "engine.functional.namespaces",
    "schedules": "engine.functional.namespaces",
    "losses": "engine.functional.namespaces",
    "metrics": "engine.functional.namespaces",
    "regularizers": "engine.functional.namespaces",
    "initializers": "engine.functional.namespaces",
}
# Names of version 0.1, kept for scripts that import them.
_ALIASES = {"Refused": "DiagnosticError", "Notice": "DiagnosticWarning"}
_MODULES = {"layers": "engine.layers", "models": "engine.functional.models"}
# Keras modules without a counterpart; using one raises an error that says what to write instead.
_MISSING = ("activations", "applications", "backend", "callbacks", "constraints", "datasets",
            "ops", "preprocessing", "random", "saving", "utils")  # fmt: skip


def __getattr__(name: str) -> Any:
    """Return a public name of the Python API, importing its module on first access.

    Raises:
        UnknownNameError: there is no such name. The message says what to write instead.
    """
    if name.startswith("_"):
        raise AttributeError(f"module 'engine' has no attribute {name!r}")
    name = _ALIASES.get(name, name)
    if name in _MISSING:
        return import_module("engine.functional.namespaces").UnsupportedModule(name)
    if name in _MODULES:
        return import_module(_MODULES[name])
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise import_module("engine.core.symbolic.call_site").unknown_name_error(
        "engine", name, [*_HOMES, *_MODULES]
    )


def __dir__() -> list[str]:
    """Return all public names, whether or not their modules are imported."""
    return sorted({*(name for name in globals() if name.startswith("__")), *_HOMES, *_MODULES})
