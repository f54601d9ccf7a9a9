"""The colours can be read and told apart, and follow the system or the person."""

from itertools import combinations
from pathlib import Path

import pytest
from PySide6.QtGui import QColor

from app.theme import theme as theme_module
from app.theme.theme import (
    FAMILIES,
    Theme,
    ThemeMode,
    mix_colors,
    prefers_reduced_motion,
)
from engine.diagram import palette
from engine.layers import catalogue

MODES: tuple[ThemeMode, ...] = ("dark", "light")
BACKGROUNDS = ("canvas", "window", "surface", "raised")
STATUS = ("danger", "warning", "success")
# All combinations of (foreground, background) in use.
TEXT_CONTRAST_PAIRS = (
    *((front, behind) for front in ("text", "dim", *STATUS) for behind in BACKGROUNDS),
    *((front, "selected") for front in ("text", "dim", "accent", "shape")),
    *(("accent", behind) for behind in BACKGROUNDS),
    *(("shape", behind) for behind in BACKGROUNDS),
    ("on_accent", "accent"),
    *(("on_status", status) for status in STATUS),
    *(("on_family", family) for family in FAMILIES),
)
EDGE_CONTRAST_PAIRS = (
    *(("outline", behind) for behind in BACKGROUNDS),
    *((family, behind) for family in FAMILIES for behind in ("canvas", "window", "surface")),
)


def luminance(color: QColor) -> float:
    def linear(part: float) -> float:
        return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(part) for part in (color.redF(), color.greenF(), color.blueF()))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: QColor, other: QColor) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("mode", MODES)
def test_every_pair_that_meets_can_be_read(qapp: object, mode: ThemeMode) -> None:
    """Whatever is read has a contrast of 4.5 to what is behind it."""
    theme = Theme(mode)
    weak = {
        pair: round(contrast(theme.color(pair[0]), theme.color(pair[1])), 2)
        for pair in TEXT_CONTRAST_PAIRS
        if contrast(theme.color(pair[0]), theme.color(pair[1])) < 4.5
    }
    assert not weak


@pytest.mark.parametrize("mode", MODES)
def test_edges_and_rings_can_be_seen(qapp: object, mode: ThemeMode) -> None:
    """Edges of fields, the focus ring and family tints have a contrast of 3 to what is behind."""
    theme = Theme(mode)
    rings = [("accent", behind) for behind in ("canvas", "window", "surface", "raised")]
    for front, behind in (*EDGE_CONTRAST_PAIRS, *rings):
        assert contrast(theme.color(front), theme.color(behind)) >= 3, (front, behind)


@pytest.mark.parametrize("mode", MODES)
def test_notes_and_pills_can_be_read(qapp: object, mode: ThemeMode) -> None:
    """Text keeps its contrast on the thin tints that notes and pills have."""
    theme = Theme(mode)
    share = 0.14 if theme.is_dark else 0.09
    for status in ("accent", "danger", "warning", "success"):
        soft = mix_colors(theme.color(status), theme.color("window"), share)
        assert contrast(theme.color("text"), soft) >= 4.5, status
        assert contrast(theme.color(status), soft) >= 4.5, status


@pytest.mark.parametrize("mode", MODES)
def test_thin_strokes_of_a_family_can_be_seen(qapp: object, mode: ThemeMode) -> None:
    """Icons and wires in a family's ink stand out from lists and canvas."""
    theme = Theme(mode)
    for family in FAMILIES:
        for behind in ("canvas", "window", "surface", "raised"):
            assert contrast(theme.stroke_color(family), theme.color(behind)) >= 3, (family, behind)


@pytest.mark.parametrize("mode", MODES)
def test_eight_curves_can_be_told_apart_three_ways(qapp: object, mode: ThemeMode) -> None:
    """No two of eight curves share colour, dash or marker, and all stand out from the canvas."""
    theme = Theme(mode)
    curves = [theme.curve_style(index) for index in range(8)]
    assert len({curve.color.name() for curve in curves}) == 8
    assert len({curve.dash for curve in curves}) == 8
    assert len({curve.marker for curve in curves}) == 8
    assert all(contrast(curve.color, theme.color("canvas")) >= 3 for curve in curves)
    many = {(look.color.name(), look.dash) for look in map(theme.curve_style, range(64))}
    assert len(many) == 64
    assert theme.curve_style(64) == theme.curve_style(0)


