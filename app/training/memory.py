"""Which data a document was trained on last, from one start of the window to the next."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

from PySide6.QtCore import QSettings

from app.session import Session


class DataMemory:
    """The data of each document, by its file; that of a document never saved until it closes."""

    def __init__(self) -> None:
        self._store = QSettings(
            QSettings.Format.IniFormat, QSettings.Scope.UserScope, "Layerloom", "Layerloom"
        )
        self._unsaved: dict[Session, Path] = {}

    def recall(self, session: Session) -> Path | None:
        """Answer the data of a document, None if none was chosen."""
        if session in self._unsaved:
            data = self._unsaved[session]
            if session.path is not None:  # it has been saved meanwhile
                self.keep(session, data)
            return data
        if session.path is None:
            return None
        try:
            said = json.loads(str(self._store.value(_key(session.path), "null")))
        except ValueError:
            return None
        return Path(said) if isinstance(said, str) and said else None

    def keep(self, session: Session, data: Path) -> None:
        """Remember the data of a document."""
        if session.path is None:
            self._unsaved[session] = data
        else:
            self._unsaved.pop(session, None)
            self._store.setValue(_key(session.path), json.dumps(str(data)))

    def forget(self, session: Session) -> None:
        """Let a closed document go."""
        self._unsaved.pop(session, None)


def _key(path: Path) -> str:
    return "training/data/" + hashlib.sha256(os.fsencode(path.absolute())).hexdigest()[:24]
