"""`layerloom --selftest`: whether the window and the engine work on this machine."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from PySide6.QtWidgets import QApplication

from app.processes.engine_process import EngineProcess
from app.shell.application import build_application
from app.shell.main_window import MainWindow
from app.training.process.outcome import TrainingOutcome
from engine.data.samples import write_sample
from engine.graph.templates import GRAPH_SUFFIX, read_template

_EXAMPLE, _EPOCHS = "penguins", 2
_MAX_SECONDS = 300  # for each step
_USER_FOLDERS = ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME")


def run_self_test() -> int:
    """Open an example in the window, train and export it; return the exit code.

    A line is printed for each step. All files and settings are in a temporary folder.
    """
    try:
        with TemporaryDirectory(prefix="layerloom-", ignore_cleanup_errors=True) as folder:
            for name in _USER_FOLDERS:
                os.environ[name] = str(Path(folder) / name)
            _run_steps(Path(folder))
    except _StepError as error:
        _print(f"failed: {error}")
        return 1
    _print("ok: Layerloom works on this machine")
    return 0


class _StepError(Exception):
    """A step failed; the message names the step and the reason."""


def _run_steps(folder: Path) -> None:
    with _step("open the example"):
        file, data = _write_example(folder)
        _application, window = build_application([file], data)
        window.show()
    try:
        with _step("check the network and its data"):
            _check(window)
        with _step(f"train for {_EPOCHS} epochs"):
            run = _train(window)
        with _step("export as PyTorch"):
            _export(run, folder)
    finally:
        window.panels.training.run_process.kill()
        window.panels.results.stop_processes()
        window.document_manager.autosave.finish()
        window.hide()


def _write_example(folder: Path) -> tuple[Path, Path]:
    project = json.loads(read_template(_EXAMPLE))
    project["recipe"] = {**project.get("recipe", {}), "epochs": _EPOCHS}
    file, data = folder / f"{_EXAMPLE}{GRAPH_SUFFIX}", folder / "data"
    file.write_text(json.dumps(project), encoding="utf-8")
    write_sample(_EXAMPLE, data)
    return file, data


def _check(window: MainWindow) -> None:
    check = window.panels.data.data_check
    check.run_if_outdated()
    _wait(lambda: check.is_current and not check.is_running)
    errors = [*window.workspace.session.current_report().errors]
    errors += [diagnostic for diagnostic in check.diagnostics if diagnostic.is_error]
    if errors:
        raise _StepError(str(errors[0]))
    if check.preview is None or check.has_failed:
        raise _StepError("the engine process reported nothing")


def _train(window: MainWindow) -> Path:
    training, outcomes = window.panels.training, list[TrainingOutcome]()
    training.finished.connect(outcomes.append)
    if not training.train():
        raise _StepError(training.disabled_reason() or outcomes[0].text)
    _wait(lambda: bool(outcomes))
    if outcomes[0].kind != "completed" or training.run_process.run is None:
        raise _StepError(outcomes[0].text)
    return training.run_process.run


def _export(run: Path, folder: Path) -> None:
    out, log = folder / "export", folder / "export.log"
    out.mkdir()
    process = EngineProcess(["export", str(run), "--to", "pytorch", "--out", str(out)], log)
    _wait(lambda: process.poll() is not None)
    endings = {path.suffix for path in out.iterdir()}
    if process.poll() != 0 or not endings >= {".py", ".safetensors"}:
        output = process.read_output() + log.read_bytes()
        raise _StepError(output.decode(errors="replace").strip())


@contextmanager
def _step(name: str) -> Iterator[None]:
    """Print the name of a step that has succeeded; name the step in the error of one that failed.

    Any exception is a failed step, since what does not work in an installation is not known.
    """
    start = time.perf_counter()
    try:
        yield
    except Exception as error:
        reason = str(error) if isinstance(error, _StepError) else repr(error)
        raise _StepError(f"{name}: {reason}") from error
    _print(f"ok: {name} ({time.perf_counter() - start:.1f} s)")


def _wait(is_done: Callable[[], bool]) -> None:
    """Process events until something is done."""
    deadline = time.monotonic() + _MAX_SECONDS
    while not is_done():
        if time.monotonic() > deadline:
            raise _StepError(f"not finished after {_MAX_SECONDS} seconds")
        QApplication.processEvents()
        time.sleep(0.01)


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
