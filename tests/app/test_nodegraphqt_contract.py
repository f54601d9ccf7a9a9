"""What the canvas takes from NodeGraphQt is there, in the form that it stands on."""

from __future__ import annotations

import ast
import importlib.metadata
import inspect
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtWidgets import QGraphicsTextItem, QRubberBand

from app.canvas.drawing import nodegraphqt_shims
from app.canvas.drawing.nodegraphqt import (
    IN,
    OUT,
    AbstractNodeItem,
    BasePortItem,
    LivePipeItem,
    NodeGraph,
    NodeScene,
    NodeViewer,
    PipeItem,
)
from app.canvas.items.node_item import NodeItem
from app.canvas.items.node_view import NodeViewModel, PortSlot
from app.canvas.items.port_item import PortItem
from app.canvas.items.wire_item import WireItem
from app.canvas.view.viewer import CanvasViewer

ROOT = Path(__file__).parents[2]
VERSION = "0.6.44"

# What is called or set by name: class, name, its parameters; None is a property.
USED = [
    (NodeGraph, "undo_stack", ["self"]),
    (NodeGraph, "__init__", ["self", "parent", "kwargs"]),
    (NodeViewer, "__init__", ["self", "parent", "undo_stack"]),
    (NodeViewer, "add_node", ["self", "node", "pos"]),
    (NodeViewer, "_update_scene", ["self"]),
    (NodeScene, "viewer", ["self"]),
    (AbstractNodeItem, "__init__", ["self", "name", "parent"]),
    (AbstractNodeItem, "pre_init", ["self", "viewer", "pos"]),
    (AbstractNodeItem, "viewer", ["self"]),
    (AbstractNodeItem, "delete", ["self"]),
    (AbstractNodeItem, "setSelected", ["self", "selected"]),
    (AbstractNodeItem, "id", None),
    (AbstractNodeItem, "name", None),
    (AbstractNodeItem, "width", None),
    (AbstractNodeItem, "height", None),
    (BasePortItem, "add_pipe", ["self", "pipe"]),
    (BasePortItem, "remove_pipe", ["self", "pipe"]),
    (BasePortItem, "connected_pipes", None),
    (BasePortItem, "hovered", None),
    (BasePortItem, "name", None),
    (BasePortItem, "node", None),
    (PipeItem, "delete", ["self"]),
]

OURS = [
    (CanvasViewer, NodeViewer), (NodeItem, AbstractNodeItem), (PortItem, BasePortItem),
    (WireItem, PipeItem),
]  # fmt: skip


def test_the_version_is_pinned():
    assert importlib.metadata.version("NodeGraphQt") == VERSION
    assert f'"NodeGraphQt=={VERSION}"' in (ROOT / "pyproject.toml").read_text("utf-8")


def test_each_name_that_is_used_is_there():
    for cls, name, parameters in USED:
        assert name in vars(cls), f"{name} of {cls} itself, not of Qt"
        found = inspect.getattr_static(cls, name)
        if parameters is None:
            assert isinstance(found, property), name
        else:
            assert list(inspect.signature(found).parameters) == parameters, name


@pytest.mark.parametrize(("ours", "theirs"), OURS)
def test_what_is_overridden_can_be_called_as_before(ours, theirs):
    """NodeGraphQt calls methods of its items by itself: ours take what it gives."""
    shared = [name for name in vars(ours) if name in vars(theirs) and name != "__init__"]
    for name in shared:
        mine, base = vars(ours)[name], vars(theirs)[name]
        if inspect.isfunction(base) and inspect.isfunction(mine):
            given = [p.name for p in inspect.signature(base).parameters.values()]
            inspect.signature(mine).bind(*given)
        elif isinstance(base, property):
            assert isinstance(mine, property), name
            assert (base.fset is None) <= (mine.fset is None) or mine.fset, name


@pytest.fixture
def viewer(theme) -> CanvasViewer:
    return CanvasViewer(theme)


def test_private_parts_of_the_viewer(viewer):
    assert isinstance(viewer._rubber_band, QRubberBand)
    assert isinstance(viewer._cursor_text, QGraphicsTextItem)
    assert isinstance(viewer._LIVE_PIPE, LivePipeItem)
    assert isinstance(viewer.scene(), NodeScene)
    assert viewer.scene().viewer() is viewer


def test_private_parts_of_items(viewer, theme):
    face = NodeViewModel("a", "Dense", "dense", inputs=(PortSlot("x"),), outputs=(PortSlot(""),))
    node, other = NodeItem(theme, face), NodeItem(theme, face)
    place, wire = node.outputs[0], WireItem(theme)
    assert {"id", "name", "type_", "disabled"} <= node._properties.keys()
    assert (place._pipes, place._hovered) == ([], False)
    assert {"_port_type", "_multi_connection"} <= vars(BasePortItem()).keys()
    assert {"_input_port", "_output_port"} <= vars(PipeItem()).keys()
    viewer.add_node(node)
    viewer.add_node(other)
    viewer.scene().addItem(wire)
    wire.set_ports(place, other.inputs[0])
    assert node.viewer() is viewer
    assert place.node is node
    assert place.connected_ports == [other.inputs[0]], "NodeGraphQt can follow the wire"
    assert (wire.output_port, wire.input_port) == (place, other.inputs[0])
    wire.delete()
    assert place._pipes == other.inputs[0]._pipes == []
    node.delete()
    assert node.scene() is None


def test_a_graph_takes_our_viewer_and_its_history_stays_empty(viewer, qtbot):
    graph = NodeGraph(viewer=viewer)
    assert graph.viewer() is viewer
    assert graph.undo_stack().count() == 0
    assert (IN, OUT) == ("in", "out")


def loaded() -> list[Path]:
    """Return the files of NodeGraphQt that are loaded."""
    names = [name for name in sys.modules if name.partition(".")[0] == "NodeGraphQt"]
    return [Path(sys.modules[name].__file__ or "") for name in names]


def test_stand_ins_hold_what_is_asked_for():
    """Every `QtWidgets.X` in a loaded file of NodeGraphQt can be found, run or not."""
    stands = sys.modules["Qt"]
    missing = set()
    for path in loaded():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module == "Qt":
                missing |= {alias.name for alias in node.names if not hasattr(stands, alias.name)}
            elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                module = getattr(stands, node.value.id, None)
                if module is not None and not hasattr(module, node.attr):
                    missing.add(f"{path.name}: {node.value.id}.{node.attr}")
    # Its tab search and its editors of values, which nothing here opens, look for what Qt 6 lost.
    lost = ("QtCompat", "QRegExp")
    assert {one for one in missing if not any(name in one for name in lost)} == set()


def test_versions_are_compared():
    version = nodegraphqt_shims._LooseVersion
    assert version("6.11.1") >= version("5.10")
    assert not version("5.9") >= version("5.10")


def test_a_fresh_program_loads_four_modules_of_qt_and_no_more():
    program = (
        "import sys, app.canvas.drawing.nodegraphqt\n"
        "print(*sorted(name for name in sys.modules if name.startswith('PySide6.Qt')))\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [
        f"PySide6.Qt{name}" for name in ("Core", "Gui", "Svg", "Widgets")
    ]
