"""With the colors for color blindness, no two colors that mean different things look alike.

Color vision deficiencies are simulated by the matrices of Machado, Oliveira & Fernandes 2009 ("A
Physiologically-based Model for Simulation of Color Vision Deficiency", severity 1.0), in linear
RGB.
"""

from __future__ import annotations

from itertools import combinations
from math import dist

import pytest
from PySide6.QtGui import QColor

from app.theme.theme import FAMILIES, Theme, ThemeMode, mix_colors
from tests.app.theme.test_theme import (
    BACKGROUNDS,
    EDGE_CONTRAST_PAIRS,
    STATUS,
    TEXT_CONTRAST_PAIRS,
    contrast,
)

MODES: tuple[ThemeMode, ...] = ("dark", "light")
MIN_DIFFERENCE = 10  # Delta E 1976; 2.3 is just noticeable
Matrix = tuple[tuple[float, float, float], ...]
VISIONS: dict[str, Matrix] = {
    "normal": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}
_XYZ: Matrix = (
    (0.4124564, 0.3575761, 0.1804375),
    (0.2126729, 0.7151522, 0.0721750),
    (0.0193339, 0.1191920, 0.9503041),
)
_WHITE = (0.95047, 1.0, 1.08883)


def multiply(matrix: Matrix, vector: list[float]) -> list[float]:
    return [sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix]


def lab(color: QColor, vision: str) -> tuple[float, float, float]:
    """Return a color as it is seen, in CIE Lab."""
    parts = (color.redF(), color.greenF(), color.blueF())
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    seen = [min(max(part, 0.0), 1.0) for part in multiply(VISIONS[vision], linear)]
    x, y, z = (
        t ** (1 / 3) if t > 216 / 24389 else (24389 / 27 * t + 16) / 116
        for t in (a / b for a, b in zip(multiply(_XYZ, seen), _WHITE, strict=True))
    )
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def alike(colors: dict[str, QColor]) -> list[tuple[object, ...]]:
    """Return the pairs that differ too little for some kind of vision."""
    return [
        (vision, one, other, round(difference, 1))
        for vision in VISIONS
        for one, other in combinations(colors, 2)
        if (difference := dist(lab(colors[one], vision), lab(colors[other], vision)))
        < MIN_DIFFERENCE
    ]


@pytest.fixture(params=MODES)
def theme(request: pytest.FixtureRequest, qapp: object) -> Theme:
    return Theme(request.param, color_blind=True)


def test_any_two_curves_differ_by_color_alone(theme: Theme) -> None:
    assert not alike({str(index): theme.curve_style(index).color for index in range(8)})


def test_any_two_layer_families_differ_on_nodes_and_as_thin_strokes(theme: Theme) -> None:
    assert not alike({family: theme.family_color(family) for family in FAMILIES})
    assert not alike({family: theme.stroke_color(family) for family in FAMILIES})


def test_any_two_statuses_differ(theme: Theme) -> None:
    assert not alike({status: theme.color(status) for status in (*STATUS, "accent")})


def test_without_the_setting_some_colors_look_alike(qapp: object) -> None:
    theme = Theme("light")
    assert alike({family: theme.family_color(family) for family in FAMILIES})


def test_all_colors_can_be_read(theme: Theme) -> None:
    color = theme.color
    for front, behind in TEXT_CONTRAST_PAIRS:
        assert contrast(color(front), color(behind)) >= 4.5, (front, behind)
    for front, behind in EDGE_CONTRAST_PAIRS:
        assert contrast(color(front), color(behind)) >= 3, (front, behind)
    for family in FAMILIES:
        for behind in BACKGROUNDS:
            assert contrast(theme.stroke_color(family), color(behind)) >= 3, (family, behind)
    for status in STATUS:
        soft = mix_colors(color(status), color("window"), 0.14 if theme.is_dark else 0.09)
        assert contrast(color(status), soft) >= 4.5, status
    assert all(contrast(theme.curve_style(index).color, color("canvas")) >= 3 for index in range(8))
