"""Which data a document was trained on, and where runs of it lie, from one start to the next."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Literal

from PySide6.QtCore import QSettings

What = Literal["data", "validation", "test"]


def kept_data(file: Path, what: What = "data") -> Path | None:
    """Return the data of a document by its file, None if none was chosen."""
    try:
        said = json.loads(str(_store().value(_key(file, what), "null")))
    except ValueError:
        return None
    return Path(said) if isinstance(said, str) and said else None


def keep_data(file: Path, data: Path | None, what: What = "data") -> None:
    """Remember the data of a document; None forgets it."""
    _store().setValue(_key(file, what), json.dumps(None if data is None else str(data)))


def kept_runs(file: Path) -> tuple[Path, ...]:
    """Return the runs of a document that do not lie beside its file."""
    try:
        said = json.loads(str(_store().value(_key(file, "runs"), "[]")))
    except ValueError:
        return ()
    return tuple(Path(run) for run in said) if isinstance(said, list) else ()


def keep_runs(file: Path, runs: tuple[Path, ...]) -> None:
    """Remember the runs of a document that do not lie beside its file."""
    if runs:
        _store().setValue(_key(file, "runs"), json.dumps([str(run) for run in runs]))
    else:
        _store().remove(_key(file, "runs"))


def _store() -> QSettings:
    return QSettings(
        QSettings.Format.IniFormat, QSettings.Scope.UserScope, "Layerloom", "Layerloom"
    )


def _key(file: Path, what: What | Literal["runs"]) -> str:
    return f"training/{what}/" + hashlib.sha256(os.fsencode(file.absolute())).hexdigest()[:24]
