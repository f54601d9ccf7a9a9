"""CPU time of a part of the program, alone or in turn with a peer."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple


class Part(NamedTuple):
    """What was measured, in CPU milliseconds; the ratio is the time divided by the peer's."""

    label: str
    taken: float
    peer: str = ""
    peer_taken: float | None = None
    ratio: float | None = None


def milliseconds(work: Callable[..., object], *given: Any) -> float:
    """Return the CPU time of one call, over all threads."""
    began = time.process_time()
    work(*given)
    return (time.process_time() - began) * 1000


def alone(label: str, work: Callable[[Any], object], given: Iterable[Any] = range(15)) -> Part:
    """Return the median over calls with each argument; the arguments are made between calls."""
    return Part(label, statistics.median(milliseconds(work, each) for each in given))


def beside(
    label: str,
    work: Callable[[Any], object],
    peer: str,
    other: Callable[[Any], object],
    given: Iterable[tuple[Any, Any]],
) -> Part:
    """Return the medians over pairs of calls in turn; the ratio is computed in each pair."""
    pairs = [(milliseconds(work, ours), milliseconds(other, theirs)) for ours, theirs in given]
    taken, peer_taken = (statistics.median(column) for column in zip(*pairs, strict=True))
    return Part(label, taken, peer, peer_taken, statistics.median(a / b for a, b in pairs))
