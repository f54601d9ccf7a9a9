"""Colours of a picture that stands alone, dark and light."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Tints:
    """Colours by what they are for, as "#rrggbb".

    Args:
        canvas, grid: behind everything; its dots.
        surface, border: of cards.
        text, dim: what is read; what is read if one looks for it.
        title: text on a family's tint.
        shape: text of shapes.
        danger, warning: marks of findings.
        families: by layer family; "" for any other.
    """

    canvas: str
    grid: str
    surface: str
    border: str
    text: str
    dim: str
    title: str
    shape: str
    danger: str
    warning: str
    families: Mapping[str, str]

    def family(self, family: str) -> str:
        """Answer the tint of a layer family."""
        return self.families.get(family, self.families[""])


DARK = Tints(
    canvas="#14171d", grid="#2a303b", surface="#232833", border="#3a4352", text="#e8ecf3",
    dim="#a3adbd", title="#ffffff", shape="#a5e8c5", danger="#ff7a85", warning="#f2c14e",
    families={
        "io": "#2f9e8f", "dense": "#4c78e0", "recurrent": "#b8628f", "conv": "#3f8fc4",
        "pool": "#5a7fa8", "merge": "#8a63d2", "norm": "#7f8b52", "activation": "#c27b3a",
        "dropout": "#8b7355", "attention": "#c2566a", "": "#6b7686",
    },
)  # fmt: skip

LIGHT = Tints(
    canvas="#f3f5f8", grid="#d9dee6", surface="#ffffff", border="#c9d0da", text="#161b24",
    dim="#4d5868", title="#ffffff", shape="#0f5c3c", danger="#b3202e", warning="#7a5300",
    families={
        "io": "#1d8577", "dense": "#2f5fd0", "recurrent": "#a2447a", "conv": "#1f74ad",
        "pool": "#4a6b92", "merge": "#6f45bf", "norm": "#66723a", "activation": "#a55f1f",
        "dropout": "#75603f", "attention": "#ad3f55", "": "#596474",
    },
)  # fmt: skip
