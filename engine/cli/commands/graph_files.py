"""Commands for graph files (new, sample, check, summary) and references (layers, explain)."""

from __future__ import annotations

import inspect
import os
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated

import typer

from engine.check.report import Report, check
from engine.check.summary import summarize
from engine.cli.commands.fields import field_table
from engine.cli.commands.new_from_table import write_starter_network
from engine.cli.commands.options import (
    GraphFileArgument,
    JsonOption,
    path_argument,
    path_option,
    require_writable,
)
from engine.cli.console.output import (
    format_table,
    print_error,
    print_line,
    print_result,
    show_diagnostics,
    summary_text,
    wrap_text,
)
from engine.core.codes import CODES, DiagnosticCode, ExitCode
from engine.core.diagnostic import Diagnostic, DiagnosticError, Fix, diagnostic_error, nearest_word
from engine.core.files.atomic_write import write_bytes
from engine.core.formatting.counts import count_noun
from engine.core.formatting.shell import shell_path
from engine.graph import templates
from engine.graph.serialization.file import project_name, read
from engine.layers import catalogue
from engine.layers.base import Layer, docstring_summary
from engine.recipe.csv_dialect import Dialect
from engine.recipe.field_reference import find_sections


def new(
    template: Annotated[
        str | None, typer.Argument(help="A template; leave it out to list all.")
    ] = None,
    file: Annotated[Path | None, path_argument(None, "Where to write it.")] = None,
    data: Annotated[
        Path | None,
        path_option("D", "Build a starter network for this data instead.", "--from"),
    ] = None,
    target: Annotated[
        list[str] | None,
        typer.Option("--target", metavar="COLUMN", help="A column to predict; repeatable."),
    ] = None,
    classes: Annotated[
        list[str] | None,
        typer.Option(metavar="COLUMN", help="A target whose integers are classes."),
    ] = None,
    numbers: Annotated[
        list[str] | None,
        typer.Option(metavar="COLUMN", help="A target whose integers are numbers, not classes."),
    ] = None,
    windows: Annotated[
        str | None,
        typer.Option(
            metavar="SETTINGS",
            help="Predict time series: by=date,group=shop,past=28,ahead=7. Group, past and ahead "
            "may be left out.",
        ),
    ] = None,
    missing: Annotated[
        list[str] | None,
        typer.Option(metavar="WORD", help="Cells with this word are missing; repeatable."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the file if it exists.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Write a template as a graph file, or a starter network for data.

    Without arguments, list the templates. With --from, build a starter network for your own table.
    """
    if data is not None:
        starter_file = file or (Path(template) if template else None)
        kinds = dict.fromkeys(classes or [], True) | dict.fromkeys(numbers or [], False)
        dialect = Dialect(missing=tuple(missing or ()))
        write_starter_network(
            data, target or [], starter_file, force, as_json, windows, kinds, dialect
        )
        return
    content = templates.read_template(template) if template else None
    if content is None or file is None:
        _list_templates(as_json)
        return
    require_writable(file, force)
    write_bytes(file, content)
    next_step = f"Wrote {file}. Next: engine summary {shell_path(file)}"
    print_result(as_json, {"ok": True, "file": str(file)}, next_step)


def _list_templates(as_json: bool) -> None:
    summaries = {name: templates.template_summary(name) for name in templates.template_names()}
    table = format_table(("Template", "Description"), summaries.items(), wrapped=True)
    print_result(as_json, summaries, f"{table}\n\nWrite one with: engine new TEMPLATE FILE")


def sample(
    name: Annotated[str, typer.Argument(help="The name of a template; each has sample data.")],
    folder: Annotated[Path, path_argument("DIR", "Where to write the data.")],
    rows: Annotated[int | None, typer.Option(min=10, help="Number of training rows.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of the random rows.")] = 1,
    as_json: JsonOption = False,
) -> None:
    """Write example data: training rows and test rows."""
    from engine.data.samples import write_sample

    written = write_sample(name, folder, rows=rows, seed=seed)
    print_result(as_json, {"ok": True, **written.to_dict()}, "\n".join(written.lines()))


def check_file(
    file: GraphFileArgument,
    data: Annotated[Path | None, path_option("D", "Also check every row of this data.")] = None,
    as_json: JsonOption = False,
) -> int:
    """Find every error in a graph, and in data for it.

    Data is checked once the graph has no errors. Exits with 0 if the graph can be trained, else
    with 65 (graph) or 66 (data).
    """
    report = check_project(file)
    found = list(report.diagnostics)
    if data is not None and not report.errors:
        # Otherwise numpy starts threads for linear algebra, which only busy-wait here for 0.1 s.
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
        from engine.data.prepared_data import check_data

        found += check_data(report, data)
    show_diagnostics(found, as_json)
    failed = [diagnostic for diagnostic in found if diagnostic.is_error]
    if failed:
        return CODES[failed[0].code].exit
    if not as_json:
        print_line(_ok_line(report, len(found)))
    return ExitCode.OK


def check_project(file: Path) -> Report:
    """Return the check report of a graph file, including diagnostics found while reading it.

    Raises:
        DiagnosticError: the file is not a graph file.
    """
    loaded = read(file)
    report = check(loaded.project)
    if not loaded.diagnostics:
        return report
    return replace(report, diagnostics=(*loaded.diagnostics, *report.diagnostics))


def _ok_line(report: Report, notes: int) -> str:
    inputs = count_noun(len(report.input_specs()), "input")
    outputs = count_noun(len(report.heads), "output")
    more = f", {count_noun(notes, 'note')} above" if notes else ""
    return f"OK: {inputs}, {outputs}, {report.costs.total_count:,} parameters{more}"


def show_summary(
    file: GraphFileArgument,
    show_plan: Annotated[
        bool,
        typer.Option("--plan", help="Show the PyTorch source, and how training accelerates it."),
    ] = False,
    as_json: JsonOption = False,
) -> int:
    """Show the layer table with shapes, parameters and memory."""
    report = check_project(file)
    if show_plan:
        source = pytorch_source(report, file)
        faster = acceleration_notes(report)
        text = "\n".join([source.rstrip("\n"), *(f"# In training, {line}." for line in faster)])
        print_result(as_json, {"ok": True, "source": source, "faster": faster}, text)
        return ExitCode.OK
    table_summary = summarize(report)
    content = {"ok": not report.errors, **table_summary.to_dict()}
    print_result(as_json, content, summary_text(table_summary))
    if report.errors and not as_json:
        print_error(f"\n{len(report.errors)} errors; see: engine check {shell_path(file)}")
    return ExitCode.OK


def pytorch_source(report: Report, file: Path) -> str:
    """Return the PyTorch source of a graph.

    Raises:
        DiagnosticError: the graph has errors.
    """
    from engine.compile.plan import build_plan
    from engine.compile.torch_source import torch_source

    if report.errors:
        raise DiagnosticError(*report.errors)
    return torch_source(build_plan(report.project.graph, report), project_name(file))


def acceleration_notes(report: Report) -> list[str]:
    """Return a line of text for each node whose computation is accelerated in training."""
    from engine.compile.optimization import describe_optimizations, optimize_plan
    from engine.compile.plan import build_plan

    planned = build_plan(report.project.graph, report)
    return list(describe_optimizations(planned, optimize_plan(planned)))


def layers(
    kind: Annotated[str | None, typer.Argument(help="A layer, to show its fields.")] = None,
    as_json: JsonOption = False,
) -> None:
    """List all layers, or explain one and its fields."""
    known = catalogue.layer_classes()
    if kind is None:
        _list_layers(as_json)
    elif kind not in known:
        raise DiagnosticError(_not_a_layer(kind))
    else:
        print_result(as_json, known[kind].model_json_schema(), _layer_text(known[kind]))


def _not_a_layer(name: str) -> Diagnostic:
    """Return the diagnostic for an unknown layer, which may be an optimizer or the like."""
    found = catalogue.unknown_kind(name)
    noun = next((section.noun for section in find_sections(name) if section.kind), None)
    if noun is None:
        return found
    fix = Fix(f"See: engine fields {name}")
    return replace(found, message=f"{name} is a {noun}, not a layer", fixes=(fix,))


def _list_layers(as_json: bool) -> None:
    known = catalogue.layer_classes()
    rows = [(kind, cls.family, docstring_summary(cls)) for kind, cls in known.items()]
    content = {kind: {"family": family, "help": text} for kind, family, text in rows}
    table = format_table(("Layer", "Family", "Description"), rows, wrapped=True)
    print_result(as_json, content, table)


def _layer_text(cls: type[Layer]) -> str:
    text = [f"{cls.kind()} ({cls.family})", inspect.getdoc(cls) or "", field_table(cls)]
    return "\n\n".join(filter(None, text))


def explain(
    codes: Annotated[list[str] | None, typer.Argument(help="Codes, as in error[CODE].")] = None,
    as_json: JsonOption = False,
) -> None:
    """Explain diagnostic codes, or list all codes."""
    for code in codes or ():
        if code not in CODES:
            nearest = nearest_word(code, CODES)
            raise diagnostic_error(
                "code-unknown",
                f'there is no code "{code}"',
                f"Use {nearest}." if nearest else "List them all with: engine explain",
                found=code,
                expected="a code that `engine explain` lists",
            )
    chosen = {code: CODES[code] for code in codes or sorted(CODES)}
    if codes:
        text = "\n\n".join(_code_text(code, entry) for code, entry in chosen.items())
    else:
        rows = [(code, entry.title) for code, entry in chosen.items()]
        text = format_table(("Code", "Meaning"), rows, wrapped=True)
    print_result(as_json, {code: asdict(entry) for code, entry in chosen.items()}, text)


def _code_text(code: str, entry: DiagnosticCode) -> str:
    return "\n\n".join(
        (
            f"{code}: {entry.title}",
            wrap_text(entry.meaning),
            wrap_text(f"Example: {entry.example}"),
            wrap_text(f"Fix: {entry.fix}"),
            f"Exit code of an error: {int(entry.exit)}",
        )
    )
