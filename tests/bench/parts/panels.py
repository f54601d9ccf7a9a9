"""Measures searches, menus and panels with 1,000 nodes, off screen; prints one JSON line."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QPoint, QSignalBlocker
from PySide6.QtWidgets import QApplication, QWidget

from app.documents.session import Session
from app.documents.workspace import Workspace
from app.find.search import NodeFinder
from app.inspector.panel import InspectorPanel
from app.outline.panel import OutlinePanel
from app.palette.menu import AddMenu
from app.problems.panel import ProblemsPanel
from app.runs.run_details import RunDetails
from app.settings import Settings
from app.source.panel import SourcePanel
from app.summary.panel import SummaryPanel
from app.text.layer_search import search_layers
from app.theme.style import apply_theme
from app.theme.theme import Theme
from engine.graph.edits import field_edits
from engine.graph.model import Graph, Node, Project
from engine.runs.comparison.run_table import read_run_table
from tests.app.training.made import made_run
from tests.bench.parts.part import Part, alone
from tests.bench.window import NODES, large

FOLDER = Path(os.environ["BENCH_FOLDER"])
TYPED = ("g", "gl", "global average", "mean", "zzzzzz", "a", "conv transpose 2")
RUNS = 100


class Desk:
    """A document of many nodes, and the panels that show it one after the other."""

    def __init__(self) -> None:
        self.application = QApplication([])
        self.theme = Theme("dark")
        apply_theme(self.application, self.theme)
        self.session = Session()
        self.workspace = Workspace(self.session)

    def shown(self, widget: QWidget) -> None:
        widget.resize(640, 520)
        widget.show()
        self.application.processEvents()

    def measured(self) -> Iterator[Part]:
        search_layers("warm")
        yield alone("layer search, a keystroke", search_layers, TYPED * 20)
        yield self.menu()
        sound, faulty = large(NODES), all_wrong(NODES)
        activation, units = ("dense_6", {"activation": "tanh"}), ("dense_6", {"units": 65})
        for title, panel, project, edit in (
            ("source panel", SourcePanel, sound, activation),
            ("summary panel", SummaryPanel, sound, units),
            ("outline panel", OutlinePanel, sound, activation),
            ("problems panel", ProblemsPanel, faulty, units),
        ):
            edited = field_edits.set_params(project, *edit)
            yield from self.panel(title, panel(self.workspace, self.theme), project, edited)
        yield self.form()
        finder = NodeFinder()
        finder.find(sound.graph, "dense 500")
        yield alone("find in 1,000 nodes", lambda _: finder.find(sound.graph, "dense 500"))
        yield self.curves()

    def menu(self) -> Part:
        menu = AddMenu(self.theme, Settings())

        def opened(_: int) -> None:
            menu.open_at(QPoint(10, 10))
            menu.grab()

        def closed() -> Iterator[int]:
            for at in range(15):
                menu.close()
                yield at

        opened(0)
        return alone("palette menu, opened and painted", opened, closed())

    def panel(
        self, title: str, panel: QWidget, project: Project, edited: Project
    ) -> Iterator[Part]:
        """Measure a panel when all nodes are new, and when a field was edited."""
        refresh: Callable[[], None] = getattr(panel, "refresh", lambda: None)
        self.shown(panel)

        def show(_: object) -> None:
            self.workspace.report_changed.emit()
            refresh()
            self.application.processEvents()

        def checked(*projects: Project) -> Iterator[int]:
            """Put another project into the document before each call, behind the panel's back."""
            for at in range(9):
                for each in projects[:-1]:
                    self.apply(each)
                    show(at)
                self.apply(projects[-1])
                yield at

        yield alone(f"{title}, {NODES:,} new nodes", show, checked(Project(), project))
        yield alone(f"{title}, a field edited", show, checked(project, edited))
        panel.hide()

    def apply(self, project: Project) -> None:
        with QSignalBlocker(self.workspace):
            self.session.apply("Bench", project)
            self.session.current_report()

    def form(self) -> Part:
        panel = InspectorPanel(self.workspace, self.theme, Settings())
        self.shown(panel)
        lstm = Node("memory", "LSTM", params={"units": 3})
        self.apply(Project(Graph((lstm, Node("age", "Output")))))

        def build(name: str) -> None:
            self.session.select([name])
            panel._rebuild()  # at once
            self.application.processEvents()

        def another() -> Iterator[str]:
            for _ in range(9):
                build("age")
                yield "memory"

        part = alone("form of an LSTM, built and painted", build, another())
        panel.hide()
        return part

    def curves(self) -> Part:
        nodes = (Node("x", "Input"), Node("y", "Output", {"x": "x"}, {"loss": "mse"}))
        for number in range(RUNS):
            made_run(FOLDER / "runs" / f"run-{number:03}", Project(Graph(nodes)), "run")
        entries = read_run_table(FOLDER / "runs")
        assert len(entries) == RUNS
        details = RunDetails(self.theme)
        self.shown(details)

        def draw(_: int) -> None:
            details.show_runs(entries)
            details.grab()

        draw(0)
        assert len(details.chart.curves) == RUNS
        return alone(f"curves of {RUNS} runs, drawn and painted", draw, range(5))


def all_wrong(count: int) -> Project:
    """Return a project with at least one error at each node."""
    return Project(
        Graph(tuple(Node(f"dense_{n}", "Dense", params={"units": 0}) for n in range(count)))
    )


if __name__ == "__main__":
    print(json.dumps(list(Desk().measured())))
