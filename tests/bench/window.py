"""What the window costs: CPU time of its thread, off screen, one thousand nodes.

Run in a process of its own, so that the start counts from nothing; prints one JSON line.
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

NODES = 1000
REPEATS = 15


def milliseconds(work: Callable[[], object]) -> float:
    began = time.thread_time()
    work()
    return (time.thread_time() - began) * 1000


def median(work: Callable[[int], object], repeats: int = REPEATS) -> float:
    return statistics.median(milliseconds(lambda at=at: work(at)) for at in range(repeats))


def large(count: int):
    """Rows of Dense layers with an Add every third one, as people stack blocks."""
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


def measured(folder: Path) -> Iterator[tuple[str, float]]:
    from app.start import build

    application, window = build()
    window.show()
    application.processEvents()
    yield "start to first painted window", time.process_time() * 1000
    assert "torch" not in sys.modules

    from engine.graph import edits, file

    path = folder / "large.loom.json"
    file.write(path, large(NODES))

    def opened() -> None:
        window.files.open(path)
        application.processEvents()
        window.tabs.canvas.looking.fit()
        application.processEvents()

    yield "open and paint the file", milliseconds(opened)
    canvas, session = window.tabs.canvas, window.workspace.session
    viewer = canvas.viewer

    def painted() -> None:
        viewer.viewport().repaint()
        application.processEvents()

    def pan(_: int) -> None:
        from PySide6.QtCore import QPoint

        viewer.pan_by(QPoint(9, 5))
        application.processEvents()

    def zoom(at: int) -> None:
        viewer.set_zoom_at(viewer.zoom * (1.03 if at % 2 else 1 / 1.03))
        application.processEvents()

    yield "pan, overview", median(pan)
    yield "zoom, overview", median(zoom)
    viewer.set_zoom_at(0.33)
    application.processEvents()
    yield (
        "nodes in sight when readable",
        float(
            sum(
                viewer.in_sight.intersects(item.sceneBoundingRect())
                for item in canvas.picture.nodes.values()
            )
        ),
    )
    yield "pan, readable", median(pan)
    yield "zoom, readable", median(zoom)

    from PySide6.QtCore import QPoint, Qt
    from PySide6.QtTest import QTest

    item = min(
        canvas.picture.nodes.values(),
        key=lambda node: (
            node.sceneBoundingRect().center() - viewer.in_sight.center()
        ).manhattanLength(),
    )
    start = viewer.mapFromScene(item.pos()) + QPoint(40, 8)
    QTest.mouseMove(viewer.viewport(), start)
    QTest.mousePress(
        viewer.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, start
    )

    def drag(at: int) -> None:
        QTest.mouseMove(viewer.viewport(), start + QPoint(10 * (at + 1), 6 * at))
        application.processEvents()

    yield "drag a node, a move", median(drag)
    QTest.mouseRelease(
        viewer.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, start
    )
    session.undo()
    application.processEvents()

    def edited(at: int) -> None:
        session.edit(
            "Set units", edits.set_params, "dense_6", {"activation": ("relu", "tanh")[at % 2]}
        )
        application.processEvents()

    yield "edit a parameter, checked and painted", median(edited)

    def tidied() -> None:
        canvas.editing.tidy()

    yield "tidy", milliseconds(tidied)
    session.undo()
    application.processEvents()
    session.select([node.name for node in session.graph.nodes[200:700]])
    yield (
        "delete 500 nodes",
        milliseconds(lambda: (canvas.editing.delete(), application.processEvents())),
    )
    yield "undo of that", milliseconds(lambda: (session.undo(), application.processEvents()))
    yield "save", milliseconds(lambda: window.files.save(session))
    window.files.autosave.finish()


def main() -> None:
    folder = Path(os.environ["BENCH_FOLDER"])
    print(json.dumps(dict(measured(folder))))


if __name__ == "__main__":
    main()
