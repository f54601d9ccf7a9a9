"""Calls functions with arguments that are chosen by the types of their parameters.

A handler of an action declares what it uses as annotated parameters, such as
`def fit(navigation: ViewNavigation)`. The injector has a provider function for each type. It calls
the providers each time the handler runs, so the handler gets the objects of the active document.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from inspect import signature
from typing import TypeVar, get_type_hints

Handler = Callable[..., object]
T = TypeVar("T")


class Injector:
    """A registry of provider functions, each of which returns the object for a parameter type."""

    def __init__(self) -> None:
        self._providers: dict[object, Callable[[], object]] = {}

    def provide(self, kind: type[T], provider: Callable[[], T]) -> None:
        """Register a function that returns the object to pass to parameters of type `kind`."""
        if kind in self._providers:
            raise ValueError(f"{kind.__name__} has two providers")
        self._providers[kind] = provider

    def add(self, *values: object) -> None:
        """Register objects. Each is passed to the handler parameters that have its exact type."""
        for value in values:
            self.provide(type(value), partial(_identity, value))

    def bind(self, handler: Handler) -> Callable[[], object]:
        """Return a function that calls `handler` with an object from a provider for each parameter.

        Raises:
            TypeError: if a parameter has no annotation, or no provider is registered for its type.
        """
        hints = get_type_hints(handler)
        providers: dict[str, Callable[[], object]] = {}
        for name in signature(handler).parameters:
            if name not in hints:
                raise TypeError(f"{_name(handler)}: parameter '{name}' has no annotation")
            if hints[name] not in self._providers:
                raise TypeError(f"{_name(handler)}: no provider for '{name}: {hints[name]}'")
            providers[name] = self._providers[hints[name]]

        def call() -> object:
            return handler(**{name: provide() for name, provide in providers.items()})

        return call


def using(kind: type[T], call: Callable[[T], object]) -> Handler:
    """Return a handler that gets a `kind` object from an `Injector` and passes it to `call`."""

    def handler(target: T) -> None:
        call(target)

    handler.__annotations__["target"] = kind
    return handler


def _identity(value: object) -> object:
    return value


def _name(handler: Handler) -> str:
    return str(getattr(handler, "__qualname__", handler))
