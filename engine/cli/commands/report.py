"""The `report` command: a run as one page that stands alone."""

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
    """Write a run as one page that stands alone.

    It shows curves, tables, the graph's picture and evaluations, and needs nothing else, from
    this machine or any other. Evaluate the run first to have its results on the page.
    """
    write_page(run, out)
    shown = [results.name for results in kept(run)]
    if as_json:
        say_json({"ok": True, "out": str(out), "results": shown})
        return
    say(f"Wrote {out}")
    if not shown:
        say(f"It has no evaluation yet: engine evaluate {run} --data D")
