"""Numbers by step that grow by the million: buffers, and their outline in a few hundred points."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from app.training.curves.running_mean import BLOCK, block_ends, means_within

Numbers = NDArray[np.float64]
_FIRST = 1024
LONGEST_GAP = 1_000_000  # steps that may be missing; a line that skips more is no truth


class _Buffer:
    """An array with room to grow."""

    def __init__(self) -> None:
        self._room: Numbers = np.empty(_FIRST)
        self.size = 0

    @property
    def values(self) -> Numbers:
        return self._room[: self.size]

    def hold(self, values: Numbers) -> None:
        """Have these values, in their own memory."""
        self._room, self.size = values, len(values)

    def extend(self, values: Numbers, planned: int = 0) -> None:
        """Add values, of so many in the end if all goes well.

        Why: each time that it grows, all is copied; but a plan is only believed as far as what
            came bears it out.
        """
        size = self.size + len(values)
        if size > len(self._room):
            most = len(self._room)
            grown = min(planned, most * 4) if planned >= size else most * 3 // 2
            room = np.empty(max(size, grown, _FIRST))
            room[: self.size] = self.values
            self._room = room
        self._room[self.size : size] = values
        self.size = size


class Series:
    """One number for each step from 1 on; NaN where a step said nothing.

    Each whole block of values has one lowest, one highest and one running mean at its end, worked
    out when they are asked for, or by `settle`.

    Args:
        smooth: have a running mean.
        planned: steps that the run is to have.
    """

    def __init__(self, smooth: bool = False, planned: int = 0) -> None:
        self._smoothed, self._planned = smooth, planned
        self._values, self._means = _Buffer(), _Buffer()
        self._lows, self._highs = _Buffer(), _Buffer()

    @classmethod
    def of(cls, parts: Sequence[Numbers], smooth: bool) -> Series:
        """Return the series that has these `parts`."""
        series = cls(smooth)
        for buffer, part in zip(series._buffers, parts, strict=True):
            buffer.hold(part)
        return series

    @property
    def parts(self) -> list[Numbers]:
        """Values; running mean, lowest and highest of each block, as settled; views."""
        return [buffer.values for buffer in self._buffers]

    @property
    def _buffers(self) -> tuple[_Buffer, ...]:
        return (self._values, self._means, self._lows, self._highs)

    def __len__(self) -> int:
        return self._values.size

    @property
    def values(self) -> Numbers:
        """All values so far; a view."""
        return self._values.values

    @property
    def smooth(self) -> Numbers:
        """The running mean at each step."""
        return self.smooth_at(np.arange(1, len(self) + 1, dtype=np.float64))

    def at(self, steps: Numbers) -> Numbers:
        """Return the values at some steps; NaN where there is none."""
        return _picked(self.values, steps)

    @property
    def bytes(self) -> int:
        """Memory that it takes."""
        return sum(buffer._room.nbytes for buffer in self._buffers)

    def put(self, first: int, values: Sequence[float]) -> bool:
        """Put values at the steps from `first` on; answer whether that could be.

        What stood there and after it is void: a resumed run says it again.
        """
        gap = first - 1 - len(self)
        if gap > LONGEST_GAP or first < 1:
            return False
        self.cut(first - 1)
        if gap > 0:
            self._values.extend(np.full(gap, np.nan), self._planned)
        self._values.extend(np.asarray(values, dtype=np.float64), self._planned)
        return True

    def cut(self, step: int) -> None:
        """Forget what lies after `step`."""
        self._values.size = min(step, len(self))
        for buffer in self._buffers[1:]:
            buffer.size = min(step // BLOCK, buffer.size)

    def settle(self) -> None:
        """Work out what belongs to the blocks that came, many at once."""
        done = self._lows.size
        whole = self._blocks[done:]
        if not len(whole):
            return
        self._lows.extend(np.fmin.reduce(whole, axis=1))
        self._highs.extend(np.fmax.reduce(whole, axis=1))
        if self._smoothed:
            last = float(self._means.values[-1]) if done else float("nan")
            self._means.extend(block_ends(whole, last, done * BLOCK))

    @property
    def _blocks(self) -> Numbers:
        """All whole blocks, a row for each; a view."""
        return self.values[: len(self) // BLOCK * BLOCK].reshape(-1, BLOCK)

    def outline(self, first: int, last: int, columns: int) -> tuple[Numbers, Numbers]:
        """Return steps and values that draw as all of them would, peaks and all.

        Args:
            first, last: steps that are in sight.
            columns: pixels that they share; about two points are answered for each.
        """
        first, last = max(1, first), min(last, len(self))
        count = last - first + 1
        if count <= 4 * columns:
            return _finite(
                np.arange(first, last + 1, dtype=np.float64), self.values[first - 1 : last]
            )
        if count <= 2 * BLOCK * columns:
            size = -(-count // columns)
            whole = self.values[first - 1 : last][: count // size * size].reshape(-1, size)
            lows, highs = np.fmin.reduce(whole, axis=1), np.fmax.reduce(whole, axis=1)
            return self._pairs(first, size, lows, highs, last)
        self.settle()
        size = -(-count // (columns * BLOCK))
        begin, end = (first - 1) // BLOCK, last // BLOCK
        end = begin + (end - begin) // size * size
        lows = np.fmin.reduce(self._lows.values[begin:end].reshape(-1, size), axis=1)
        highs = np.fmax.reduce(self._highs.values[begin:end].reshape(-1, size), axis=1)
        return self._pairs(begin * BLOCK + 1, size * BLOCK, lows, highs, last)

    def _pairs(
        self, first: int, size: int, lows: Numbers, highs: Numbers, last: int
    ) -> tuple[Numbers, Numbers]:
        """Return low and high of each bin, side by side, then those of the rest, then the last."""
        at = first + size * np.arange(len(lows)) + (size - 1) / 2
        done = first - 1 + size * len(lows)
        rest = self.values[done:last] if done < last else self.values[last - 1 : last]
        ends = (np.fmin.reduce(rest), np.fmax.reduce(rest), rest[-1])
        steps = np.concatenate([np.repeat(at, 2), [min(done + 1, last), last, last]])
        return _finite(steps, np.concatenate([np.column_stack([lows, highs]).ravel(), ends]))

    def sampled(self, first: int, last: int, count: int) -> tuple[Numbers, Numbers]:
        """Return the running mean at about `count` steps, the last one among them."""
        first, last = max(1, first), min(last, len(self))
        stride = max(1, (last - first + 1) // count)
        steps = np.arange(last, first - 1, -stride)[::-1].astype(np.float64)
        return _finite(steps, self.smooth_at(steps))

    def smooth_at(self, steps: Numbers) -> Numbers:
        """Return the running mean at some steps; NaN where there is none."""
        found = np.full(len(steps), np.nan)
        known = (steps >= 1) & (steps <= len(self))
        if not self._smoothed or not known.any():
            return found
        self.settle()
        places = steps[known].astype(np.intp) - 1
        numbers, rows = np.unique(places // BLOCK, return_inverse=True)
        before = self._means.values[np.maximum(numbers - 1, 0)] if numbers[-1] else np.empty(1)
        lasts = np.where(numbers > 0, before, np.nan)
        means = means_within(self._picked_blocks(numbers), lasts, numbers * BLOCK)
        found[known] = means[rows, places % BLOCK]
        return found

    def _picked_blocks(self, numbers: NDArray[np.intp]) -> Numbers:
        """Return some blocks; the last one, if it is not whole, is filled up with zeros."""
        whole = self._blocks
        if numbers[-1] < len(whole):
            return whole[numbers]
        rest = self.values[len(whole) * BLOCK :]
        picked = np.zeros((len(numbers), BLOCK))
        picked[:-1], picked[-1, : len(rest)] = whole[numbers[:-1]], rest
        return picked

    def averaged(self, first: int, last: int, count: int, window: int) -> tuple[Numbers, Numbers]:
        """Return the mean of the last `window` values at about `count` steps, the last among them.

        Where there are more values between two of these steps, it is the mean of all of them.
        """
        first, last = max(1, first), min(last, len(self))
        stride = max(1, (last - first + 1) // max(1, count))
        steps = np.arange(last, first - 1, -stride)[::-1]
        size = max(window, stride)
        means = np.asarray([_mean(self.values[max(0, step - size) : step]) for step in steps])
        return _finite(steps.astype(np.float64), means.reshape(len(steps)))


def _picked(values: Numbers, steps: Numbers) -> Numbers:
    """Return the values at some steps, counted from 1; NaN where there is none."""
    if not len(values):
        return np.full(len(steps), np.nan)
    known = (steps >= 1) & (steps <= len(values))
    return np.where(known, values[np.where(known, steps, 1).astype(np.intp) - 1], np.nan)


def _mean(values: Numbers) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else float("nan")


def _finite(steps: Numbers, values: Numbers) -> tuple[Numbers, Numbers]:
    known = np.isfinite(values)
    return (steps, values) if known.all() else (steps[known], values[known])
