"""The `report` command: writes a run as one self-contained HTML page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from engine.cli.commands.evaluate import RunArgument
from engine.cli.commands.graph_files import JsonOption
from engine.cli.console.output import print_json, print_line
from engine.report.page import write_page
from engine.runs.evaluation import load_evaluations


def report(
    run: RunArgument,
    out: Annotated[
        Path,
        typer.Option("--out", readable=False, metavar="FILE.html", help="Where to write it."),
    ],
    as_json: JsonOption = False,
) -> None:
    """Write a run as one self-contained HTML page.

    It shows curves, tables, the graph and evaluations, and needs no other files. Evaluate the run
    first to include its results.
    """
    write_page(run, out)
    evaluations = [results.name for results in load_evaluations(run)]
    if as_json:
        print_json({"ok": True, "out": str(out), "results": evaluations})
        return
    print_line(f"Wrote {out}")
    if not evaluations:
        print_line(f"The run has no evaluation yet; create one: engine evaluate {run} --data D")
