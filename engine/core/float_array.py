"""Many floats in eight bytes each, where a tuple would have an object for every one."""

from __future__ import annotations

import struct
import sys
from collections.abc import Iterator, Sequence
from typing import Self, overload

_FLOATS = "<f8" if sys.byteorder == "little" else ">f8"


class Doubles(Sequence[float]):
    """What a tuple of floats is, equal to one and as unchangeable; numpy takes it as it lies.

    Args:
        packed: the floats in the machine's own order of bytes.
    """

    __slots__ = ("_packed",)

    def __init__(self, packed: bytes) -> None:
        self._packed = packed

    @classmethod
    def of(cls, values: Sequence[float]) -> Self:
        """Return the same values.

        Raises:
            struct.error: if one is no number.
            OverflowError: if one is a whole number that no float comes near.
        """
        return cls(_pack(values))

    def _view(self) -> memoryview[float]:
        return memoryview(self._packed).cast("d")

    def __len__(self) -> int:
        return len(self._packed) // 8

    def __iter__(self) -> Iterator[float]:
        return iter(self._view().tolist())

    @overload
    def __getitem__(self, place: int) -> float: ...

    @overload
    def __getitem__(self, place: slice) -> tuple[float, ...]: ...

    def __getitem__(self, place: int | slice) -> float | tuple[float, ...]:
        if isinstance(place, slice):
            return tuple(self._view()[place].tolist())
        return self._view()[place]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, (tuple, Doubles)):
            return NotImplemented
        return self is other or (len(self) == len(other) and tuple(self) == tuple(other))

    def __hash__(self) -> int:
        """Return a tuple's; NaN, whose hash is another one each time it is read, counts as None."""
        return hash(tuple(None if value != value else value for value in self))

    def __repr__(self) -> str:
        return repr(tuple(self))

    @property
    def __array_interface__(self) -> dict[str, object]:
        """What numpy reads them by, which is not needed here."""
        return {"version": 3, "shape": (len(self),), "typestr": _FLOATS, "data": self._packed}


def as_doubles(said: object) -> object:
    """Return arrays of numbers that JSON says, also those of a mapping, as `Doubles`.

    All else is answered as it is, arrays among it that hold something else.

    Why: a check of each number takes as long as reading it. True and False, which are no numbers,
        would be packed too, as 1 and 0.
    """
    if isinstance(said, dict):
        return {name: as_doubles(value) for name, value in said.items()}
    if not isinstance(said, list) or not said:
        return said
    try:
        packed = _pack(said)
    except (struct.error, OverflowError):
        return said
    doubted = _ONE in packed or _NOUGHT in packed
    return said if doubted and bool in set(map(type, said)) else Doubles(packed)


def _pack(values: Sequence[float]) -> bytes:
    return struct.pack(f"{len(values)}d", *values)


_ONE, _NOUGHT = _pack((1.0,)), _pack((0.0,))
