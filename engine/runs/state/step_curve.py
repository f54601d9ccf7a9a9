"""A growing curve as a value: adding a point makes a new curve that shares the old one's data."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_Chunk = tuple[int, "array[float]"]  # the first step, and a value for it and each one after it


@dataclass(frozen=True, slots=True)
class Curve:
    """Values by step.

    Chunks grow towards the front, so that a curve of n points is a few dozen of them, and adding
    points one by one copies each of them about log(n) times.
    """

    chunks: tuple[_Chunk, ...] = ()

    def __len__(self) -> int:
        return sum(len(values) for _, values in self.chunks)

    def __bool__(self) -> bool:
        return bool(self.chunks)

    def __iter__(self) -> Iterator[tuple[int, float]]:
        """Yield (step, value) in order."""
        for first, values in self.chunks:
            yield from enumerate(values, first)

    @property
    def steps(self) -> list[int]:
        """The steps, in order."""
        return [step for first, values in self.chunks for step in range(first, first + len(values))]

    @property
    def values(self) -> list[float]:
        """The values, in order."""
        return [value for _, values in self.chunks for value in values]

    @property
    def last(self) -> float | None:
        """The newest value, None while there is none."""
        return self.chunks[-1][1][-1] if self.chunks else None

    def extended(self, first: int, values: Iterable[float]) -> Curve:
        """Return the curve with values for the steps from `first` on, which replace any there."""
        new = (first, array("d", values))
        if not new[1]:
            return self
        chunks = [*self.until(first - 1).chunks, new]
        while len(chunks) > 1 and _may_join(chunks[-2], chunks[-1]):
            after, before = chunks.pop(), chunks.pop()
            chunks.append((before[0], before[1] + after[1]))
        return Curve(tuple(chunks))

    def until(self, step: int) -> Curve:
        """Return the curve without what lies after `step`."""
        if not self.chunks or _last(self.chunks[-1]) <= step:
            return self
        chunks = [chunk for chunk in self.chunks if chunk[0] <= step]
        if chunks:
            first, values = chunks.pop()
            chunks.append((first, values[: step - first + 1]))
        return Curve(tuple(chunks))


def _last(chunk: _Chunk) -> int:
    return chunk[0] + len(chunk[1]) - 1


def _may_join(before: _Chunk, after: _Chunk) -> bool:
    meets = _last(before) + 1 == after[0]
    return meets and len(before[1]) <= 2 * len(after[1])
