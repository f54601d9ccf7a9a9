"""The layer table of `Model.summary` as text, with Keras' columns."""

from __future__ import annotations

from collections.abc import Sequence

from engine.check.cost import BYTES_PER_VALUE
from engine.check.summary import Summary
from engine.core.formatting.sizes import format_bytes

_HEADER = ("Layer (type)", "Output shape", "Param #", "Connected to")


def format_summary(name: str, summary: Summary) -> str:
    """Return the layer table of the model `name` as text."""
    rows = [
        (
            f"{row.name} ({row.kind})",
            _shape(row.shape),
            f"{row.params:,}",
            ", ".join(row.connected) + (f" ({row.note})" if row.note else ""),
        )
        for row in summary.rows
    ]
    widths = [max(len(row[i]) for row in (_HEADER, *rows)) for i in range(len(_HEADER))]
    rule = "-" * (sum(widths) + 3 * (len(widths) - 1))
    table = [_line(row, widths) for row in (_HEADER, *rows)]
    frozen = summary.total - summary.trainable
    return "\n".join(
        [
            f'Model: "{name}"',
            table[0],
            rule,
            *table[1:],
            rule,
            f"Total params: {summary.total:,} ({format_bytes(BYTES_PER_VALUE * summary.total)})",
            f"Trainable params: {summary.trainable:,}",
            f"Non-trainable params: {frozen:,}",
            *_minimum_lengths(summary),
        ]
    )


def _shape(shape: Sequence[int | None] | None) -> str:
    return "?" if shape is None else "(" + ", ".join(map(str, shape)) + ")"


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    layer, shape, params, connected = row
    cells = (layer.ljust(widths[0]), shape.ljust(widths[1]), params.rjust(widths[2]), connected)
    return "   ".join(cells).rstrip()


def _minimum_lengths(summary: Summary) -> list[str]:
    """Return a line of text for each Input with a minimum sequence length above 1."""
    return [
        f"{name} needs at least {max(sizes):,} steps"
        for name, sizes in summary.least_lengths.items()
        if max(sizes) > 1
    ]
