"""The `bench` command: measures which settings train a graph fastest on this machine."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.cli.commands.options import GraphFileArgument, JsonOption, path_option
from engine.cli.console.output import format_table, print_json, print_line
from engine.cli.torch_import import import_torch
from engine.core.codes import ExitCode
from engine.core.formatting.shell import shell_path
from engine.graph.serialization.file import read, write
from engine.recipe.overrides import apply_overrides

if TYPE_CHECKING:
    from engine.runtime.tuning.benchmark import BenchmarkResult


def bench(
    file: GraphFileArgument,
    data: Annotated[Path, path_option("D", "Rows to train on.")],
    keep: Annotated[
        bool, typer.Option("--keep", help="Write the fastest setting into the file's recipe.")
    ] = False,
    as_json: JsonOption = False,
) -> int:
    """Measure which thread count and precision are fastest here.

    Runs some training steps with each setting, and with the compiler. No weights are saved.

    Run it on an idle machine. Reduced precision is measured, but never written by --keep, because
    it changes the computed numbers.
    """
    import_torch()
    from engine.check.report import check_project
    from engine.data.prepared_data import prepare_data
    from engine.runtime.tuning.benchmark import benchmark, fastest_exact

    project = read(file).project
    prepared = prepare_data(check_project(project), data, None)
    results = list(benchmark(prepared))
    fastest = fastest_exact(results)
    if keep and fastest is not None:
        recipe = apply_overrides(project.recipe, fastest.settings)
        write(file, replace(project, recipe=recipe))
    if as_json:
        print_json(
            {
                "ok": True,
                "trials": [_to_json(result) for result in results],
                "best": None if fastest is None else _to_json(fastest),
                "kept": keep and fastest is not None,
            }
        )
        return ExitCode.OK
    print_line(_table(results))
    print_line(_advice(file, data, fastest, keep))
    return ExitCode.OK


def _to_json(result: BenchmarkResult) -> dict[str, object]:
    return {"fields": result.fields, "seconds": result.seconds, "edit": result.edit}


def _table(results: list[BenchmarkResult]) -> str:
    rows = [
        (
            ", ".join(result.settings) or "the recipe's settings",
            f"{result.seconds * 1e3:.1f}",
            f"{result.fastest * 1e3:.1f} to {result.slowest * 1e3:.1f}",
            f"{results[0].seconds / result.seconds:.2f}",
        )
        for result in results
    ]
    return format_table(("Setting", "ms per step", "Range", "Speedup"), rows, {1, 2, 3})


def _advice(file: Path, data: Path, fastest: BenchmarkResult | None, is_saved: bool) -> str:
    if fastest is None:
        return "\nNothing is clearly faster than the recipe's settings."
    settings = ", ".join(fastest.settings)
    if is_saved:
        return f"\nWritten to {file}: {settings}"
    command = f"engine bench {shell_path(file)} --data {shell_path(data)} --keep"
    return f"\nFastest: {settings}. To keep it: {command}"
