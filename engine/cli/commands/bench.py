"""The `bench` command: measures which settings train a graph fastest on this machine."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.cli.commands.options import DeviceOption, GraphFileArgument, JsonOption, path_option
from engine.cli.console.output import format_table, print_json, print_line
from engine.cli.torch_import import import_torch
from engine.core.codes import ExitCode
from engine.graph.serialization.file import read, write
from engine.recipe.overrides import apply_overrides
from engine.runs.folder.run_folder import RunFolder

if TYPE_CHECKING:
    from engine.runtime.tuning.benchmark import BenchmarkResult


def bench(
    file: GraphFileArgument,
    data: Annotated[Path, path_option("D", "Rows to train on.")],
    run: Annotated[
        Path | None, path_option("RUN", "A run of the file; the table is saved in its run.json.")
    ] = None,
    device: DeviceOption = None,
    batch_size: Annotated[
        bool,
        typer.Option(
            "--batch-size", help="Double the batch size until it no longer fits or is no faster."
        ),
    ] = False,
    keep: Annotated[
        bool, typer.Option("--keep", help="Write the fastest setting into the file's recipe.")
    ] = False,
    as_json: JsonOption = False,
) -> int:
    """Measure which settings are fastest on this machine.

    They are the number of threads, the precision, prefetching and the compiler. Runs some training
    steps with each of them. No weights are saved.

    Run it on an idle machine. Reduced precision is measured, but never written by --keep, because
    it changes the computed numbers. So does another batch size, which is only tried on demand.
    """
    import_torch()
    import torch

    from engine.check.report import check_project
    from engine.data.prepared_data import prepare_data
    from engine.runtime.device import select_device
    from engine.runtime.tuning.benchmark import benchmark, benchmark_batch_sizes, fastest_exact

    folder = RunFolder.open(run) if run else None
    project = read(file).project
    settings = (f"device={device}",) if device else ()
    prepared = prepare_data(check_project(project, settings), data, None)
    results = list(benchmark_batch_sizes(prepared) if batch_size else benchmark(prepared))
    fastest = fastest_exact(results)
    if keep and fastest is not None:
        recipe = apply_overrides(project.recipe, fastest.settings)
        write(file, replace(project, recipe=recipe))
    trials = [_to_json(result) for result in results]
    if folder is not None:
        used = select_device(prepared.recipe.device).type
        name = torch.cuda.get_device_name() if used == "cuda" else used
        name += ", batch sizes" if batch_size else ""
        folder.update_record(bench={**folder.record.get("bench", {}), name: trials})
    if as_json:
        print_json(
            {
                "ok": True,
                "trials": trials,
                "best": None if fastest is None else _to_json(fastest),
                "kept": keep and fastest is not None,
            }
        )
        return ExitCode.OK
    print_line(_table(results))
    print_line(_advice(fastest, file, keep))
    return ExitCode.OK


def _to_json(result: BenchmarkResult) -> dict[str, object]:
    return {
        "fields": result.fields,
        "seconds": result.seconds,
        "rows_per_second": result.rows_per_second,
        "edit": result.edit,
    }


def _table(results: list[BenchmarkResult]) -> str:
    rows = [
        (
            ", ".join(result.settings) or "the recipe's settings",
            f"{result.seconds * 1e3:.1f}",
            f"{result.fastest * 1e3:.1f} to {result.slowest * 1e3:.1f}",
            f"{result.rows_per_second:,.0f}",
            f"{result.rows_per_second / results[0].rows_per_second:.2f}",
        )
        for result in results
    ]
    titles = ("Setting", "ms per step", "Range", "Rows per second", "Speedup")
    return format_table(titles, rows, {1, 2, 3, 4})


def _advice(fastest: BenchmarkResult | None, file: Path, is_saved: bool) -> str:
    if fastest is None:
        return "\nNothing is clearly faster than the recipe's settings."
    settings = ", ".join(fastest.settings)
    if is_saved:
        return f"\nWritten to {file}: {settings}"
    return f"\nFastest: {settings}. --keep writes it into the graph file."
