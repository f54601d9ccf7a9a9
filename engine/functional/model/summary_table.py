"""The layer table as text, with the columns that Keras shows."""

from __future__ import annotations

from collections.abc import Sequence

from engine.check.cost import BYTES
from engine.check.summary import Summary
from engine.core.formatting.sizes import in_bytes

_HEADS = ("Layer (type)", "Output shape", "Param #", "Connected to")


def text(name: str, summary: Summary) -> str:
    """Return the table of a model.

    Args:
        name: the model's.
        summary: what `engine.check.summary` answers for it.
    """
    rows = [
        (
            f"{row.name} ({row.kind})",
            _shape(row.shape),
            f"{row.params:,}",
            ", ".join(row.connected) + (f" ({row.note})" if row.note else ""),
        )
        for row in summary.rows
    ]
    widths = [max(len(row[at]) for row in (_HEADS, *rows)) for at in range(len(_HEADS))]
    rule = "-" * (sum(widths) + 3 * (len(widths) - 1))
    table = [_line(row, widths) for row in (_HEADS, *rows)]
    frozen = summary.total - summary.trainable
    return "\n".join(
        [
            f'Model: "{name}"',
            table[0],
            rule,
            *table[1:],
            rule,
            f"Total params: {summary.total:,} ({in_bytes(BYTES * summary.total)})",
            f"Trainable params: {summary.trainable:,}",
            f"Non-trainable params: {frozen:,}",
            *_least(summary),
        ]
    )


def _shape(shape: Sequence[int | None] | None) -> str:
    return "?" if shape is None else "(" + ", ".join(map(str, shape)) + ")"


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    layer, shape, params, wires = row
    cells = (
        layer.ljust(widths[0]),
        shape.ljust(widths[1]),
        params.rjust(widths[2]),
        wires,
    )
    return "   ".join(cells).rstrip()


def _least(summary: Summary) -> list[str]:
    """Say how long the data of each Input has to be, where that is more than one step."""
    return [
        f"{name} needs at least {max(sizes):,} steps"
        for name, sizes in summary.least_lengths.items()
        if max(sizes) > 1
    ]
