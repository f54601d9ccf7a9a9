"""The style sheet of a run's HTML report, for light and dark mode, screen and print."""

from __future__ import annotations

from importlib.resources import files

from engine.diagram.palette import DARK, LIGHT, Palette

COLOR_COUNT = len(LIGHT.curves)


def style_sheet() -> str:
    """Return the complete style sheet as CSS text."""
    rules = (files("resources") / "style" / "report.css").read_text("utf-8")
    tones = "".join(
        f".l{index}{{stroke:var(--c{index})}}.f{index}{{fill:var(--c{index})}}"
        for index in range(COLOR_COUNT)
    )
    return (
        f":root{{{_colors(LIGHT)}}}"
        f"@media screen and (prefers-color-scheme:dark)"
        f"{{:root{{{_colors(DARK)}}}}}"
        f"{rules}{tones}"
    )


def _colors(palette: Palette) -> str:
    names = (
        "canvas", "surface", "border", "text", "dim", "accent", "danger", "warning", "success",
    )  # fmt: skip
    named = {name: getattr(palette, name) for name in names}
    named |= {f"c{index}": color for index, color in enumerate(palette.curves)}
    return "".join(f"--{name}:{color};" for name, color in named.items())
