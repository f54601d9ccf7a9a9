"""Shims for two modules that NodeGraphQt 0.6.44 imports; install the shims before that import.

Why: distutils was removed in Python 3.12. Qt.py imports every Qt module, including the web engine.
This takes 0.4 s, although NodeGraphQt uses only four modules.
"""

from __future__ import annotations

import sys
import types

from PySide6 import QtCore, QtGui, QtSvg, QtWidgets

# Classes that Qt 6 moved to QtGui; NodeGraphQt still imports them from QtWidgets.
_MOVED = ("QAction", "QUndoCommand", "QUndoStack")


class _LooseVersion:
    """The part of distutils.version.LooseVersion that NodeGraphQt uses."""

    def __init__(self, text: str) -> None:
        self._parts = tuple(int(part) for part in text.split(".") if part.isdigit())

    def __ge__(self, other: _LooseVersion) -> bool:
        return self._parts >= other._parts


class _Widgets(types.ModuleType):
    """QtWidgets with the classes that Qt 6 moved to QtGui."""

    def __getattr__(self, name: str) -> object:
        return getattr(QtGui if name in _MOVED else QtWidgets, name)


def install_shims() -> None:
    """Register the shims for `Qt` and `distutils.version`, unless they are imported already."""
    if "distutils.version" not in sys.modules:
        version = _module("distutils.version", LooseVersion=_LooseVersion)
        sys.modules["distutils"] = _module("distutils", version=version)
        sys.modules["distutils.version"] = version
    if "Qt" not in sys.modules:
        qt = {"QtCore": QtCore, "QtGui": QtGui, "QtSvg": QtSvg, "QtWidgets": _Widgets("QtWidgets")}
        sys.modules["Qt"] = _module("Qt", **qt, QtCompat=_module("QtCompat"))


def _module(name: str, **attributes: object) -> types.ModuleType:
    module = types.ModuleType(name)
    vars(module).update(attributes)
    return module
