"""The namespace `models`, as in Keras: `Model`, `Sequential` and `load_model`."""

from __future__ import annotations

from typing import NoReturn

from engine.core.symbolic.call_site import unknown_name_error
from engine.functional.model.loader import load
from engine.functional.model.model import Model
from engine.functional.model.sequential import Sequential

load_model = load

__all__ = ["Model", "Sequential", "load_model"]


def __getattr__(name: str) -> NoReturn:
    """Raise UnknownNameError for a name that is missing here, with a hint for names of Keras."""
    if name.startswith("_"):
        raise AttributeError(name)
    raise unknown_name_error("models", name, __all__)
