"""The `export` command: writes a network as PyTorch with weights, as Python, or as a drawing."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from engine.check.report import Report, check
from engine.cli.commands.evaluate import print_used_weights
from engine.cli.commands.graph_files import check_project, pytorch_source
from engine.cli.commands.options import JsonOption, WeightsOption, path_argument, path_option
from engine.cli.console.output import print_json, print_line
from engine.cli.torch_import import import_torch
from engine.core.files.atomic_write import make_folder, write_bytes
from engine.graph.serialization.file import parse, project_name, read


def export(
    source: Annotated[Path, path_argument("FILE|RUN", "A graph file, or a run folder.")],
    to: Annotated[Literal["pytorch", "python", "svg"], typer.Option(help="The output format.")],
    out: Annotated[
        Path, path_option("PATH", "The folder to write to; with python and svg also a file.")
    ],
    weights: WeightsOption = "final",
    light: Annotated[bool, typer.Option("--light", help="Draw in light colors.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Write a network as one readable .py, or as a drawing.

    pytorch: a torch module that needs only torch; for a run also its weights, as safetensors.
    python: Keras-like code that builds and compiles the network; without weights.
    svg: the drawing of the graph, with its notes and a legend. For PNG: layerloom --export.
    """
    loaded = ""
    if to == "python":
        written = [_export_python(source, out)]
    elif to == "svg":
        written = [_export_svg(source, out, light)]
    elif source.is_dir():
        written, loaded = _export_run(source, out, weights)
    else:
        written = _export_file(source, out)
    if as_json:
        weights_field = {"weights": loaded} if loaded else {}
        print_json({"ok": True, "files": [str(path) for path in written], **weights_field})
        return
    if loaded:
        print_used_weights(weights, loaded)
    for path in written:
        print_line(f"Wrote {path}")


def _export_python(source: Path, out: Path) -> Path:
    from engine.compile.python_source import python_source
    from engine.compile.torch_source import module_name

    report, name = (
        _checked_run(source) if source.is_dir() else (check_project(source), project_name(source))
    )
    text = python_source(report, name)
    path = out if out.suffix == ".py" and not out.is_dir() else out / f"{module_name(name)}.py"
    make_folder(path.parent)
    write_bytes(path, text.encode())
    return path


def _export_svg(source: Path, out: Path, light: bool) -> Path:
    from engine.diagram.svg import render_svg

    if source.is_dir():
        report, name = _checked_run(source)
    else:  # a network with errors is drawn, too
        report, name = check(read(source).project, available=sys.maxsize), project_name(source)
    path = out if out.suffix == ".svg" and not out.is_dir() else out / f"{name}.svg"
    make_folder(path.parent)
    write_bytes(path, render_svg(report.project, report, not light, legend_title=name).encode())
    return path


def _checked_run(folder: Path) -> tuple[Report, str]:
    """Return the check report of a run's graph, and the run's name."""
    from engine.runs.folder.run_folder import RunFolder

    run = RunFolder.open(folder)
    # Do not check the memory that training needs, since nothing is trained here.
    report = check(parse(run.graph_bytes()).project, available=sys.maxsize)
    return report, str(run.record.get("name") or run.name)


def _export_run(
    run: Path, out: Path, weights: Literal["final", "best", "last"]
) -> tuple[list[Path], str]:
    """Write a run's network; return the written files and the name of the exported weights."""
    import_torch()
    from engine.runtime.inference.pytorch_export import export_pytorch
    from engine.runtime.inference.trained_model import TrainedModel

    trained = TrainedModel.open(run, weights, "cpu")
    name = str(trained.run.record.get("name") or run.name)
    written = export_pytorch(trained.network, name, out, trained.fitted)
    return list(written), trained.loaded_weights


def _export_file(file: Path, out: Path) -> list[Path]:
    from engine.compile.torch_source import module_name

    source = pytorch_source(check_project(file), file)
    path = out / f"{module_name(project_name(file))}.py"
    make_folder(out)
    write_bytes(path, source.encode())
    return [path]
