"""An immutable array of floats, eight bytes each, for the values of many training steps."""

from __future__ import annotations

import struct
import sys
from collections.abc import Iterator, Sequence
from typing import Self, overload

_FLOATS = "<f8" if sys.byteorder == "little" else ">f8"


class PackedFloats(Sequence[float]):
    """An immutable sequence of floats, equal to a tuple of the same values.

    `packed` holds the floats in native byte order, which NumPy reads without a copy.
    """

    __slots__ = ("_packed",)

    def __init__(self, packed: bytes) -> None:
        self._packed = packed

    @classmethod
    def from_values(cls, values: Sequence[float]) -> Self:
        """Return an array of these values.

        Raises:
            struct.error: a value is not a number.
            OverflowError: an integer is too large for a float.
        """
        return cls(_pack(values))

    def _view(self) -> memoryview[float]:
        return memoryview(self._packed).cast("d")

    def __len__(self) -> int:
        return len(self._packed) // 8

    def __iter__(self) -> Iterator[float]:
        return iter(self._view().tolist())

    @overload
    def __getitem__(self, index: int) -> float: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[float, ...]: ...

    def __getitem__(self, index: int | slice) -> float | tuple[float, ...]:
        if isinstance(index, slice):
            return tuple(self._view()[index].tolist())
        return self._view()[index]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, (tuple, PackedFloats)):
            return NotImplemented
        return self is other or (len(self) == len(other) and tuple(self) == tuple(other))

    def __hash__(self) -> int:
        """Return the hash of a tuple of the values; None replaces NaN, since NaN hashes differ."""
        return hash(tuple(None if value != value else value for value in self))

    def __repr__(self) -> str:
        return repr(tuple(self))

    @property
    def __array_interface__(self) -> dict[str, object]:
        """The dict of NumPy's array protocol, by which NumPy reads `packed` without a copy."""
        return {"version": 3, "shape": (len(self),), "typestr": _FLOATS, "data": self._packed}


def pack_float_lists(value: object) -> object:
    """Return a parsed JSON value with each list of numbers as PackedFloats, also in nested dicts.

    Other values and other lists are returned unchanged.

    Why: `struct.pack` converts booleans to 1.0 and 0.0. Checking the type of every item takes as
        long as parsing the item. So types are checked only if the packed bytes contain a 1.0 or a
        0.0.
    """
    if isinstance(value, dict):
        return {name: pack_float_lists(item) for name, item in value.items()}
    if not isinstance(value, list) or not value:
        return value
    try:
        packed = _pack(value)
    except (struct.error, OverflowError):
        return value
    may_hold_booleans = _ONE in packed or _ZERO in packed
    return value if may_hold_booleans and bool in set(map(type, value)) else PackedFloats(packed)


def _pack(values: Sequence[float]) -> bytes:
    return struct.pack(f"{len(values)}d", *values)


_ONE, _ZERO = _pack((1.0,)), _pack((0.0,))
