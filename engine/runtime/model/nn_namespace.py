"""What a layer's `build` is handed: torch.nn, and behind it the modules that torch.nn lacks."""

from __future__ import annotations

from typing import Any

from torch import nn

from engine.runtime import nn_extras


class Modules:
    """Answers a module class by name, ours first."""

    def __getattr__(self, name: str) -> Any:
        return getattr(nn_extras, name, None) or getattr(nn, name)


MODULES = Modules()
