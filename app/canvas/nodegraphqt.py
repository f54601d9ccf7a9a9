"""The one door to NodeGraphQt: what its import needs, and the names that we use or override.

NodeGraphQt is the canvas' view and nothing else: its scene, its view, and its node, port and pipe
items. Its model, undo commands, session files, clipboard, layout and menus are never used.
"""

from __future__ import annotations

import sys
import types
import warnings


class _LooseVersion:
    """As much of the removed distutils.version as NodeGraphQt 0.6.44 asks for."""

    def __init__(self, text: str) -> None:
        self._parts = tuple(int(part) for part in text.split(".") if part.isdigit())

    def __ge__(self, other: _LooseVersion) -> bool:
        return self._parts >= other._parts


def _stand_in_for_distutils() -> None:
    """Put a small distutils.version in place; Python 3.12 has none, setuptools' is slow to load."""
    if "distutils.version" in sys.modules:
        return
    package, version = types.ModuleType("distutils"), types.ModuleType("distutils.version")
    version.LooseVersion = _LooseVersion  # type: ignore[attr-defined]
    package.version = version  # type: ignore[attr-defined]
    sys.modules.update({"distutils": package, "distutils.version": version})


_stand_in_for_distutils()
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from NodeGraphQt import NodeGraph
    from NodeGraphQt.constants import PortTypeEnum
    from NodeGraphQt.qgraphics.node_abstract import AbstractNodeItem
    from NodeGraphQt.qgraphics.pipe import LivePipeItem, PipeItem
    from NodeGraphQt.qgraphics.port import PortItem
    from NodeGraphQt.widgets.scene import NodeScene
    from NodeGraphQt.widgets.viewer import NodeViewer

IN: str = PortTypeEnum.IN.value
OUT: str = PortTypeEnum.OUT.value

__all__ = [
    "IN",
    "OUT",
    "AbstractNodeItem",
    "LivePipeItem",
    "NodeGraph",
    "NodeScene",
    "NodeViewer",
    "PipeItem",
    "PortItem",
]
