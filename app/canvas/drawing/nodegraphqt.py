"""The one door to NodeGraphQt, and the names that we take from it.

NodeGraphQt is the canvas' view and nothing else: its scene, its view, and its node, port and pipe
items. Its model, undo commands, session files, clipboard, layout and menus are never used.
"""

from __future__ import annotations

import warnings

from app.canvas.drawing import nodegraphqt_shims

nodegraphqt_shims.put_in_place()
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from NodeGraphQt import NodeGraph
    from NodeGraphQt.constants import PortTypeEnum
    from NodeGraphQt.qgraphics.node_abstract import AbstractNodeItem
    from NodeGraphQt.qgraphics.pipe import LivePipeItem, PipeItem
    from NodeGraphQt.qgraphics.port import PortItem
    from NodeGraphQt.widgets.scene import NodeScene
    from NodeGraphQt.widgets.viewer import NodeViewer

# Qt calls a method in Python at every change of every item, forty thousand times for a thousand
# nodes. What these two do, redraw wires and light them up, our nodes do once.
for _item in (PortItem, PipeItem):
    if "itemChange" in vars(_item):
        del _item.itemChange

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
