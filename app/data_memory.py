"""Which data a document was trained on last, from one start of the window to the next."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Literal

from PySide6.QtCore import QSettings

What = Literal["data", "validation", "test"]


def kept_data(file: Path, what: What = "data") -> Path | None:
    """Answer the data of a document by its file, None if none was chosen."""
    try:
        said = json.loads(str(_store().value(_key(file, what), "null")))
    except ValueError:
        return None
    return Path(said) if isinstance(said, str) and said else None


def keep_data(file: Path, data: Path | None, what: What = "data") -> None:
    """Remember the data of a document; None forgets it."""
    _store().setValue(_key(file, what), json.dumps(None if data is None else str(data)))


def _store() -> QSettings:
    return QSettings(
        QSettings.Format.IniFormat, QSettings.Scope.UserScope, "Layerloom", "Layerloom"
    )


def _key(file: Path, what: What) -> str:
    return f"training/{what}/" + hashlib.sha256(os.fsencode(file.absolute())).hexdigest()[:24]
