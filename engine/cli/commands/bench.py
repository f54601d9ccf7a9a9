"""The `bench` command: what makes a graph train fastest on this machine."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.cli.commands.graph_files import GraphFile, Json
from engine.cli.console.output import say, say_json, table
from engine.core.codes import ExitCode
from engine.core.fast_import import fast_torch_import
from engine.graph.serialization.file import read, write
from engine.recipe.overrides import with_settings

if TYPE_CHECKING:
    from engine.runtime.tuning.benchmark import BenchmarkResult


def bench(
    file: GraphFile,
    data: Annotated[
        Path, typer.Option("--data", readable=False, metavar="D", help="Rows to train on.")
    ],
    keep: Annotated[
        bool, typer.Option("--keep", help="Write the fastest choice into the file's recipe.")
    ] = False,
    as_json: Json = False,
) -> int:
    """Measure which threads and precision are fastest here.

    Takes some steps with each, and compiled, and keeps nothing of what was learned.

    Run it on a machine that does nothing else. Short numbers are measured, and never kept by
    --keep, since they change what is computed.
    """
    with fast_torch_import():
        from engine.runtime.run.project_loader import check_project, prepare_data
        from engine.runtime.tuning.benchmark import benchmark, fastest_exact

    project = read(file).project
    prepared = prepare_data(check_project(project), data, None)
    tried = list(benchmark(prepared))
    chosen = fastest_exact(tried)
    if keep and chosen is not None:
        recipe = with_settings(project.recipe, chosen.settings)
        write(file, replace(project, recipe=recipe))
    if as_json:
        say_json({"ok": True, "trials": [_plain(one) for one in tried],
                  "best": None if chosen is None else _plain(chosen),
                  "kept": keep and chosen is not None})  # fmt: skip
        return ExitCode.OK
    say(_table(tried))
    say(_advice(file, data, chosen, keep))
    return ExitCode.OK


def _plain(trial: BenchmarkResult) -> dict[str, object]:
    return {"fields": trial.fields, "seconds": trial.seconds, "edit": trial.edit}


def _table(tried: list[BenchmarkResult]) -> str:
    rows = [
        (
            ", ".join(one.settings) or "as the recipe says",
            f"{one.seconds * 1e3:.1f}",
            f"{one.fastest * 1e3:.1f} to {one.slowest * 1e3:.1f}",
            f"{tried[0].seconds / one.seconds:.2f}",
        )
        for one in tried
    ]
    return table(("Choice", "ms a step", "Rounds", "Times as fast"), rows, {1, 2, 3})


def _advice(file: Path, data: Path, chosen: BenchmarkResult | None, kept: bool) -> str:
    if chosen is None:
        return "\nNothing is clearly faster than what the recipe says."
    words = ", ".join(chosen.settings)
    if kept:
        return f"\nKept in {file}: {words}"
    return f"\nFastest: {words}. Keep it with: engine bench {file} --data {data} --keep"
