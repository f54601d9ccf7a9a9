"""What tells cached rows apart: the bytes of files, and all that decides what becomes of them."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from engine.check.report import Report
from engine.core.diagnostic import DiagnosticError
from engine.core.files.atomic_write import write_bytes
from engine.core.tensor_spec import Dim
from engine.data.dataset.dataset import Precision
from engine.data.encoders.categories import texts
from engine.data.ports.target_spec import TargetSpec
from engine.data.preprocessing.fitted_encoders import FittedEncoders
from engine.data.readers.image_folder import IMAGE_FOLDER_COLUMNS, read_image_folder
from engine.data.readers.table_file import resolve_data_path
from engine.data.table.lazy_arrow import pa

VERSION = 2  # of how rows are encoded and kept; to be raised when either changes
_BLOCK = 2**22
_SETTLED = 2  # seconds after which a file that changes has another time
_STAMPS = "stamps.json"
_MOST_STAMPS = 500


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be made of a table.

    Args:
        report: of the graph.
        precision: of real numbers.
        apart: whether the rows to validate and to test on stand in files of their own.
        fitted: encoders of an earlier run; None fits them on the rows to train on.
        complete: False leaves the targets out.
    """

    report: Report
    precision: Precision
    apart: tuple[bool, bool] = (False, False)
    fitted: FittedEncoders | None = None
    complete: bool = True

    def plain(self) -> dict[str, Any]:
        """Return all of it that makes a difference, as JSON."""
        from engine.data.checks.data_check import target_specs

        report, recipe = self.report, self.report.recipe
        assert report.mapping is not None, "the mapping has faults"
        assert recipe is not None, "the recipe has faults"
        divided = (
            [list(self.apart), recipe.seed, recipe.validation_split] if self.fitted is None else []
        )
        return {
            "version": [VERSION, np.__version__.split(".")[0], pa.__version__],
            "mapping": report.mapping.params(),
            "inputs": [
                [name, spec.dtype, _sizes(spec.shape)]
                for name, spec in sorted(report.input_specs().items())
            ],
            "targets": [_port(port) for port in target_specs(report)] if self.complete else [],
            "precision": self.precision,
            "divided": divided,
            "fitted": self.fitted.params() if self.fitted else None,
        }


def _sizes(shape: Sequence[Dim]) -> list[int | None]:
    return [size if isinstance(size, int) else None for size in shape]


def _port(port: TargetSpec) -> list[Any]:
    """Return what of a target makes a difference for its numbers; its loss' weight makes none."""
    told = (
        port.name,
        port.form,
        port.classes,
        port.ignored_class,
        port.missing,
        port.has_balanced_classes,
    )
    return [*told, _sizes(port.shape), list(port.labels)]


def key_of(path: Path, asked: Asked, folder: Path) -> str:
    """Return the name under which the rows of a table are kept.

    Args:
        path: the table.
        asked: what is made of it.
        folder: where it is remembered which bytes a file held.
    """
    hashed = hashlib.sha256(json.dumps(asked.plain(), sort_keys=True).encode())
    for line in _contents(path, folder):
        hashed.update(line.encode("utf-8", "surrogateescape") + b"\n")
    return hashed.hexdigest()[:32]


def _contents(path: Path, folder: Path) -> Iterator[str]:
    place, arrays = resolve_data_path(path)
    if place.is_dir() and not arrays:
        pictures = texts(read_image_folder(place).columns[IMAGE_FOLDER_COLUMNS[0]]).to_pylist()
        yield from (f"{name} {stamp_of(place / name)}" for name in pictures)
        return
    stamps = Stamps(folder)
    for file in arrays or [place]:
        yield f"{file.name} {stamps.digest(file)}"
    stamps.save()


def stamp_of(picture: Path) -> list[int]:
    """Return size and time of a picture: to read them all would take as long as to use them.

    Raises:
        OSError: if there is none.
    """
    told = picture.stat()
    return [told.st_size, told.st_mtime_ns]


class Stamps:
    """Remembers which bytes a file held, as long as nobody touches it.

    Args:
        folder: where that is kept.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / _STAMPS
        self._known: dict[str, list[Any]] = {}
        with suppress(OSError, ValueError, RecursionError):
            read = json.loads(self._path.read_bytes())
            self._known = read if isinstance(read, dict) else {}
        self._new = False

    def digest(self, file: Path) -> str:
        """Return the sha256 of a file's bytes."""
        told = file.stat()
        stamp = [told.st_dev, told.st_ino, told.st_size, told.st_mtime_ns, told.st_ctime_ns]
        name = str(file.absolute())
        known = self._known.get(name)
        if isinstance(known, list) and known[:-1] == stamp and isinstance(known[-1], str):
            return known[-1]
        digest = _sha256(_blocks(file))
        # A file may change again within the same tick of the clock.
        if time.time_ns() - told.st_ctime_ns > _SETTLED * 10**9:
            self._known.pop(name, None)
            self._known[name] = [*stamp, digest]
            self._new = True
        return digest

    def save(self) -> None:
        """Keep what was learned, if it can be kept."""
        if self._new:
            kept: Mapping[str, Any] = dict(list(self._known.items())[-_MOST_STAMPS:])
            with suppress(OSError, DiagnosticError):
                os.makedirs(self._path.parent, exist_ok=True)
                write_bytes(self._path, json.dumps(kept).encode())


def _blocks(file: Path) -> Iterator[bytes]:
    with file.open("rb", buffering=0) as opened:
        while block := opened.read(_BLOCK):
            yield block


def _sha256(blocks: Iterable[bytes]) -> str:
    hashed = hashlib.sha256()
    for block in blocks:
        hashed.update(block)
    return hashed.hexdigest()