# How the three kinds of cones' light mixes for people who lack one of them (Machado et al. 2009).
BLINDNESS = {
    "protan": ((0.152, 1.053, -0.205), (0.115, 0.786, 0.099), (-0.004, -0.048, 1.052)),
    "deutan": ((0.367, 0.861, -0.228), (0.280, 0.673, 0.047), (-0.012, 0.043, 0.969)),
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("blindness", BLINDNESS)
def test_the_first_four_curves_differ_for_colour_blind_people(
    qapp: object, mode: ThemeMode, blindness: str
) -> None:
    """Four curves, as many as most plots have, differ by colour alone even then."""
    theme = Theme(mode)
    seen = [_seen(theme.curve_style(index).color, blindness) for index in range(4)]
    for one, other in combinations(seen, 2):
        assert sum((a - b) ** 2 for a, b in zip(one, other, strict=True)) ** 0.5 > 0.1


def _seen(color: QColor, blindness: str) -> list[float]:
    parts = (color.redF(), color.greenF(), color.blueF())
    rows = BLINDNESS[blindness]
    return [sum(share * part for share, part in zip(row, parts, strict=True)) for row in rows]


def test_a_family_without_a_tint_has_the_neutral_one(theme: Theme) -> None:
    """ "shape" is a family and a token for chips: the family has the neutral tint."""
    assert theme.family_color("shape") == theme.color("families_rest")
    assert theme.family_color("nonsense") == theme.color("families_rest")
    assert theme.family_color("conv") == theme.color("conv")


def test_changed_is_told_when_and_only_when_colours_change(qtbot: object) -> None:
    """Setting the mode that is in use already repaints nothing."""
    theme, heard = Theme("dark"), []
    theme.changed.connect(lambda: heard.append(theme.is_dark))
    theme.set_mode("dark")
    theme.set_mode("light")
    assert heard == [False]
    assert theme.mode == "light"


@pytest.mark.parametrize(
    ("name", "content", "reduced"),
    [
        ("gtk-4.0/settings.ini", "[Settings]\ngtk-enable-animations=0\n", True),
        ("gtk-3.0/settings.ini", "[Settings]\ngtk-enable-animations = false\n", True),
        ("gtk-4.0/settings.ini", "[Settings]\ngtk-enable-animations=1\n", False),
        ("kdeglobals", "[KDE]\nAnimationDurationFactor=0\n", True),
        ("kdeglobals", "[KDE]\nAnimationDurationFactor=0.5\n", False),
    ],
)
def test_reduced_motion_follows_the_desktop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, content: str, reduced: bool
) -> None:
    """Where GTK or KDE say that nothing shall move, nothing moves."""
    monkeypatch.delenv("LAYERLOOM_REDUCED_MOTION", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text(content)
    assert prefers_reduced_motion() is reduced


def test_reduced_motion_can_be_set_for_this_program(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment has the last word."""
    monkeypatch.setenv("LAYERLOOM_REDUCED_MOTION", "1")
    assert prefers_reduced_motion()
    monkeypatch.setenv("LAYERLOOM_REDUCED_MOTION", "0")
    assert not prefers_reduced_motion()


def test_pairs_name_tokens_only() -> None:
    """A token that was renamed cannot hide from the contrast test."""
    tokens = set(theme_module.DARK)
    assert {
        token for pair in (*TEXT_CONTRAST_PAIRS, *EDGE_CONTRAST_PAIRS) for token in pair
    } <= tokens


@pytest.mark.parametrize("mode", MODES)
def test_a_family_has_the_same_color_in_window_and_drawing(qapp: object, mode: ThemeMode) -> None:
    theme, drawn = Theme(mode), palette.DARK if mode == "dark" else palette.LIGHT
    for family in (*catalogue.FAMILIES, "of another version"):
        assert QColor(drawn.family_color(family)) == theme.family_color(family)
