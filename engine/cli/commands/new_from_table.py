"""`new --from`: writes a starter network for a table and its targets."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from engine.check.report import check
from engine.cli.commands.options import require_writable, usage_error
from engine.cli.console.output import print_json, print_line, show_diagnostics
from engine.core.files.atomic_write import write_bytes
from engine.core.formatting.counts import count_noun
from engine.core.formatting.shell import shell_path
from engine.graph.serialization.file import dumps
from engine.recipe.csv_dialect import Dialect
from engine.recipe.windows import windows_from_option


def write_starter_network(
    data: Path,
    targets: Sequence[str],
    file: Path | None,
    force: bool,
    as_json: bool,
    windows: str | None = None,
    classes: Mapping[str, bool] = MappingProxyType({}),
    dialect: Dialect | None = None,
) -> None:
    """Write a starter network for a table or a folder of data. Print which columns are left out.

    `windows` are the settings of windows of time series, None for independent rows. `classes` are
    whether targets of whole numbers are class ids. `dialect` is written into the file.

    Raises:
        DiagnosticError: the file is missing, or exists and `force` is False; a column of `classes`
            is no target; the data can't be read, or has no columns to predict the targets from.
    """
    if file is None:
        raise usage_error(
            "the name of the graph file is missing",
            "engine new --from D",
            "engine new --from D --target COLUMN FILE",
            "Add a file name that ends with .loom.json.",
        )
    _check_targets(targets, classes)
    require_writable(file, force)
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # more numpy threads would only busy-wait
    from engine.data.readers.table_file import open_table
    from engine.data.series.windows_starter import build_windows_project
    from engine.data.starter.starter_graph import build_starter_project
    from engine.diagram.tidy import tidy

    table = open_table(data, dialect=dialect)
    if windows is None:
        starter = build_starter_project(table, targets, file=dialect, classes=classes)
    else:
        settings = windows_from_option(windows)
        starter = build_windows_project(table, targets, settings, file=dialect, classes=classes)
    project = tidy(starter.project, {})
    report = check(project)
    write_bytes(file, dumps(project).encode())
    notes = (*table.notes, *starter.notes, *report.diagnostics)
    if as_json:
        diagnostics = [note.to_dict() for note in notes]
        print_json({"ok": True, "file": str(file), "diagnostics": diagnostics})
        return
    show_diagnostics(notes)
    outputs = ", ".join(report.heads)
    inputs = count_noun(len(report.input_specs()), "input")
    print_line(f"Wrote {file}: {inputs}, predicts {outputs}.")
    print_line(f"Next: engine train {shell_path(file)} --data {shell_path(data)}")


def _check_targets(targets: Sequence[str], classes: Mapping[str, bool]) -> None:
    """Raise a usage error if a column of `classes` is no target."""
    if other := next((name for name in classes if name not in targets), None):
        option = "--classes" if classes[other] else "--numbers"
        raise usage_error(
            f'"{other}" is not a target',
            f"{option} {other}",
            f"{option} COLUMN, for a column that is named with --target",
            f"Add --target {other}, or leave {option} {other} out.",
        )
