"""Picture files named in cells: found below the table's own folder only, and opened with care."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engine.core.diagnostic import Diagnostic, Fix, Refused
from engine.data.table.column_types import Text
from engine.data.table.row_numbers import counted, first_rows

if TYPE_CHECKING:
    from PIL.Image import Image

Array = NDArray[Any]
FORMATS = ("PNG", "JPEG", "BMP", "GIF", "WEBP", "TIFF", "PPM")
PIXELS = 100_000_000  # of one picture; more is a mistake or an attack
_OUTSIDE = "names a file outside the table's folder"
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


def find(cells: Text, name: str, folder: Path) -> list[Path]:
    """Return the file that each cell names.

    Args:
        cells: paths, as seen from the table's own folder.
        name: of the column, for findings.
        folder: the table's own.

    Raises:
        Refused: naming the rows whose path is empty, leads out of the folder, or to no file.
    """
    home = folder.resolve()
    known: dict[str, Path | str] = {}
    paths = cells.to_pylist()
    for path in paths:
        if path not in known:
            known[path] = _located(path, home)
    faults: dict[str, list[int]] = {}
    for row, path in enumerate(paths):
        if isinstance(fault := known[path], str):
            faults.setdefault(fault, []).append(row)
    if faults:
        raise Refused(*(_fault(name, what, rows, paths) for what, rows in faults.items()))
    return [place for path in paths if isinstance(place := known[path], Path)]


def _located(path: str, home: Path) -> Path | str:
    """Return the file, or what is wrong with its path."""
    if not path.strip():
        return "is empty"
    parts = path.replace("\\", "/").split("/")
    if _ADDRESS.match(path) or parts[0] == "" or ".." in parts or "\0" in path:
        return _OUTSIDE
    place = home.joinpath(*parts)
    try:
        real = place.resolve(strict=True)
    except (OSError, RuntimeError, ValueError):
        return "names no file"
    if not real.is_relative_to(home):
        return _OUTSIDE
    return real if real.is_file() else "names no file"


def load(paths: list[Path], name: str, size: tuple[int, int], channels: int) -> Array:
    """Return pictures of one size as bytes, of shape (rows, height, width, channels).

    Raises:
        Refused: naming the rows whose picture is damaged.
    """
    answer = np.zeros((len(paths), *size, channels), np.uint8)
    broken: dict[int, str] = {}
    for row, path in enumerate(paths):
        try:
            answer[row] = _pixels(path, size, channels)
        except (OSError, ValueError, SyntaxError, EOFError, MemoryError) as error:
            broken[row] = str(error) or type(error).__name__
    if broken:
        raise Refused(_broken(name, broken, paths))
    return answer


def _pixels(path: Path, size: tuple[int, int], channels: int) -> Array:
    from PIL import Image

    with Image.open(path, formats=FORMATS) as picture:
        if picture.width * picture.height > PIXELS:
            raise ValueError(f"it has {picture.width} x {picture.height} pixels")
        height, width = size
        if (
            picture.format == "JPEG"
        ):  # decodes at half, a quarter or an eighth, where that is enough
            picture.draft(None, (2 * width, 2 * height))
        plain = _flat(picture).convert("L" if channels == 1 else "RGB")
        if plain.size != (width, height):
            plain = plain.resize((width, height), Image.Resampling.BILINEAR)
        return np.asarray(plain, np.uint8).reshape(height, width, channels)


def _flat(picture: Image) -> Image:
    """Return a picture without transparency, on white; and 16 bits of grey as 8."""
    from PIL import Image

    if picture.mode.startswith("I;16") or picture.mode == "I":
        return Image.fromarray((np.asarray(picture).astype(np.int64) >> 8).astype(np.uint8))
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        front = picture.convert("RGBA")
        back = Image.new("RGBA", front.size, (255, 255, 255, 255))
        return Image.alpha_composite(back, front)
    return picture


def _fault(name: str, what: str, rows: list[int], paths: list[str]) -> Diagnostic:
    flags = np.zeros(len(paths), bool)
    flags[rows] = True
    outside = what == _OUTSIDE
    return Diagnostic(
        "image-outside" if outside else "image-missing",
        f'"{name}" {what}: {counted(flags)}',
        place=f"column {name}, {first_rows(flags)}",
        found=f"{paths[rows[0]][:80]!r} in row {rows[0]}",
        expected="the path of a picture below the table's own folder, such as pictures/1.png",
        fixes=(
            Fix("Put the pictures into the table's folder, and write their paths from there.")
            if outside
            else Fix("Correct the paths, or remove these rows."),
        ),
    )


def _broken(name: str, broken: dict[int, str], paths: list[Path]) -> Diagnostic:
    flags = np.zeros(len(paths), bool)
    flags[list(broken)] = True
    row, why = next(iter(broken.items()))
    why = why.replace(str(paths[row]), paths[row].name)
    return Diagnostic(
        "image-broken",
        f'"{name}" names pictures that can\'t be read: {counted(flags)}',
        place=f"column {name}, {first_rows(flags)}",
        found=f"{paths[row].name!r} in row {row}: {' '.join(why.split())[:80]}",
        expected=f"a whole picture, as {', '.join(FORMATS[:5])}",
        fixes=(Fix("Save these pictures again, or remove their rows."),),
    )
