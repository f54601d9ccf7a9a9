"""Reader of image folders, in which each subfolder has the name and the images of one class."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from engine.core.diagnostic import Diagnostic
from engine.core.formatting.counts import join_first
from engine.data.table.column_types import text_column
from engine.data.table.table import Table

IMAGE_EXTENSIONS = frozenset(
    {".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".ppm"}
)
TRAIN_FOLDER = "train"
IMAGE_FOLDER_COLUMNS = ("image", "label")


def find_class_folder(folder: Path) -> Path | None:
    """Return the folder that contains the class folders, which are subfolders with images.

    This is `folder`, or else its subfolder "train". If neither has class folders, return None.
    """
    if any(map(_images, _subfolders(folder))):
        return folder
    train = folder / TRAIN_FOLDER
    return train if train.is_dir() and any(map(_images, _subfolders(train))) else None


def read_image_folder(folder: Path) -> Table:
    """Return the columns "image" (paths relative to the folder) and "label" (class names)."""
    images, labels, others = [], [], []
    for subfolder in _subfolders(folder):
        paths = _images(subfolder)
        images += [f"{subfolder.name}/{path.name}" for path in paths]
        labels += [subfolder.name] * len(paths)
        others += _other_files(subfolder)
    columns = dict(zip(IMAGE_FOLDER_COLUMNS, map(text_column, (images, labels)), strict=True))
    if not others:
        return Table(folder, columns)
    shown = join_first(others, 5)
    skipped = Diagnostic.info(
        "files-left-out",
        f'files in "{folder.name}" that are not images were skipped: {shown}',
        place=str(folder),
        found=f"{len(others):,} other files",
        expected=", ".join(sorted(IMAGE_EXTENSIONS)),
    )
    return Table(folder, columns, (skipped,))


def image_folder_chunks(folder: Path, columns: Sequence[str] | None, rows: int) -> Iterator[Table]:
    """Yield chunks of at most `rows` rows of the table that `read_image_folder` returns."""
    table = read_image_folder(folder)
    for start in range(0, table.row_count, rows):
        names = columns or IMAGE_FOLDER_COLUMNS
        part = {name: table.columns[name][start : start + rows] for name in names}
        yield replace(table, columns=part)


def _subfolders(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_dir() and _is_visible(path))


def _images(folder: Path) -> list[Path]:
    files = (path for path in folder.iterdir() if _is_visible(path) and path.is_file())
    return sorted(path for path in files if path.suffix.lower() in IMAGE_EXTENSIONS)


def _other_files(folder: Path) -> list[str]:
    """Return "class/name" for each file or folder in a class folder, except for the images."""
    images = set(_images(folder))
    others = sorted(path for path in folder.iterdir() if _is_visible(path) and path not in images)
    return [f"{folder.name}/{path.name}" for path in others]


def _is_visible(path: Path) -> bool:
    return not path.name.startswith((".", "__"))
