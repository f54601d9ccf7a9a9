"""Scaling of an epoch of posts with rows, words and depth: measured, fitted and plotted."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from tests.bench.training import run

_WIDE = 48  # characters of the longest bar


class Grown(NamedTuple):
    """A quantity that was scaled, and the CPU milliseconds of an epoch for each size."""

    what: str
    sizes: Sequence[int]
    taken: Sequence[float]

    @property
    def straightness(self) -> float:
        """R² of a straight line."""
        return statistics.correlation(list(map(float, self.sizes)), list(self.taken)) ** 2

    @property
    def ratio(self) -> float:
        """Time for the last size, divided by that for the first."""
        return self.taken[-1] / self.taken[0]


def growth(rounds: int, folder: Path) -> str:
    """Measure, and return a table and a plot."""

    def grown(what: str, sizes: Sequence[int], *asked: Sequence[int]) -> Grown:
        """Measure all sizes in turn, so that noise affects all of them alike."""
        found: list[list[float]] = [[] for _ in sizes]
        for _ in range(rounds):
            for taken, (rows, *more) in zip(found, asked, strict=True):
                figures = run("layerloom", "posts", rows, 3, *more, folder=folder)
                taken.append(figures["cpu"] * 1e3)
        return Grown(what, sizes, [statistics.median(taken) for taken in found])

    rows, words, depths = (500, 1_000, 2_000, 4_000), (5_000, 50_000, 500_000), (1, 2, 4, 8)
    return told(
        grown("rows", rows, *((count,) for count in rows)),
        grown("words", words, *((1_000, size) for size in words)),
        grown("convolutions more, 500 rows", depths, *((500, 50_000, each) for each in depths)),
    )


def told(rows: Grown, words: Grown, depth: Grown) -> str:
    """Return a table with fits, and a plot. CPU time depends little on other processes."""
    fits = (
        f"straight line, R² {rows.straightness:.4f}",
        f"the last is {words.ratio:.2f} times the first",
        f"straight line, R² {depth.straightness:.4f}",
    )
    lines = ["### Growth of an epoch of posts, layerloom alone", ""]
    lines += ["| what | CPU of an epoch, ms | fit |", "|---|---|---|"]
    for grown, fit in zip((rows, words, depth), fits, strict=True):
        pairs = zip(grown.sizes, grown.taken, strict=True)
        each = ", ".join(f"{size:,}: {ms:,.0f}" for size, ms in pairs)
        lines.append(f"| {grown.what} | {each} | {fit} |")
    bars = [line for grown in (rows, words, depth) for line in _bars(grown)]
    return "\n".join([*lines, "", "```", *bars[:-1], "```", ""])


def _bars(grown: Grown) -> Iterator[str]:
    yield grown.what
    for size, ms in zip(grown.sizes, grown.taken, strict=True):
        yield f"{size:>9,} {'#' * round(_WIDE * ms / max(grown.taken)):<{_WIDE}} {ms:,.0f} ms"
    yield ""
