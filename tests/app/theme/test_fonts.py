"""The bundled fonts are there, with their licences, and are the ones that are drawn."""

from importlib.resources import files

import pytest
from PySide6.QtGui import QFont, QFontMetricsF, QRawFont

from app.theme import fonts
from app.theme.theme import Theme


def test_both_families_load(qapp: object) -> None:
    """Inter and JetBrains Mono come with the program."""
    assert {"Inter", "JetBrains Mono"} <= set(fonts.load_fonts())


@pytest.mark.parametrize(
    ("weight", "style"), [(400, "Regular"), (500, "Medium"), (600, "SemiBold")]
)
def test_weights_are_drawn_and_not_made_up(qapp: object, weight: int, style: str) -> None:
    """Each weight of words has letters of its own."""
    fonts.load_fonts()
    font = QFont("Inter")
    font.setWeight(QFont.Weight(weight))
    assert QRawFont.fromFont(font).styleName() == style


def test_theme_fonts_are_the_bundled_ones(theme: Theme) -> None:
    """Words are in Inter; shapes are in a font whose letters are equally wide."""
    fonts.load_fonts()
    assert QRawFont.fromFont(theme.ui_font()).familyName() == "Inter"
    assert QRawFont.fromFont(theme.mono_font()).familyName() == "JetBrains Mono"
    measure = QFontMetricsF(theme.mono_font())
    assert measure.horizontalAdvance("i") == measure.horizontalAdvance("W")


@pytest.mark.parametrize("text", ["äöüßéñçø", "ΑΒΓαβγ", "Привет", "→×·…≤≥−∑", "⌘⌥⇧⏎"])
def test_signs_that_we_write_are_in_the_font(qapp: object, text: str) -> None:
    """Names in other languages and the signs of our own texts are not drawn as boxes."""
    fonts.load_fonts()
    font = QRawFont.fromFont(QFont("Inter"))
    assert [sign for sign in text if not font.supportsCharacter(ord(sign))] == []


def test_licences_lie_beside_the_fonts_and_all_is_small() -> None:
    """Both licences are shipped, and the fonts weigh less than two megabytes."""
    folder = files("resources") / "fonts"
    for name in ("OFL-Inter.txt", "OFL-JetBrainsMono.txt"):
        assert "SIL OPEN FONT LICENSE" in (folder / name).read_text("utf-8")
    assert sum(len(place.read_bytes()) for place in folder.iterdir()) < 2_000_000


def test_a_broken_or_missing_font_does_not_stop_the_window(
    qapp: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Qt takes the desktop's own font then."""
    monkeypatch.setattr(fonts, "_contents", lambda: [b"not a font"])
    assert fonts.load_fonts.__wrapped__() == ()
    monkeypatch.undo()
    monkeypatch.setattr(fonts, "files", _missing)
    assert fonts.load_fonts.__wrapped__() == ()


def _missing(package: str) -> object:
    raise FileNotFoundError(package)
