"""Namespaces of the Python API: `optimizers`, `schedules`, `losses`, `metrics` and others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import engine.objectives  # noqa: F401 - registers losses and metrics
from engine.core.diagnostic import Diagnostic, Fix, diagnostic_error
from engine.core.registry import Registry
from engine.core.symbolic.argument_binding import build_from_arguments
from engine.core.symbolic.call_site import (
    UnknownNameError,
    call_site,
    call_site_errors,
    unknown_name_error,
)
from engine.core.symbolic.keras_hints import name_hint
from engine.layers.initializer import INITIALIZERS
from engine.layers.regularizer import REGULARIZERS
from engine.objectives.loss import LOSSES
from engine.objectives.metric import METRICS
from engine.recipe.optimizer import OPTIMIZERS
from engine.recipe.schedule import SCHEDULES, Schedule


class Namespace:
    """A namespace whose functions create the objects of a registry: `optimizers.RMSprop(0.1)`."""

    def __init__(self, name: str, registry: Registry[Any]) -> None:
        self._name = name
        self._registry = registry

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("_"):
            raise AttributeError(name)
        if name not in self._registry:
            raise unknown_name_error(self._name, name, dir(self))
        cls = self._registry[name]

        def make(*args: Any, **fields: Any) -> Any:
            with call_site_errors():
                _reject_schedules(cls.__name__, args, fields)
                return build_from_arguments(cls, args, fields)

        make.__name__ = make.__qualname__ = cls.__name__
        make.__doc__ = cls.__doc__
        # Lets compile accept the class itself: `optimizer=optimizers.Adam`, without a call.
        make.chosen = name  # type: ignore[attr-defined]  # set on a function
        return make

    def __dir__(self) -> list[str]:
        return sorted({self._registry[name].__name__ for name in self._registry})


class UnsupportedModule:
    """A stand-in for a Keras module that engine lacks. Every attribute raises a helpful error."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        diagnostic = Diagnostic.error(
            "no-such-name",
            f"Keras' {self._name}.{name} is not supported",
            Fix(name_hint(self._name) or "Leave it out."),
            found=f"{self._name}.{name}",
            expected="arguments of compile and fit, layers, and arrays",
        )
        raise UnknownNameError(call_site(), diagnostic)


def _reject_schedules(class_name: str, args: tuple[Any, ...], fields: Mapping[str, Any]) -> None:
    """Raise if an argument is a schedule: schedules are passed to compile, not to an optimizer."""
    for value in (*args, *fields.values()):
        if isinstance(value, Schedule):
            kind = value.kind()
            raise diagnostic_error(
                "param-invalid",
                "learning_rate must be a number; a schedule is passed to compile",
                f"Write compile({class_name}(0.001), ..., schedule={kind}(...)).",
                node=class_name,
                param="learning_rate",
                found=kind,
                expected="a number greater than 0",
            )


optimizers = Namespace("optimizers", OPTIMIZERS)
schedules = Namespace("schedules", SCHEDULES)
losses = Namespace("losses", LOSSES)
metrics = Namespace("metrics", METRICS)
regularizers = Namespace("regularizers", REGULARIZERS)
initializers = Namespace("initializers", INITIALIZERS)
