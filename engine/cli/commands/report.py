"""The `report` command: writes a run as one self-contained HTML page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from engine.cli.commands.evaluate import Run
from engine.cli.commands.graph_files import Json
from engine.cli.console.output import say, say_json
from engine.report.page import write_page
from engine.runs.evaluation import kept


def report(
    run: Run,
    out: Annotated[
        Path,
        typer.Option("--out", readable=False, metavar="FILE.html", help="Where to write it."),
    ],
    as_json: Json = False,
) -> None:
    """Write a run as one self-contained HTML page.

    It shows curves, tables, the graph and evaluations, and needs no other files. Evaluate the run
    first to include its results.
    """
    write_page(run, out)
    evaluations = [results.name for results in kept(run)]
    if as_json:
        say_json({"ok": True, "out": str(out), "results": evaluations})
        return
    say(f"Wrote {out}")
    if not evaluations:
        say(f"The run has no evaluation yet; create one: engine evaluate {run} --data D")
