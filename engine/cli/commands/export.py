"""The command that writes a network as a .py: PyTorch with its weights, or Python that draws it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from engine.check.report import Report, check
from engine.cli.commands.evaluate import Weights, say_stand_in
from engine.cli.commands.graph_files import Json, check_project, source_of
from engine.cli.console.output import say, say_json
from engine.core.fast_import import fast_torch_import
from engine.core.files.atomic_write import make_folder, write_bytes
from engine.graph.serialization.file import parse, project_name

Form = Literal["pytorch", "python"]


def export(
    source: Annotated[
        Path,
        typer.Argument(readable=False, metavar="FILE|RUN", help="A graph file, or a run folder."),
    ],
    to: Annotated[Form, typer.Option("--to", help="The form to write.")],
    out: Annotated[
        Path,
        typer.Option(
            "--out",
            readable=False,
            metavar="PATH",
            help="The folder to write to; python: or a .py.",
        ),
    ],
    weights: Weights = "final",
    as_json: Json = False,
) -> None:
    """Write a network as one readable .py.

    pytorch: needs nothing but torch, with the weights of a run beside it, as safetensors.
    python: layers called one by one as in Keras, compiled and ready to fit; it has no weights.
    """
    loaded = ""
    if to == "python":
        written = [_export_python(source, out)]
    elif source.is_dir():
        written, loaded = _export_run(source, out, weights)
    else:
        written = _export_file(source, out)
    if as_json:
        told = {"weights": loaded} if loaded else {}
        say_json({"ok": True, "files": [str(path) for path in written], **told})
        return
    if loaded:
        say_stand_in(weights, loaded)
    for path in written:
        say(f"Wrote {path}")


def _export_python(source: Path, out: Path) -> Path:
    """Write the Python that draws a graph, or the graph of a run."""
    from engine.compile.python_source import python_source
    from engine.compile.torch_source import module_name

    report, name = (
        _run_of(source) if source.is_dir() else (check_project(source), project_name(source))
    )
    text = python_source(report, name)
    path = out if out.suffix == ".py" and not out.is_dir() else out / f"{module_name(name)}.py"
    make_folder(path.parent)
    write_bytes(path, text.encode())
    return path


def _run_of(folder: Path) -> tuple[Report, str]:
    """Return what a run trained, and what it is called."""
    from engine.runs.folder.run_folder import RunFolder

    run = RunFolder.open(folder)
    # What a training takes of this machine's memory does not matter here.
    report = check(parse(run.graph_bytes()).project, available=sys.maxsize)
    return report, str(run.run.get("name") or run.name)


def _export_run(
    run: Path, out: Path, weights: Literal["final", "best", "last"]
) -> tuple[list[Path], str]:
    """Write a run's network, and answer the files and which weights they hold."""
    with fast_torch_import():
        from engine.runtime.inference.pytorch_export import export_pytorch
        from engine.runtime.inference.trained_model import TrainedModel

    trained = TrainedModel.open(run, weights, "cpu")
    name = str(trained.run.run.get("name") or run.name)
    written = export_pytorch(trained.network, name, out, trained.fitted)
    return list(written), trained.loaded_weights


def _export_file(file: Path, out: Path) -> list[Path]:
    from engine.compile.torch_source import module_name

    source = source_of(check_project(file), file)
    path = out / f"{module_name(project_name(file))}.py"
    make_folder(out)
    write_bytes(path, source.encode())
    return [path]
