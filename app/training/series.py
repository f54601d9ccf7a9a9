"""Numbers by step that grow by the million: buffers, and their outline in a few hundred points."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
BLOCK = 64  # values that share one lowest and one highest
_FIRST = 1024
_MOST_KEPT, _MEMORY = 0.98, 10  # of a running mean: at n steps it forgets over n / 10 of them
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

    def extend(self, values: Numbers) -> None:
        size = self.size + len(values)
        if size > len(self._room):
            room = np.empty(max(size, len(self._room) * 3 // 2, _FIRST))
            room[: self.size] = self.values
            self._room = room
        self._room[self.size : size] = values
        self.size = size


class Series:
    """One number for each step from 1 on; NaN where a step said nothing.

    Args:
        smooth: keep a running mean beside the values.
    """

    def __init__(self, smooth: bool = False) -> None:
        self._smoothed = smooth
        self._values, self._smooth = _Buffer(), _Buffer()
        self._lows, self._highs = _Buffer(), _Buffer()

    @classmethod
    def of(cls, parts: Sequence[Numbers]) -> Series:
        """Answer the series that has these `parts`."""
        series = cls(smooth=len(parts[1]) > 0)
        for buffer, part in zip(series._buffers, parts, strict=True):
            buffer.hold(part)
        return series

    @property
    def parts(self) -> list[Numbers]:
        """Values, their running mean, lowest and highest of each block; views."""
        return [buffer.values for buffer in self._buffers]

    @property
    def _buffers(self) -> tuple[_Buffer, ...]:
        return (self._values, self._smooth, self._lows, self._highs)

    def __len__(self) -> int:
        return self._values.size

    @property
    def values(self) -> Numbers:
        """All values so far; a view."""
        return self._values.values

    @property
    def smooth(self) -> Numbers:
        """The running mean at each step; a view."""
        return self._smooth.values

    def at(self, steps: Numbers) -> Numbers:
        """Answer the values at some steps; NaN where there is none."""
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
        new = np.asarray(values, dtype=np.float64)
        self._append(np.concatenate([np.full(gap, np.nan), new]) if gap > 0 else new)
        return True

    def cut(self, step: int) -> None:
        """Forget what lies after `step`."""
        if step < len(self):
            self._values.size = step
            self._smooth.size = min(step, self._smooth.size)
            self._lows.size = self._highs.size = step // BLOCK

    def _append(self, new: Numbers) -> None:
        before = len(self)
        self._values.extend(new)
        if self._smoothed:
            last = float(self.smooth[-1]) if before else float("nan")
            self._smooth.extend(_running_mean(new, last, before))
        done = self._lows.size
        whole = self.values[done * BLOCK : len(self) // BLOCK * BLOCK].reshape(-1, BLOCK)
        if len(whole):
            self._lows.extend(np.fmin.reduce(whole, axis=1))
            self._highs.extend(np.fmax.reduce(whole, axis=1))

    def outline(self, first: int, last: int, columns: int) -> tuple[Numbers, Numbers]:
        """Answer steps and values that draw as all of them would, peaks and all.

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
        size = -(-count // (columns * BLOCK))
        begin, end = (first - 1) // BLOCK, last // BLOCK
        end = begin + (end - begin) // size * size
        lows = np.fmin.reduce(self._lows.values[begin:end].reshape(-1, size), axis=1)
        highs = np.fmax.reduce(self._highs.values[begin:end].reshape(-1, size), axis=1)
        return self._pairs(begin * BLOCK + 1, size * BLOCK, lows, highs, last)

    def _pairs(
        self, first: int, size: int, lows: Numbers, highs: Numbers, last: int
    ) -> tuple[Numbers, Numbers]:
        """Answer low and high of each bin, side by side, then those of the rest, then the last."""
        at = first + size * np.arange(len(lows)) + (size - 1) / 2
        done = first - 1 + size * len(lows)
        rest = self.values[done:last] if done < last else self.values[last - 1 : last]
        ends = (np.fmin.reduce(rest), np.fmax.reduce(rest), rest[-1])
        steps = np.concatenate([np.repeat(at, 2), [min(done + 1, last), last, last]])
        return _finite(steps, np.concatenate([np.column_stack([lows, highs]).ravel(), ends]))

    def sampled(self, first: int, last: int, count: int) -> tuple[Numbers, Numbers]:
        """Answer the running mean at about `count` steps, the last one among them."""
        first, last = max(1, first), min(last, len(self.smooth))
        stride = max(1, (last - first + 1) // count)
        steps = np.arange(last, first - 1, -stride)[::-1]
        return _finite(steps.astype(np.float64), self.smooth[steps - 1])

    def smooth_at(self, steps: Numbers) -> Numbers:
        """Answer the running mean at some steps; NaN where there is none."""
        return _picked(self.smooth, steps)

    def averaged(self, first: int, last: int, count: int, window: int) -> tuple[Numbers, Numbers]:
        """Answer the mean of the last `window` values at about `count` steps, the last among them.

        Where there are more values between two of these steps, it is the mean of all of them.
        """
        first, last = max(1, first), min(last, len(self))
        stride = max(1, (last - first + 1) // max(1, count))
        steps = np.arange(last, first - 1, -stride)[::-1]
        size = max(window, stride)
        means = np.asarray([_mean(self.values[max(0, step - size) : step]) for step in steps])
        return _finite(steps.astype(np.float64), means.reshape(len(steps)))


def _picked(values: Numbers, steps: Numbers) -> Numbers:
    """Answer the values at some steps, counted from 1; NaN where there is none."""
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


def _running_mean(new: Numbers, last: float, before: int) -> Numbers:
    """Answer the exponential mean going on from `last`; a value that is no number is passed over.

    Why: its memory grows with the run, so that a short run's mean does not trail far behind. Once
    it grows no more, the mean of many steps is worked out at once.
    """
    growing = max(0, min(len(new), _GROWS - before))
    if growing == len(new) or not np.isfinite(new).all() or not isfinite(last):
        return _mean_by_step(new, last, before)
    means = np.empty(len(new))
    means[:growing] = _mean_by_step(new[:growing], last, before)
    last = float(means[growing - 1]) if growing else last
    for start in range(growing, len(new), len(_KEPT)):
        values = new[start : start + len(_KEPT)]
        kept = _KEPT[: len(values)]
        part = kept * (last + (1 - _MOST_KEPT) * np.cumsum(values / kept))
        means[start : start + len(values)] = part
        last = float(part[-1])
    return means


_GROWS = round(_MEMORY / (1 - _MOST_KEPT))  # steps until the memory grows no more
_KEPT: Numbers = np.power(
    _MOST_KEPT, np.arange(1, 257), dtype=np.float64
)  # its least is 0.006, so little is lost


def _mean_by_step(new: Numbers, last: float, before: int) -> Numbers:
    means = np.empty(len(new))
    for place, value in enumerate(new.tolist()):
        if isfinite(value):
            keep = min(_MOST_KEPT, max(0.0, 1 - _MEMORY / (before + place + 1)))
            last = keep * last + (1 - keep) * value if isfinite(last) else value
        means[place] = last
    return means
