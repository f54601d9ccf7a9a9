"""The dark and the light palette of diagrams and reports, the same colors as in the window."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Tints:
    """Colours by purpose, as "#rrggbb".

    Args:
        canvas: background.
        surface, border: of nodes.
        text, dim: primary and secondary text.
        title: text on the color of a family.
        shape: labels of shapes.
        danger, warning: marks of errors and warnings.
        families: by layer family; "" for any other.
    """

    canvas: str
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
        """Return the color of a layer family."""
        return self.families.get(family, self.families[""])


DARK = Tints(
    canvas="#12151b", surface="#20252f", border="#323945", text="#eff2f7",
    dim="#a7b0c0", title="#ffffff", shape="#a6e6c6", danger="#ff8189", warning="#f3c252",
    families={
        "io": "#007d6f", "dense": "#3d66df", "recurrent": "#b44391", "conv": "#0076a6",
        "pool": "#56718e", "merge": "#8851d1", "norm": "#647537", "activation": "#a45d1a",
        "dropout": "#846a4b", "attention": "#c43e52", "": "#676f7c",
    },
)  # fmt: skip

LIGHT = Tints(
    canvas="#eff2f6", surface="#ffffff", border="#d8dde6", text="#151a23",
    dim="#4e596a", title="#ffffff", shape="#0e5b3b", danger="#b01f2e", warning="#765000",
    families={
        "io": "#0c796c", "dense": "#3962da", "recurrent": "#b03f8d", "conv": "#0b73a1",
        "pool": "#536e8a", "merge": "#854ece", "norm": "#617233", "activation": "#a05915",
        "dropout": "#806748", "attention": "#c03a4f", "": "#646c79",
    },
)  # fmt: skip
