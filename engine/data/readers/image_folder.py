"""A folder of pictures by class: each folder within it is a class, called by the folder's name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from engine.core.diagnostic import Diagnostic
from engine.data.table.column_types import Column, text
from engine.data.table.read_result import Read

ENDINGS = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".ppm"})
TRAIN = "train"
COLUMNS = ("image", "label")


def classes(folder: Path) -> Path | None:
    """Return the folder whose folders hold pictures: this one, its folder `train`, or None."""
    if any(_pictures(inner) for inner in _folders(folder)):
        return folder
    train = folder / TRAIN
    return train if train.is_dir() and any(map(_pictures, _folders(train))) else None


def read_pictures(folder: Path) -> Read:
    """Read the paths of all pictures, as seen from the folder, and the classes that they are of.

    Args:
        folder: one that `classes` answers.
    """
    images, labels, others = [], [], []
    for inner in _folders(folder):
        found = _pictures(inner)
        images += [f"{inner.name}/{path.name}" for path in found]
        labels += [inner.name] * len(found)
        others += _others(inner)
    columns = dict(zip(COLUMNS, (text(images), text(labels)), strict=True))
    return Read(columns, [_left_out(folder, others)] if others else [])


def picture_chunks(
    folder: Path, columns: Sequence[str] | None, rows: int
) -> Iterator[dict[str, Column]]:
    """Yield what `read_pictures` answers, at most `rows` rows at a time."""
    read = read_pictures(folder).columns
    for start in range(0, len(read[COLUMNS[0]]), rows):
        yield {name: read[name][start : start + rows] for name in columns or COLUMNS}


def _folders(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_dir() and _shown(path))


def _pictures(folder: Path) -> list[Path]:
    return sorted(path for path in _files(folder) if path.suffix.lower() in ENDINGS)


def _others(folder: Path) -> list[str]:
    """Return what stands among the pictures and is none."""
    pictures = set(_pictures(folder))
    return [f"{folder.name}/{path.name}" for path in sorted(folder.iterdir())
            if _shown(path) and path not in pictures]  # fmt: skip


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.iterdir() if _shown(path) and path.is_file())


def _shown(path: Path) -> bool:
    return not path.name.startswith((".", "__"))


def _left_out(folder: Path, names: list[str]) -> Diagnostic:
    shown = ", ".join(names[:5]) + (f" and {len(names) - 5:,} more" if len(names) > 5 else "")
    return Diagnostic(
        "files-left-out",
        f'what is no picture in "{folder.name}" was left out: {shown}',
        severity="info",
        place=str(folder),
        found=f"{len(names):,} others",
        expected=", ".join(sorted(ENDINGS)),
    )
