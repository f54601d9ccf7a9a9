"""The only module that imports NodeGraphQt; it exports the names that the canvas uses.

The canvas uses the scene, the view, and the node, port and pipe items of NodeGraphQt. It does not
use NodeGraphQt's model, undo commands, session files, clipboard, layout and menus.
"""

from __future__ import annotations

import warnings

from app.canvas.drawing import nodegraphqt_shims

nodegraphqt_shims.install_shims()
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from NodeGraphQt import NodeGraph
    from NodeGraphQt.constants import PortTypeEnum
    from NodeGraphQt.qgraphics.node_abstract import AbstractNodeItem
    from NodeGraphQt.qgraphics.pipe import LivePipeItem, PipeItem
    from NodeGraphQt.qgraphics.port import PortItem as BasePortItem
    from NodeGraphQt.widgets.scene import NodeScene
    from NodeGraphQt.widgets.viewer import NodeViewer

# Qt calls a Python itemChange at every change of every item: 40,000 times for 1,000 nodes. The
# methods of these two classes only redraw and highlight wires, which NodeItem does once per node.
for _item in (BasePortItem, PipeItem):
    if "itemChange" in vars(_item):
        del _item.itemChange

IN: str = PortTypeEnum.IN.value
OUT: str = PortTypeEnum.OUT.value

__all__ = [
    "IN",
    "OUT",
    "AbstractNodeItem",
    "BasePortItem",
    "LivePipeItem",
    "NodeGraph",
    "NodeScene",
    "NodeViewer",
    "PipeItem",
]
