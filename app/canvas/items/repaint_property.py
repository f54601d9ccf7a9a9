"""A descriptor for attributes whose change repaints their item."""

from __future__ import annotations

from typing import Generic, Protocol, TypeVar

from app.canvas.items.item_revision import item_revision

Value = TypeVar("Value")


class _Repaintable(Protocol):
    def update(self) -> None: ...


class RepaintProperty(Generic[Value]):
    """An attribute of a graphics item that repaints the item when its value changes."""

    def __init__(self, default: Value) -> None:
        self._default = default

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = f"_shown_{name}"

    def __get__(self, item: _Repaintable, owner: type | None = None) -> Value:
        value: Value = item.__dict__.get(self._name, self._default)
        return value

    def __set__(self, item: _Repaintable, value: Value) -> None:
        if value != self.__get__(item):
            item.__dict__[self._name] = value
            item_revision.increment()
            item.update()
