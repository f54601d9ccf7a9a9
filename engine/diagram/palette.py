"""The dark and the light palette of diagrams, reports and the window, also for color blindness.

The palettes for color blindness follow Okabe & Ito 2008 ("Color Universal Design"), darkened on
light backgrounds. Any two curves, two layer families or two status colors differ by at least 10 in
CIE Lab (Delta E 1976), also when protanopia, deuteranopia or tritanopia is simulated by the
matrices of Machado et al. 2009. In the default palettes, some differ by 3 then.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

# The title of each layer family, in the order of lists and legends.
FAMILY_TITLES: Mapping[str, str] = {
    "io": "Input and output",
    "dense": "Dense and embedding",
    "recurrent": "Recurrent",
    "conv": "Convolution",
    "pool": "Pooling",
    "merge": "Merging",
    "norm": "Normalization",
    "activation": "Activation",
    "dropout": "Dropout and augmentation",
    "shape": "Shape",
    "attention": "Attention",
}


@dataclass(frozen=True)
class Palette:
    """Colors by purpose, as "#rrggbb".

    Args:
        canvas: background of the canvas.
        surface, border: background and border of nodes.
        text, dim: primary and secondary text.
        title: text on a background that has the color of a layer family.
        shape: labels of tensor shapes.
        accent: links.
        danger, warning, success: errors, warnings and finished runs.
        families: color by layer family; the key "" has the color of all other families.
        curves: colors of successive curves in a chart, distinguishable with color blindness.
    """

    canvas: str
    surface: str
    border: str
    text: str
    dim: str
    title: str
    shape: str
    accent: str
    danger: str
    warning: str
    success: str
    families: Mapping[str, str]
    curves: tuple[str, ...]

    def family_color(self, family: str) -> str:
        """Return the color of a layer family."""
        return self.families.get(family, self.families[""])

    @staticmethod
    def mix(below: str, above: str, alpha: float) -> str:
        """Return the color of `above` blended over `below` with an opacity of `alpha`."""
        pairs = [(int(below[i : i + 2], 16), int(above[i : i + 2], 16)) for i in (1, 3, 5)]
        return "#" + "".join(f"{round(a + (b - a) * alpha):02x}" for a, b in pairs)


DARK = Palette(
    canvas="#12151b", surface="#20252f", border="#323945", text="#eff2f7",
    dim="#a7b0c0", title="#ffffff", shape="#a6e6c6",
    accent="#7cb0ff", danger="#ff8189", warning="#f3c252", success="#5ad3a1",
    families={
        "io": "#007d6f", "dense": "#3d66df", "recurrent": "#b44391", "conv": "#0076a6",
        "pool": "#56718e", "merge": "#8851d1", "norm": "#647537", "activation": "#a45d1a",
        "dropout": "#846a4b", "attention": "#c43e52", "": "#676f7c",
    },
    curves=(
        "#f7a53c", "#42abe8", "#44c294", "#e36bb4", "#e9d55e", "#af88ef", "#f35b48", "#c3d0e3",
    ),
)  # fmt: skip

LIGHT = Palette(
    canvas="#eff2f6", surface="#ffffff", border="#d8dde6", text="#151a23",
    dim="#4e596a", title="#ffffff", shape="#0e5b3b",
    accent="#1c5ad0", danger="#b01f2e", warning="#765000", success="#0d6845",
    families={
        "io": "#0c796c", "dense": "#3962da", "recurrent": "#b03f8d", "conv": "#0b73a1",
        "pool": "#536e8a", "merge": "#854ece", "norm": "#617233", "activation": "#a05915",
        "dropout": "#806748", "attention": "#c03a4f", "": "#646c79",
    },
    curves=(
        "#a2650a", "#006fa1", "#007c59", "#ab3782", "#8c7c04", "#7048a9", "#ca3324", "#3c4656",
    ),
)  # fmt: skip

COLOR_BLIND_DARK = replace(
    DARK, title="#05070a", danger="#ff7a33", warning="#f0e442", success="#47dca9",
    families={
        "io": "#3c8e74", "dense": "#4974f5", "recurrent": "#be54a8", "conv": "#4a9cce",
        "pool": "#8da6c1", "merge": "#9e5fd5", "norm": "#8e9854", "activation": "#b36a26",
        "dropout": "#bc9e7b", "attention": "#d24e64", "": "#767f8c",
    },
    curves=(
        "#e69f00", "#56b4e9", "#009e73", "#cc79a7", "#f0e442", "#0072b2", "#d55e00", "#c3d0e3",
    ),
)  # fmt: skip

COLOR_BLIND_LIGHT = replace(
    LIGHT, danger="#b13c02", warning="#523a00", success="#02664b",
    families={
        "io": "#208375", "dense": "#4169e3", "recurrent": "#911f76", "conv": "#006895",
        "pool": "#5a7592", "merge": "#7843c2", "norm": "#667535", "activation": "#9f5814",
        "dropout": "#735b3d", "attention": "#c73f58", "": "#565a65",
    },
    curves=(
        "#966000", "#1d94c9", "#008b5a", "#c2709f", "#9d8b00", "#0270b0", "#d3683d", "#404a5a",
    ),
)  # fmt: skip


def select_palette(dark: bool, color_blind: bool = False) -> Palette:
    """Return the palette for a background, for color blindness if `color_blind` is true."""
    if color_blind:
        return COLOR_BLIND_DARK if dark else COLOR_BLIND_LIGHT
    return DARK if dark else LIGHT
