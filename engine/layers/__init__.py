"""The layer catalogue, one module per family; a new module is found automatically.

In Python it is used like `keras.layers`: `layers.Dense(32)(x)`, and `layers.add([a, b])` creates
and calls a merge layer.
"""

from __future__ import annotations

from typing import Any


def __getattr__(name: str) -> Any:
    """Return a layer class, or the function that calls a merge layer, such as `add`."""
    if name.startswith("_") or name == "catalogue":  # a submodule, not a layer
        raise AttributeError(name)
    from engine.layers.namespace import lookup

    return lookup(name)


def __dir__() -> list[str]:
    """Return the available names."""
    from engine.layers.namespace import public_names

    return sorted({*globals(), *public_names()})
