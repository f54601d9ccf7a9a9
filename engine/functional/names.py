"""Optimizers, losses, metrics and the like under the names that Python code uses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import engine.objectives  # noqa: F401 - fills the families
from engine.core.calling import made, naming_the_line
from engine.core.diagnostic import did_you_mean
from engine.core.named import Family
from engine.layers.initializer import INITIALIZERS
from engine.layers.regularizer import REGULARIZERS
from engine.objectives.loss import LOSSES
from engine.objectives.metric import METRICS
from engine.recipe.optimizer import OPTIMIZERS
from engine.recipe.schedule import SCHEDULES


class Namespace:
    """All things of one family, each made by its class name: `optimizers.RMSprop(0.001)`."""

    def __init__(self, family: Family[Any]) -> None:
        self._family = family

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("_") or name not in self._family:
            hint = did_you_mean(name, dir(self))
            known = f"there is no {self._family.noun} called {name!r}"
            raise AttributeError(f"{known}; {hint}" if hint else known)
        cls = self._family[name]

        def make(*args: Any, **fields: Any) -> Any:
            with naming_the_line():
                return made(cls, args, fields)

        make.__name__ = make.__qualname__ = cls.__name__
        make.__doc__ = cls.__doc__
        return make

    def __dir__(self) -> list[str]:
        return sorted({self._family[name].__name__ for name in self._family})


optimizers = Namespace(OPTIMIZERS)
schedules = Namespace(SCHEDULES)
losses = Namespace(LOSSES)
metrics = Namespace(METRICS)
regularizers = Namespace(REGULARIZERS)
initializers = Namespace(INITIALIZERS)
