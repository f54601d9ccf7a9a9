"""Measures a window that shows live runs, in its own process; prints one JSON line.

    python -m tests.bench.live_window watch GRAPH

only follows the runs of a graph file until it is terminated, and prints each run that it follows.
"""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import Qt, QTimer

from app.shell.application import build_application
from app.shell.main_window import MainWindow
from app.training.curves.cache import load_curves
from engine.graph.serialization import file
from tests.bench.live_runs import long_run, many_runs, posts

FRAME = 16  # milliseconds
LINES, SECONDS = 1000, 10.0
STEPS, RUNS = 1_000_000, 100
ROOT = Path(__file__).parents[2]


class Frames:
    """Measures sixty times a second the delay of a frame and the CPU time of the thread for it."""

    def __init__(self) -> None:
        self.late: list[float] = []
        self.worked: list[float] = []
        self._timer = QTimer(timerType=Qt.TimerType.PreciseTimer, interval=FRAME)
        self._timer.timeout.connect(self._on_frame)

    def start(self) -> None:
        self.wall = self._last = time.perf_counter()
        self.cpu = self._spent = time.thread_time()
        self._timer.start()

    def _on_frame(self) -> None:
        now, spent = time.perf_counter(), time.thread_time()
        self.late.append((now - self._last) * 1000 - FRAME)
        self.worked.append((spent - self._spent) * 1000)
        self._last, self._spent = now, spent

    def stop(self) -> float:
        """Return the fraction of a core that the thread used."""
        self._timer.stop()
        return (time.thread_time() - self.cpu) / (time.perf_counter() - self.wall)


class Bench:
    """A window with an open graph file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.graph = folder / "posts.loom.json"
        file.write(self.graph, posts())
        self.application, self.window = build_application([self.graph])
        self.window.resize(1600, 1000)
        self.window.show()
        self.window.dock_layout.show_expanded("Training")
        self.spin(1.0)

    def spin(self, seconds: float, until: Callable[[], object] = lambda: False) -> float:
        """Process events until a condition holds; return the seconds it took."""
        began = time.perf_counter()
        while time.perf_counter() - began < seconds and not until():
            self.application.processEvents()
            time.sleep(0.001)
        return time.perf_counter() - began

    def measured(self) -> Iterator[tuple[str, float]]:
        yield from self.many()
        yield from self.long()
        yield from self.fast()
        self.window.document_manager.autosave.finish()

    def fast(self) -> Iterator[tuple[str, float]]:
        run = self.folder / "runs" / "posts-900"
        words = [sys.executable, "-m", "tests.bench.live_runs", str(run), str(LINES), str(SECONDS)]
        writer = subprocess.Popen(
            words, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert writer.stdin is not None
        assert writer.stdout is not None
        writer.stdout.readline()
        self.window.controllers.run_curves.show_curves(run)
        self.spin(20.0, lambda: _drawn(self.window))
        self.spin(1.0)
        frames = Frames()
        writer.stdin.write("go\n")
        writer.stdin.flush()
        frames.start()
        while writer.poll() is None and len(frames.late) * FRAME < SECONDS * 1000 * 1.2:
            # As in `exec`, the loop sleeps while it is idle.
            self.application.processEvents()
            time.sleep(0.0005)
        share = frames.stop()
        said = int(writer.stdout.readline())
        curves = self.window.panels.training.displayed_run.curves
        self.spin(5.0, lambda: curves.step >= said)
        assert curves.step == said, f"{curves.step} of {said} steps were heard"
        yield "events a second", said / SECONDS
        yield "thread's share of a core", share
        yield "longest work for a frame, ms", max(frames.worked)
        yield "latest frame, ms of wall time", max(frames.late)

    def long(self) -> Iterator[tuple[str, float]]:
        run = self.folder / "elsewhere" / "posts-001"
        long_run(run, STEPS)
        gc.collect()  # garbage of creating the run must not be collected by the window
        yield "open a million steps, first time, s", self._opened(run)
        self.spin(30.0, lambda: load_curves(run))  # they are cached for the next time
        yield "open a million steps, s", self._opened(run)
        charts = self.window.panels.training.run_view.charts
        charts.draw_now()
        taken = []
        for chart in charts.visible_charts:
            chart.invalidate()
            began = time.thread_time()
            charts._draw(chart)
            chart.repaint()
            taken.append((time.thread_time() - began) * 1000)
        yield "redraw a chart of it, ms", max(taken)

    def _opened(self, run: Path) -> float:
        training = self.window.panels.training
        began = time.process_time()
        self.window.controllers.run_curves.show_curves(run)
        self.spin(60.0, lambda: training.displayed_run.curves.step == STEPS and _drawn(self.window))
        return time.process_time() - began

    def many(self) -> Iterator[tuple[str, float]]:
        place = self.folder / "many"
        many_runs(place, RUNS)
        window = self.window
        window.dock_layout.show_panel("Runs")
        self.spin(0.5)
        began, spent = time.process_time(), time.thread_time()
        window.panels.runs.set_folder(place)

        def drawn() -> bool:
            chart = window.panels.runs.details.chart
            return chart is not None and len(chart.curves) == RUNS

        self.spin(30.0, drawn)
        self.application.processEvents()
        yield "overlay 100 runs, read and drawn, s", time.process_time() - began
        yield "of it in the window's thread, s", time.thread_time() - spent
        window.dock_layout.show_expanded("Training")
        self.spin(0.5)


def _drawn(window: MainWindow) -> bool:
    charts = window.panels.training.run_view.charts
    return charts is not None and bool(charts.charts) and not charts._pending


def watch(graph: Path) -> None:
    """Show the training panel for a graph file, and print each run that it follows."""
    application, window = build_application([graph])
    window.resize(1600, 1000)
    window.show()
    window.dock_layout.show_expanded("Training")
    seen = ""
    reader = QTimer(interval=100)

    def look() -> None:
        nonlocal seen
        run = window.panels.training.run_process.run
        if run is not None and str(run) != seen:
            seen = str(run)
            print(seen, flush=True)

    reader.timeout.connect(look)
    reader.start()
    application.exec()


def main() -> None:
    if sys.argv[1:2] == ["watch"]:
        watch(Path(sys.argv[2]))
        return
    print(json.dumps(dict(Bench(Path(os.environ["BENCH_FOLDER"])).measured())))


if __name__ == "__main__":
    main()
