"""The layer catalogue, one file per family. A new file here is found without being named.

In Python it is what `keras.layers` is: `layers.Dense(32)(x)`, and `layers.add([a, b])` for a merge
that is made and called at once.
"""

from __future__ import annotations

from typing import Any


def __getattr__(name: str) -> Any:
    """Return a layer class by kind, or a merge in Keras' lower-case spelling."""
    if name.startswith("_") or name == "catalogue":  # a module, which no layer is looked up for
        raise AttributeError(name)
    from engine.layers.namespace import found

    return found(name)


def __dir__() -> list[str]:
    """Return everything that can be asked for."""
    from engine.layers.namespace import names

    return sorted({*globals(), *names()})
