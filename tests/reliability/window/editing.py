"""A program that edits continuously until it is killed; test_edits.py starts it.

Arguments: recovery folder, title, nodes. Each edit is printed with its time once it is
made; its number is the `units` of the first node.
"""

import os
import random
import sys
import time
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from app.documents.session import Session
from app.documents.workspace import Workspace
from app.files.documents.document_manager import DocumentManager
from app.settings import Settings
from app.theme.theme import Theme
from engine.graph.model import Graph, Node, Project


class Drawing:
    """Sets the units of the first node again and again."""

    def __init__(self, session: Session) -> None:
        self.session, self.count = session, 0
        self.timer = QTimer(singleShot=True)
        self.timer.timeout.connect(self.edit)
        self.timer.start(0)

    def edit(self) -> None:
        """Make an edit, print it, and wait for 50 to 100 ms."""
        self.count += 1
        graph = self.session.graph
        first = replace(graph.nodes[0], params={"units": self.count})
        self.session.apply("Set units", self.session.project.with_graph(graph.with_nodes(first)))
        os.write(1, f"{self.count} {time.monotonic()!r}\n".encode())
        self.timer.start(random.randint(50, 100))


def main() -> None:
    """Edit until killed."""
    folder, title, nodes = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    app = QApplication([])
    first = Node("n0", "Dense", params={"units": 0})
    others = (Node(f"n{n}", "Dense", {"x": f"n{n - 1}"}) for n in range(1, nodes))
    workspace = Workspace(Session(Project(Graph((first, *others))), title=title))
    files = DocumentManager(workspace, Settings(), Theme("dark"), None, folder)
    drawing = Drawing(workspace.session)
    app.exec()
    assert files
    assert drawing


main()
