"""Baseline for the benchmark of the window: unmodified NodeGraphQt with the same thousand nodes."""

from __future__ import annotations

import json
import os
import statistics
import time
from collections.abc import Callable, Iterator

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

REPEATS = 5


def milliseconds(work: Callable[[], object]) -> float:
    began = time.thread_time()
    work()
    return (time.thread_time() - began) * 1000


def measured() -> Iterator[tuple[str, float]]:
    from NodeGraphQt import BaseNode, NodeGraph
    from PySide6.QtCore import QPoint
    from PySide6.QtWidgets import QApplication

    import app.canvas.drawing.nodegraphqt  # noqa: F401 - prepares the import of NodeGraphQt
    from tests.bench.window import NODES, large

    application = QApplication([])

    class Layer(BaseNode):
        __identifier__ = "bench"
        NODE_NAME = "Layer"

        def __init__(self) -> None:
            super().__init__()
            self.add_input("x", multi_input=True)
            self.add_output("out")

    graph = NodeGraph()
    graph.register_node(Layer)
    viewer = graph.viewer()
    viewer.resize(860, 460)
    viewer.show()
    application.processEvents()
    project = large(NODES)
    drawn: dict[str, BaseNode] = {}

    def opened() -> None:
        for node in project.graph:
            at = project.view["nodes"][node.name]["at"]
            drawn[node.name] = graph.create_node(
                "bench.Layer", name=node.name, pos=at, selected=False, push_undo=False
            )
        for node in project.graph:
            for source in node.sources():
                drawn[source].output(0).connect_to(drawn[node.name].input(0), push_undo=False)
        graph.fit_to_selection()
        application.processEvents()

    yield "open and paint the file", milliseconds(opened)

    def pan() -> None:
        viewer._set_viewer_pan(9, 5)
        application.processEvents()

    def zoom() -> None:
        viewer._set_viewer_zoom(10, pos=QPoint(400, 200))
        application.processEvents()

    yield "pan, overview", statistics.median(milliseconds(pan) for _ in range(REPEATS))
    yield "zoom, overview", statistics.median(milliseconds(zoom) for _ in range(REPEATS))
    gone = [drawn[node.name] for node in project.graph.nodes[200:700]]
    yield "delete 500 nodes", milliseconds(lambda: graph.delete_nodes(gone))
    yield (
        "undo of that",
        milliseconds(lambda: (graph.undo_stack().undo(), application.processEvents())),
    )


if __name__ == "__main__":
    print(json.dumps(dict(measured())))
