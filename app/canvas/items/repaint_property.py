"""Attributes of items whose change is seen at once."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

Value = TypeVar("Value")


class Shown(Generic[Value]):
    """An attribute that repaints its item when it gets another value.

    Args:
        first: what it is until it is set.
    """

    def __init__(self, first: Value) -> None:
        self._first = first

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = f"_shown_{name}"

    def __get__(self, item: Any, owner: type | None = None) -> Value:
        value: Value = item.__dict__.get(self._name, self._first)
        return value

    def __set__(self, item: Any, value: Value) -> None:
        if value != self.__get__(item):
            item.__dict__[self._name] = value
            item.update()
