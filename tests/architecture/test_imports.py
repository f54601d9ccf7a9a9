"""Checking a graph never pays for torch."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HEAVY = {"torch", "PySide6", "shiboken6", "NodeGraphQt", "pyqtgraph", "lightning_fabric"}


def loaded_after(statement: str) -> set[str]:
    """Return the top-level modules in `sys.modules` of a fresh process after `statement`."""
    code = f"{statement}\nimport json, sys; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    return {name.split(".")[0] for name in json.loads(done.stdout.splitlines()[-1])}


LIGHT = (
    "engine.check.report, engine.compile.torch_source, engine.cli, engine.runs.state.run_state, "
    "engine.graph.undo_history"
)


@pytest.mark.slow
def test_modules_that_check_or_show_load_neither_torch_nor_qt_nor_numpy():
    assert not loaded_after(f"import {LIGHT}") & (HEAVY | {"numpy", "pyarrow"})


NOTEBOOK = """
import sys
from engine import Input, Model, layers
heavy = lambda: {"torch", "numpy", "pyarrow", "PySide6"} & sys.modules.keys()
assert not heavy(), heavy()
points = Input((3,))
model = Model(points, layers.Dense(1)(layers.Dense(4, activation="relu")(points)))
model.summary(print_fn=str)
model.plot()
assert not heavy(), heavy()
"""


def test_a_network_is_written_in_python_without_torch_numpy_or_qt():
    loaded = loaded_after("from engine import Input, layers")
    assert not loaded & (HEAVY | {"numpy", "pyarrow"})
    assert "torch" not in loaded_after(NOTEBOOK)


@pytest.mark.slow
def test_torch_is_there_after_the_first_fit():
    loaded = loaded_after(
        f"{NOTEBOOK}\n"
        "import numpy, warnings\n"
        "warnings.simplefilter('ignore')\n"
        "model.compile('sgd', 'mse')\n"
        "model.fit(numpy.ones((4, 3)), numpy.arange(4.0), verbose=0)"
    )
    assert "torch" in loaded
    assert not loaded & {"PySide6", "lightning_fabric", "keras", "pyarrow"}


@pytest.mark.slow
def test_a_training_on_arrays_in_a_file_does_without_pyarrow(tmp_path):
    loaded = loaded_after(
        "from engine.cli import main\n"
        f"path, data = {str(tmp_path / 'n.loom.json')!r}, {str(tmp_path / 'd')!r}\n"
        f"run = {str(tmp_path / 'run')!r}\n"
        "for words in (['new', 'posts', path], ['sample', 'posts', data, '--rows', '200'],\n"
        "              ['train', path, '--data', data, '--epochs', '1', '--run', run],\n"
        "              ['evaluate', run, '--data', data]):\n"
        "    try: main(words)\n"
        "    except SystemExit as stop: assert stop.code == 0, stop.code"
    )
    assert "torch" in loaded
    assert "pyarrow" not in loaded


def test_the_check_command_loads_neither_torch_nor_qt(tmp_path):
    loaded = loaded_after(
        "from engine.cli import main\n"
        f"path, data = {str(tmp_path / 'n8.loom.json')!r}, {str(tmp_path / 'd')!r}\n"
        "for words in (['new', 'posts-longer', path], ['check', path], ['summary', path],\n"
        "              ['sample', 'posts-longer', data, '--rows', '40'],\n"
        "              ['check', path, '--data', data],\n"
        "              ['data', 'resources/examples/penguins.csv']):\n"
        "    try: main(words)\n"
        "    except SystemExit as stop: assert stop.code == 0, stop.code"
    )
    assert not loaded & HEAVY


def test_the_window_opens_without_torch_or_numbers(tmp_path, monkeypatch):
    """numpy and pyqtgraph come with the first curve, torch never."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    loaded = loaded_after(
        "from pathlib import Path\n"
        "from app.shell.application import build_application\n"
        "application, window = build_application([Path('resources/templates/posts.loom.json')])\n"
        "window.show()\n"
        "for title in window.docks:\n"
        "    window.dock_layout.show_panel(title); application.processEvents()\n"
        "window.document_manager.autosave.finish()"
    )
    assert "NodeGraphQt" in loaded
    assert not loaded & {"torch", "lightning_fabric", "numpy", "pyarrow", "pyqtgraph"}
