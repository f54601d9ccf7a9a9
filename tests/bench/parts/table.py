"""Benchmark of parts: each area in a fresh process, medians over rounds."""

from __future__ import annotations

import statistics
from pathlib import Path

from tests.bench.child import figures_of
from tests.bench.parts.part import Part

AREAS = ("panels", "graphs", "columns")


def parts(rounds: int, folder: Path) -> str:
    """Measure all areas in each round, and return a table."""
    lines = [
        "### Parts",
        "",
        f"CPU milliseconds, medians of {rounds} rounds; ratios are computed within each round.",
        "",
        "| | layerloom | peer | times peer | peer is |",
        "|---|---|---|---|---|",
    ]
    found: dict[str, list[list[Part]]] = {area: [] for area in AREAS}
    for turn in range(rounds):
        for area, measured in found.items():
            figures = figures_of(f"parts.{area}", folder / str(turn))
            measured.append([Part(*each) for each in figures])
    for measured in found.values():
        lines += [_line(same) for same in zip(*measured, strict=True)]
    return "\n".join([*lines, ""])


def _line(same: tuple[Part, ...]) -> str:
    """Return the line of a part from what the rounds measured."""
    label, peer = same[0].label, same[0].peer
    taken = statistics.median(part.taken for part in same)
    if not peer:
        return f"| {label} | {_number(taken)} | | | |"
    peer_taken = statistics.median(part.peer_taken for part in same)
    ratio = statistics.median(part.ratio for part in same)
    return f"| {label} | {_number(taken)} | {_number(peer_taken)} | {ratio:.2f} | {peer} |"


def _number(milliseconds: float) -> str:
    return f"{milliseconds:,.0f}" if milliseconds >= 100 else f"{milliseconds:.2g}"
