"""An immutable curve: appending returns a new curve, which shares most data with the old one."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_Chunk = tuple[int, "array[float]"]  # (first step, values of consecutive steps)


@dataclass(frozen=True, slots=True)
class StepCurve:
    """An immutable curve with a value for each step (or epoch).

    The values are stored in chunks. Each chunk is more than twice as long as the next one, so a
    curve of n points has O(log n) chunks, and each point is copied O(log n) times in total.
    """

    chunks: tuple[_Chunk, ...] = ()

    def __len__(self) -> int:
        return sum(len(values) for _, values in self.chunks)

    def __bool__(self) -> bool:
        return bool(self.chunks)

    def __iter__(self) -> Iterator[tuple[int, float]]:
        """Yield pairs (step, value) in ascending order of steps."""
        for first, values in self.chunks:
            yield from enumerate(values, first)

    @property
    def steps(self) -> list[int]:
        """The steps in ascending order."""
        return [step for first, values in self.chunks for step in range(first, first + len(values))]

    @property
    def values(self) -> list[float]:
        """The values in ascending order of their steps."""
        return [value for _, values in self.chunks for value in values]

    @property
    def last(self) -> float | None:
        """The last value; None if the curve is empty."""
        return self.chunks[-1][1][-1] if self.chunks else None

    def extended(self, first: int, values: Iterable[float]) -> StepCurve:
        """Return the points of this curve before step `first`, followed by `values`."""
        new = (first, array("d", values))
        if not new[1]:
            return self
        chunks = [*self.truncated(first - 1).chunks, new]
        while len(chunks) > 1 and _can_merge(chunks[-2], chunks[-1]):
            right, left = chunks.pop(), chunks.pop()
            chunks.append((left[0], left[1] + right[1]))
        return StepCurve(tuple(chunks))

    def truncated(self, step: int) -> StepCurve:
        """Return the curve up to and including `step`."""
        if not self.chunks or _last_step(self.chunks[-1]) <= step:
            return self
        chunks = [chunk for chunk in self.chunks if chunk[0] <= step]
        if chunks:
            first, values = chunks.pop()
            chunks.append((first, values[: step - first + 1]))
        return StepCurve(tuple(chunks))


def _last_step(chunk: _Chunk) -> int:
    return chunk[0] + len(chunk[1]) - 1


def _can_merge(left: _Chunk, right: _Chunk) -> bool:
    is_adjacent = _last_step(left) + 1 == right[0]
    return is_adjacent and len(left[1]) <= 2 * len(right[1])
