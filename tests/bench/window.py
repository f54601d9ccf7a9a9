"""Measures the window: CPU time of its thread, off screen, with one thousand nodes.

Runs in its own process, to measure a full start; prints one JSON line.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

NODES, MOST_NODES = 1000, 5000
REPEATS = 15
READABLE = 90  # visible nodes at a zoom level at which text is readable


def milliseconds(work: Callable[[], object]) -> float:
    began = time.thread_time()
    work()
    return (time.thread_time() - began) * 1000


def median(work: Callable[[int], object], repeats: int = REPEATS) -> float:
    return statistics.median(milliseconds(lambda at=at: work(at)) for at in range(repeats))


def large(count: int):
    """Return a project of Dense layers with regular residual additions."""
    from engine.graph.model import Graph, Node, Project

    nodes = [Node("x", "Input", params={"shape": [64]})]
    before = "x"
    while len(nodes) < count - 1:
        number = len(nodes)
        name = f"dense_{number}"
        nodes.append(Node(name, "Dense", {"x": before}, {"units": 64, "activation": "relu"}))
        if number % 4 == 0:
            nodes.append(Node(f"add_{number}", "Add", {"xs": (name, before)}))
            name = f"add_{number}"
        before = name
    nodes.append(Node("y", "Output", {"x": before}, {"loss": "mse"}))
    at = {
        node.name: {"at": [260 * (place % 40), 140 * (place // 40)]}
        for place, node in enumerate(nodes)
    }
    return Project(Graph(tuple(nodes)), view={"nodes": at})


class Bench:
    """A window, measured in several stages."""

    def __init__(self, folder: Path) -> None:
        from app.main import start

        self.folder = folder
        opened = start()
        assert opened is not None
        self.application, self.window = opened
        self.settle()

    def settle(self) -> None:
        self.application.processEvents()

    def measured(self) -> Iterator[tuple[str, float]]:
        yield "start to first painted window", time.process_time() * 1000
        assert "torch" not in sys.modules
        self.window.resize(1920, 1080)
        self.settle()
        yield from self.opened()
        yield from self.looked_at()
        yield from self.dragged()
        yield from self.edited()
        yield from self.largest()
        self.window.document_manager.autosave.finish()

    def opened(self) -> Iterator[tuple[str, float]]:
        from engine.graph.serialization import file

        path = self.folder / "large.loom.json"
        file.write(path, large(NODES))

        def opened() -> None:
            self.window.document_manager.open(path)
            self.settle()
            self.window.tabs.canvas.navigation.fit()
            self.settle()

        yield "open and paint the file", milliseconds(opened)
        self.canvas, self.session = self.window.tabs.canvas, self.window.workspace.session
        self.viewer = self.canvas.viewer

    def looked_at(self) -> Iterator[tuple[str, float]]:
        from PySide6.QtCore import QPoint

        def pan(_: int) -> None:
            self.viewer.pan_by(QPoint(9, 5))
            self.settle()

        def zoom(at: int) -> None:
            self.viewer.set_zoom_at(self.viewer.zoom * (1.03 if at % 2 else 1 / 1.03))
            self.settle()

        yield "pan, overview", median(pan)
        yield "zoom, overview", median(zoom)
        self.viewer.set_zoom_at(1.0)
        while self.nodes_in_sight < READABLE:
            self.viewer.set_zoom_at(self.viewer.zoom * 0.95)
        self.settle()
        yield "nodes in sight when readable", self.nodes_in_sight
        yield "at a zoom of", self.viewer.zoom
        yield "pan, readable", median(pan)
        yield "zoom, readable", median(zoom)

    def largest(self) -> Iterator[tuple[str, float]]:
        """Yield figures of a file of as many nodes as there may be, opened without positions."""
        from dataclasses import replace

        from PySide6.QtCore import QPoint

        from engine.graph.edits import field_edits
        from engine.graph.serialization import file

        path = self.folder / "largest.loom.json"
        file.write(path, replace(large(MOST_NODES), view={}))

        def opened() -> None:
            self.window.document_manager.open(path)
            self.settle()

        yield "5,000 nodes: open, lay out and paint", milliseconds(opened)
        canvas, session = self.window.tabs.canvas, self.window.workspace.session
        viewer = canvas.viewer
        canvas.navigation.fit()
        self.settle()

        def pan(_: int) -> None:
            viewer.pan_by(QPoint(9, 5))
            self.settle()

        def zoom(at: int) -> None:
            viewer.set_zoom_at(viewer.zoom * (1.03 if at % 2 else 1 / 1.03))
            self.settle()

        def edit(node: str, units: int) -> None:
            session.edit("Set units", field_edits.set_params, node, {"units": units})
            self.settle()

        def shape(sizes: list[int]) -> None:
            session.edit("Set shape", field_edits.set_params, "x", {"shape": sizes})
            self.settle()

        def restored(_: int) -> float:
            shape([])
            return milliseconds(lambda: shape([64]))

        def tidied(_: int) -> float:
            spent = milliseconds(lambda: (canvas.arrange_actions.tidy(), self.settle()))
            session.undo()
            self.settle()
            return spent

        last = next(node for node in reversed(session.graph.nodes) if node.kind == "Dense").name
        pans, zooms = median(pan), median(zoom)
        yield "5,000 nodes: pan, overview", pans
        yield "5,000 nodes: zoom, overview", zooms
        yield "5,000 nodes: pan, ratio to a frame of 16 ms", pans / 16
        yield "5,000 nodes: zoom, ratio to a frame of 16 ms", zooms / 16
        few = median(lambda at: edit(last, 32 + at), 7)
        yield "5,000 nodes: edit near the end, checked and painted", few
        many = median(lambda at: edit("dense_1", 32 + at), 7)
        yield "5,000 nodes: edit at the start, checked and painted", many
        restores, tidies = statistics.median(map(restored, range(7))), map(tidied, range(5))
        yield "5,000 nodes: shape of the Input restored", restores
        yield "5,000 nodes: tidy", statistics.median(tidies)

    @property
    def nodes_in_sight(self) -> float:
        seen, nodes = self.viewer.visible_rect, self.canvas.scene_sync.nodes.values()
        return float(sum(seen.intersects(node.scene_rect) for node in nodes))

    def dragged(self) -> Iterator[tuple[str, float]]:
        from PySide6.QtCore import QPoint, Qt
        from PySide6.QtTest import QTest

        middle = self.viewer.visible_rect.center()
        item = min(
            self.canvas.scene_sync.nodes.values(),
            key=lambda node: (node.scene_rect.center() - middle).manhattanLength(),
        )
        start = self.viewer.mapFromScene(item.pos()) + QPoint(40, 8)
        viewport, left = self.viewer.viewport(), Qt.MouseButton.LeftButton
        none = Qt.KeyboardModifier.NoModifier
        QTest.mouseMove(viewport, start)
        QTest.mousePress(viewport, left, none, start)

        def drag(at: int) -> None:
            QTest.mouseMove(viewport, start + QPoint(10 * (at + 1), 6 * at))
            self.settle()

        yield "drag a node, a move", median(drag)
        QTest.mouseRelease(viewport, left, none, start)
        self.session.undo()
        self.settle()

    def edited(self) -> Iterator[tuple[str, float]]:
        from engine.graph.edits import field_edits

        session, canvas = self.session, self.canvas

        def edit(at: int) -> None:
            curve = ("tanh", "sigmoid")[at % 2]
            session.edit("Set activation", field_edits.set_params, "dense_6", {"activation": curve})
            self.settle()

        def then_painted(work: Callable[[], object]) -> float:
            return milliseconds(lambda: (work(), self.settle()))

        yield "edit a parameter, checked and painted", median(edit)
        yield "tidy", milliseconds(canvas.arrange_actions.tidy)
        session.undo()
        self.settle()
        session.select([node.name for node in session.graph.nodes[200:700]])
        yield "delete 500 nodes", then_painted(canvas.edit_actions.delete)
        yield "undo of that", then_painted(session.undo)
        yield "save", milliseconds(lambda: self.window.document_manager.saver.save(session))


def main() -> None:
    folder = Path(os.environ["BENCH_FOLDER"])
    print(json.dumps(dict(Bench(folder).measured())))


if __name__ == "__main__":
    main()
