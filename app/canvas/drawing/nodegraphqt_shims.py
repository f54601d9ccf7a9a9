"""Small stand-ins for two modules that NodeGraphQt 0.6.44 imports; to be put in place before it.

Why: distutils is gone from Python 3.12. Qt.py tries every binding and loads every module of Qt,
which takes a fifth of a second and a web engine's worth of libraries; NodeGraphQt uses four.
"""

from __future__ import annotations

import sys
import types

from PySide6 import QtCore, QtGui, QtSvg, QtWidgets

# Classes that Qt 6 moved to QtGui, and that are still looked for at their old place.
_MOVED = ("QAction", "QUndoCommand", "QUndoStack")


class _LooseVersion:
    """As much of distutils' class as is asked for."""

    def __init__(self, text: str) -> None:
        self._parts = tuple(int(part) for part in text.split(".") if part.isdigit())

    def __ge__(self, other: _LooseVersion) -> bool:
        return self._parts >= other._parts


class _Widgets(types.ModuleType):
    """QtWidgets as it was before some of its classes moved."""

    def __getattr__(self, name: str) -> object:
        return getattr(QtGui if name in _MOVED else QtWidgets, name)


def put_in_place() -> None:
    """Let `import Qt` and `import distutils.version` find the stand-ins, where nothing is yet."""
    if "distutils.version" not in sys.modules:
        version = _module("distutils.version", LooseVersion=_LooseVersion)
        sys.modules["distutils"] = _module("distutils", version=version)
        sys.modules["distutils.version"] = version
    if "Qt" not in sys.modules:
        qt = {"QtCore": QtCore, "QtGui": QtGui, "QtSvg": QtSvg, "QtWidgets": _Widgets("QtWidgets")}
        sys.modules["Qt"] = _module("Qt", **qt, QtCompat=_module("QtCompat"))


def _module(title: str, **names: object) -> types.ModuleType:
    module = types.ModuleType(title)
    vars(module).update(names)
    return module
