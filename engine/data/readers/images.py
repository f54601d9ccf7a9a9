"""Loads the image files that cells name; the files must be within the folder of the table."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from engine.core.affected_rows import ROWS_SHOWN, AffectedRows
from engine.core.diagnostic import DiagnosticError
from engine.data.table.array import Array
from engine.data.table.column_types import TextArray
from engine.data.table.row_numbers import cells_error

if TYPE_CHECKING:
    from PIL.Image import Image

IMAGE_FORMATS = ("PNG", "JPEG", "BMP", "GIF", "WEBP", "TIFF", "PPM")
MAX_PIXELS = 100_000_000  # the maximum number of pixels, against decompression bombs
_OUTSIDE = "refers to files outside the table's folder"
_MISSING = "refers to files that do not exist"
_URL_OR_DRIVE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


def resolve_image_paths(cells: TextArray, name: str, folder: Path) -> list[Path]:
    """Return absolute paths of image files, from the relative paths in the cells of column `name`.

    Raises:
        DiagnosticError: with the rows whose path is empty, outside `folder`, or not a file.
    """
    root = folder.resolve()
    resolved: dict[str, Path | str] = {}  # from cells to files, or to what is wrong with the cell
    paths = cells.to_pylist()
    for path in paths:
        if path not in resolved:
            resolved[path] = _resolve(path, root)
    errors: dict[str, list[int]] = {}
    for row, path in enumerate(paths):
        if isinstance(error := resolved[path], str):
            errors.setdefault(error, []).append(row)
    if errors:
        found = (_path_error(name, error, rows, paths) for error, rows in errors.items())
        raise DiagnosticError(*(item for error in found for item in error.diagnostics))
    return [file for path in paths if isinstance(file := resolved[path], Path)]


def _resolve(path: str, root: Path) -> Path | str:
    """Return the absolute path of a file, or a text that says what is wrong with `path`."""
    if not path.strip():
        return "is empty"
    parts = path.replace("\\", "/").split("/")
    if _URL_OR_DRIVE.match(path) or parts[0] == "" or ".." in parts or "\0" in path:
        return _OUTSIDE
    try:
        file = root.joinpath(*parts).resolve(strict=True)
    except (OSError, RuntimeError, ValueError):
        return _MISSING
    if not file.is_relative_to(root):
        return _OUTSIDE
    return file if file.is_file() else _MISSING


def load_images(paths: list[Path], name: str, size: tuple[int, int], channels: int) -> Array:
    """Return images as a uint8 array of shape (rows, height, width, channels).

    Args:
        paths: the paths of the image files.
        name: the name of the column, for messages.
        size: the height and width to which images are resized.
        channels: 1 for grayscale, 3 for RGB.

    Raises:
        DiagnosticError: with the rows whose image can't be read.
    """
    from PIL.Image import DecompressionBombError

    unreadable = (OSError, ValueError, SyntaxError, EOFError, MemoryError, DecompressionBombError)
    images = np.zeros((len(paths), *size, channels), np.uint8)
    errors: dict[int, str] = {}
    for row, path in enumerate(paths):
        try:
            images[row] = _load_pixels(path, size, channels)
        except unreadable as error:
            errors[row] = str(error) or type(error).__name__
    if errors:
        rows = AffectedRows(tuple(errors)[:ROWS_SHOWN], len(errors), len(paths))
        row, reason = next(iter(errors.items()))
        reason = " ".join(reason.replace(str(paths[row]), paths[row].name).split())[:80]
        raise cells_error(
            "image-broken",
            name,
            "refers to images that can't be read",
            rows,
            "Save these images again, or remove their rows.",
            found=f"{paths[row].name!r} {rows.first_text}: {reason}",
            expected=f"an undamaged image: {', '.join(IMAGE_FORMATS[:5])}",
        )
    return images


def common_image_shape(paths: list[Path], longest: int) -> tuple[int, int, int]:
    """Return the median height and width of images, and 3 channels, or 1 if all are gray.

    If a side is longer than `longest` pixels, both shrink in proportion. Unreadable images, which
    `load_images` reports, are ignored.
    """
    from PIL import Image

    unreadable = (OSError, ValueError, Image.DecompressionBombError)
    shapes = []
    for path in paths:
        with suppress(*unreadable), Image.open(path, formats=IMAGE_FORMATS) as image:
            is_gray = image.mode in ("1", "L", "LA", "I") or image.mode.startswith("I;16")
            shapes.append((image.height, image.width, 1 if is_gray else 3))
    height, width, _ = np.median(shapes or [(longest, longest, 3)], axis=0)
    factor = min(1.0, longest / max(height, width))
    channels = max((shape[2] for shape in shapes), default=3)
    return max(1, round(height * factor)), max(1, round(width * factor)), channels


def _load_pixels(path: Path, size: tuple[int, int], channels: int) -> Array:
    from PIL import Image

    with Image.open(path, formats=IMAGE_FORMATS) as image:
        if image.width * image.height > MAX_PIXELS:
            raise ValueError(f"it has {image.width} x {image.height} pixels")
        height, width = size
        # Decode a large JPEG at 1/2, 1/4 or 1/8 of its size, which is faster.
        if image.format == "JPEG":
            image.draft(None, (2 * width, 2 * height))
        converted = _flatten(image).convert("L" if channels == 1 else "RGB")
        if converted.size != (width, height):
            converted = converted.resize((width, height), Image.Resampling.BILINEAR)
        return np.asarray(converted, np.uint8).reshape(height, width, channels)


def _flatten(image: Image) -> Image:
    """Return an image with white in place of transparency, and 8-bit in place of 16-bit gray."""
    from PIL import Image

    if image.mode.startswith("I;16") or image.mode == "I":
        return Image.fromarray((np.asarray(image).astype(np.int64) >> 8).astype(np.uint8))
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        foreground = image.convert("RGBA")
        background = Image.new("RGBA", foreground.size, (255, 255, 255, 255))
        return Image.alpha_composite(background, foreground)
    return image


def _path_error(name: str, error: str, rows: list[int], paths: list[str]) -> DiagnosticError:
    code, advice = "image-missing", "Correct the paths, or remove these rows."
    if error == _OUTSIDE:
        code = "image-outside"
        advice = "Move the images into the table's folder, and use paths relative to it."
    return cells_error(
        code,
        name,
        error,
        AffectedRows(tuple(rows[:ROWS_SHOWN]), len(rows), len(paths)),
        advice,
        cell=paths[rows[0]][:80],
        expected="the path of an image inside the table's folder, such as images/1.png",
    )
