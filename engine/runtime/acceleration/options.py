"""Which tricks a training uses."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Speed:
    """The tricks, each on or off; off is plain torch, for comparing.

    Args:
        packed: small parameters are moved together (`packing`).
        rows: of embeddings, only the rows of a batch are moved (`rows`, `lag`).
        layout: sequences keep their channels last, and more (`compile.passes`).
        native: the compiled kernels compute what they can (`native`).
    """

    packed: bool = True
    rows: bool = True
    layout: bool = True
    native: bool = True


FAST = Speed()
PLAIN = Speed(packed=False, rows=False, layout=False, native=False)
