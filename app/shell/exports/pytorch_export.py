"""Export as PyTorch: the current graph, or a run with its weights."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject

from app.controls.dialogs.file_dialog import open_folder_dialog
from app.files.prompts.message_box import PromptChoice
from app.processes.json_lines_process import JsonLinesProcess
from app.processes.output_parser import parse_diagnostics, parse_output
from app.shell.exports.graph_export import GraphExport
from app.shell.window_parts import WindowParts
from app.training.panel.document_status import LastRun
from engine.core.diagnostic import DiagnosticError
from engine.runs.evaluation import WEIGHT_DESCRIPTIONS
from engine.runs.folder.run_folder import RunFolder

_WEIGHT_LABELS = {"final": "Final weights…", "best": "Best epoch…", "last": "Last step…"}
_SAME_GRAPH = "The run trained the current network."
_OTHER_GRAPH = "The run trained another version of the network, and that version is exported."


class PyTorchExport(QObject):
    """Exports the graph as PyTorch source, or a trained run as PyTorch source and weights.

    To export a run, it runs the command `engine export` in a separate process.
    """

    def __init__(self, window: WindowParts, graph_export: GraphExport) -> None:
        super().__init__(window)
        self._window, self._graph_export = window, graph_export
        self._workspace, self._prompts = window.workspace, window.document_manager.prompts
        self._run_name = ""
        self._command = JsonLinesProcess(self)
        self._command.finished.connect(self._on_finished)

    def export_pytorch(self) -> None:
        """Export as PyTorch. If the run in the results panel has weights, offer to add them."""
        run, export_untrained = self._run_with_weights(), self._graph_export.export_pytorch
        if run is None:
            export_untrained()
            return
        is_same_graph = LastRun(run.path).has_trained(self._workspace.session.project)
        self._prompts.ask(
            f"With the weights of {run.name}?",
            f"{_SAME_GRAPH if is_same_graph else _OTHER_GRAPH} The weights are "
            "written to a file next to the source. Without them, it starts with new weights.",
            *self._weights_choices(run),
            PromptChoice("Current graph, untrained…", export_untrained),
            PromptChoice("Cancel", lambda: None),
            kind="info",
        )

    def _weights_choices(self, run: RunFolder) -> Iterator[PromptChoice]:
        """Yield a choice for each set of weights of a run that differs from the others."""
        choices = self._window.panels.results.toolbar.weights_choices
        for choice in choices:
            label = _WEIGHT_LABELS[choice.name] if len(choices) > 1 else "With weights…"
            yield PromptChoice(label, partial(self._ask_for_folder, run, choice.name))

    def _run_with_weights(self) -> RunFolder | None:
        path = self._window.panels.results.run
        try:
            run = None if path is None else RunFolder.open(path)
        except DiagnosticError:
            return None
        return run if run is not None and run.weights_path.is_file() else None

    def _ask_for_folder(self, run: RunFolder, weights: str) -> None:
        title = f"Export {run.name} as PyTorch into a folder"
        on_chosen = partial(self._on_folder_chosen, run, weights)
        folder = self._window.document_manager.exporter.folder
        open_folder_dialog(self._window, title, folder, on_chosen)

    def _on_folder_chosen(self, run: RunFolder, weights: str, folder: Path) -> None:
        from engine.compile.torch_source import module_name

        stem = module_name(str(run.record.get("name") or run.name))
        targets = [folder / f"{stem}{ending}" for ending in (".py", ".safetensors")]
        existing = next((path for path in targets if path.is_file()), None)
        write = partial(self._write, run, weights, folder)
        if existing is None:
            write()
        else:
            choose_folder = partial(self._ask_for_folder, run, weights)
            self._prompts.ask_to_replace(existing, choose_folder, write)

    def _write(self, run: RunFolder, weights: str, folder: Path) -> None:
        self._run_name = run.name
        self._workspace.message.emit(f"Exporting {run.name} as PyTorch…")
        options = ["--to", "pytorch", "--weights", weights, "--out", str(folder), "--json"]
        self._command.start(["export", str(run.path), *options])

    def _on_finished(self, code: int, output: bytes) -> None:
        result = parse_output(output)
        if code == 0:
            files = " and ".join(str(path) for path in result.get("files", ()))
            weights = WEIGHT_DESCRIPTIONS[str(result.get("weights", "final"))]
            self._workspace.message.emit(f"Wrote {self._run_name} with {weights}: {files}")
            return
        title, diagnostics = f"{self._run_name} was not exported", parse_diagnostics(output)
        if diagnostics:
            self._prompts.report(title, diagnostics[0])
        else:
            self._workspace.message.emit(f"{title}: the engine exited with code {code}.")
