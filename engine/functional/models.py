"""What Keras has in its module `models`, so that `models.Sequential()` needs no other words."""

from __future__ import annotations

from typing import NoReturn

from engine.core.symbolic.call_site import absent
from engine.functional.model.loader import load
from engine.functional.model.model import Model
from engine.functional.model.sequential import Sequential

load_model = load

__all__ = ["Model", "Sequential", "load_model"]


def __getattr__(name: str) -> NoReturn:
    """Refuse what else Keras has there."""
    if name.startswith("_"):
        raise AttributeError(name)
    raise absent("models", name, __all__)
