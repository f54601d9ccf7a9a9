"""The part of `new` that starts from data: a first graph for a table and its targets."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from engine.check.report import check
from engine.cli.console.output import say, say_json, show_diagnostics
from engine.core.diagnostic import Diagnostic, Fix
from engine.core.files.atomic_write import write_bytes
from engine.diagram.tidy import tidy
from engine.graph.serialization.file import dumps


def begin_from(data: Path, targets: Sequence[str], file: Path, as_json: bool) -> None:
    """Draw a first graph for a table, write it, and say what was left out.

    Args:
        data: the table, or a folder of data.
        targets: the columns to predict.
        file: where the graph goes.
        as_json: answer with one JSON document.

    Raises:
        Refused: if the data can't be read, or holds nothing that the targets could be learned from.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # numpy's threads would only spin
    from engine.data.readers.table_file import open_table
    from engine.data.starter.starter_graph import build_starter_project

    table = open_table(data)
    begun = build_starter_project(table, targets)
    project = tidy(begun.project, {})
    report = check(project)
    write_bytes(file, dumps(project).encode())
    notes = (*table.notes, *begun.notes, *report.diagnostics)
    if as_json:
        told = [note.to_dict() for note in notes]
        say_json({"ok": True, "file": str(file), "diagnostics": told})
        return
    show_diagnostics(notes)
    outputs = ", ".join(report.heads)
    say(f"Wrote {file}: {len(report.input_specs())} inputs, predicts {outputs}.")
    say(f"Next: engine train {file} --data {data}")


def no_file() -> Diagnostic:
    """Return the finding for a command that says from what, and not to where."""
    return Diagnostic(
        "usage",
        "the name of the graph file is missing",
        found="engine new --from D",
        expected="engine new --from D --target COLUMN FILE",
        fixes=(Fix("Name a file that ends in .loom.json."),),
    )
