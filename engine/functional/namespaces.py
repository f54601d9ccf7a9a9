"""Optimizers, losses, metrics and the like under the names that Python code uses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import engine.objectives  # noqa: F401 - fills the families
from engine.core.diagnostic import Diagnostic, Fix, Refused
from engine.core.registry import Family
from engine.core.symbolic.argument_binding import made
from engine.core.symbolic.call_site import NoSuchName, absent, naming_the_line, place
from engine.core.symbolic.keras_hints import name_advice
from engine.layers.initializer import INITIALIZERS
from engine.layers.regularizer import REGULARIZERS
from engine.objectives.loss import LOSSES
from engine.objectives.metric import METRICS
from engine.recipe.optimizer import OPTIMIZERS
from engine.recipe.schedule import SCHEDULES, Schedule


class Namespace:
    """All things of one family, each made by its class name: `optimizers.RMSprop(0.001)`."""

    def __init__(self, owner: str, family: Family[Any]) -> None:
        self._owner = owner
        self._family = family

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("_"):
            raise AttributeError(name)
        if name not in self._family:
            raise absent(self._owner, name, dir(self))
        cls = self._family[name]

        def make(*args: Any, **fields: Any) -> Any:
            with naming_the_line():
                _require_numbers(cls.__name__, args, fields)
                return made(cls, args, fields)

        make.__name__ = make.__qualname__ = cls.__name__
        make.__doc__ = cls.__doc__
        make.chosen = name  # type: ignore[attr-defined]  # so that it need not be called
        return make

    def __dir__(self) -> list[str]:
        return sorted({self._family[name].__name__ for name in self._family})


class Missing:
    """A module that Keras has and nothing here; whatever it is asked for is explained."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        found = Diagnostic(
            "no-such-name",
            f"Keras' {self._name}.{name} has no place here",
            found=f"{self._name}.{name}",
            expected="arguments of compile and fit, layers, and arrays",
            fixes=(Fix(name_advice(self._name) or "Leave it out."),),
        )
        raise NoSuchName(place(), found)


def _require_numbers(title: str, args: tuple[Any, ...], fields: Mapping[str, Any]) -> None:
    """Refuse a schedule in the place of a number; it is told to compile."""
    for value in (*args, *fields.values()):
        if isinstance(value, Schedule):
            raise Refused(_no_number(title, value.kind()))


def _no_number(title: str, schedule: str) -> Diagnostic:
    return Diagnostic(
        "param-invalid",
        "learning_rate is a number, and a schedule changes it",
        node=title,
        param="learning_rate",
        found=schedule,
        expected="a number of more than 0",
        fixes=(Fix(f"Write compile({title}(0.001), ..., schedule={schedule}(...))."),),
    )


optimizers = Namespace("optimizers", OPTIMIZERS)
schedules = Namespace("schedules", SCHEDULES)
losses = Namespace("losses", LOSSES)
metrics = Namespace("metrics", METRICS)
regularizers = Namespace("regularizers", REGULARIZERS)
initializers = Namespace("initializers", INITIALIZERS)
