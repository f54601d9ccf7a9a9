"""The `data` command: shows the columns of a table, or the values that a graph receives from it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.check.report import Report
from engine.cli.commands.graph_files import check_project
from engine.cli.commands.options import JsonOption, path_argument, path_option
from engine.cli.console.output import (
    format_table,
    print_json,
    print_line,
    show_diagnostics,
    wrap_text,
)
from engine.core.codes import CODES, ExitCode
from engine.core.diagnostic import DiagnosticError
from engine.core.formatting.numbers import format_value
from engine.recipe.csv_dialect import Dialect, parse_dialect

if TYPE_CHECKING:
    from engine.data.preview.preview_schema import PortPreview, PreviewRow
    from engine.data.profile.statistics import ColumnStatistics, NumericSummary
    from engine.data.table.table import Table

_MAX_BARS = 12
_MAX_LABELS = 6
_MAX_VALUES = 6  # maximum number of values shown per row


def data(
    file: Annotated[Path, path_argument("FILE", "A table, or a folder of data.")],
    delimiter: Annotated[
        str | None, typer.Option(help="Of a CSV: the cell delimiter; tab for a tab.")
    ] = None,
    decimal: Annotated[str | None, typer.Option(help="Of a CSV: the decimal separator.")] = None,
    encoding: Annotated[
        str | None, typer.Option(help="Of a CSV: the text encoding, such as cp1252.")
    ] = None,
    header: Annotated[
        bool | None,
        typer.Option("--header/--no-header", help="Of a CSV: whether line 1 has the column names."),
    ] = None,
    graph: Annotated[
        Path | None, path_option("G", "A graph file: show what its ports receive.")
    ] = None,
    validation: Annotated[
        Path | None, path_option("V", "With --graph: rows to validate on.")
    ] = None,
    test: Annotated[Path | None, path_option("T", "With --graph: rows to test on.")] = None,
    as_json: JsonOption = False,
) -> int:
    """Show the columns of a table: type, missing values, distribution.

    The dialect of a CSV is detected and shown. The options replace a wrong detection; in a graph
    file they are "data": {"file": {"delimiter": ";", ...}}. With --graph, show the first rows as
    its ports receive them, how rows are split, and all diagnostics.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # more numpy threads would only busy-wait
    if graph is not None:
        return _show_ports(check_project(graph), file, validation, test, as_json)
    from engine.data.profile.column_warnings import column_warnings
    from engine.data.profile.table_profile import profile_table
    from engine.data.readers.table_file import open_table
    from engine.data.starter.column_roles import default_target
    from engine.data.starter.column_treatment import column_treatment
    from engine.data.starter.target_heads import target_head

    dialect = _dialect(delimiter=delimiter, decimal=decimal, encoding=encoding, header=header)
    opened = open_table(file, dialect=dialect)
    columns = profile_table(opened)
    notes = (*opened.notes, *column_warnings(columns))
    treatment = {column.name: column_treatment(column) for column in columns}
    if as_json:
        found = {"treatment": treatment, "notes": [note.to_dict() for note in notes]}
        print_json(_to_json(opened, columns) | found)
        return ExitCode.OK
    show_diagnostics(notes)
    print_line(f"{opened.row_count:,} rows, {len(columns)} columns")
    print_line()
    titles = ("Column", "Type", "Missing", "Distinct", "Distribution", "Values")
    print_line(format_table(titles, map(_row, columns), {2, 3}, wrapped=True))
    print_line("\nAs inputs of a starter network:")
    for name, text in treatment.items():
        print_line(f"{name}: {text}")
    if target := default_target(columns):
        (stats,) = (column for column in columns if column.name == target)
        print_line(f"\nAs its target, such as --target {quote(target)}:")
        head = target_head(stats, opened.columns[target], target)
        print_line(head.note.message if head.note else f"the loss is {head.output_fields['loss']}")
    return ExitCode.OK


def _dialect(**given: Any) -> Dialect:
    options = {name: value for name, value in given.items() if value is not None}
    if options.get("delimiter") in ("tab", "\\t"):
        options["delimiter"] = "\t"
    dialect = parse_dialect(options)
    if isinstance(dialect, Dialect):
        return dialect
    raise DiagnosticError(*dialect)


def _to_json(opened: Table, columns: Sequence[ColumnStatistics]) -> dict[str, Any]:
    return {
        "ok": True,
        "rows": opened.row_count,
        "dialect": opened.dialect.params() if opened.dialect else None,
        "columns": [column.model_dump(mode="json", exclude={"content"}) for column in columns],
    }


def _row(column: ColumnStatistics) -> tuple[str, ...]:
    shape = f" {column.shape}" if column.shape else ""
    return (
        column.name,
        column.kind + shape,
        f"{column.missing:,}" if column.missing else "",
        f"{column.distinct:,}" if column.distinct is not None else "",
        sparkline(_counts(column)),
        _values(column),
    )


def _counts(column: ColumnStatistics) -> Sequence[int]:
    """Return the counts to show as bars: one per label, or one per group of histogram bins."""
    if column.kind in ("category", "boolean", "list", "constant") and column.top:
        return [label.count for label in column.top[:_MAX_BARS]]
    counts = list(column.histogram.counts) if column.histogram else []
    width = -(-len(counts) // _MAX_BARS) or 1
    return [sum(counts[start : start + width]) for start in range(0, len(counts), width)]


def sparkline(counts: Sequence[int], encoding: str | None = None) -> str:
    """Return a bar chart with one character per count; 0 is a space.

    If `encoding` does not support block characters, ASCII characters are used.
    """
    blocks = "▁▂▃▄▅▆▇█"
    try:
        blocks.encode(encoding or sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        blocks = ".:-=+*%#"
    largest = max(counts, default=0)
    steps = len(blocks) - 1
    return "".join(blocks[-(-count * steps // largest)] if count else " " for count in counts)


def _values(column: ColumnStatistics) -> str:
    """Return the values of a column as text: a range, the most frequent labels, or examples."""
    if column.fault:
        return column.fault
    if column.earliest:
        return f"{column.earliest} to {column.latest}"
    if column.spread and column.kind in ("text", "list", "id sequence") and not column.shape:
        noun = "words" if column.kind == "text" else "items"
        size = f"{_range(column.spread)} {noun}"
        return ", ".join([size, *(f'"{cell}"' for cell in column.examples[:1])])
    if column.spread and column.kind != "boolean":
        mean = f"mean {column.spread.mean:.6g}, std {column.spread.deviation:.3g}"
        is_constant = column.spread.least == column.spread.most
        return _range(column.spread) + ("" if is_constant else f", {mean}")
    if column.top:
        shown = ", ".join(f"{label.text} {label.count:,}" for label in column.top[:_MAX_LABELS])
        return shown + (", ..." if (column.distinct or 0) > _MAX_LABELS else "")
    return ", ".join(column.examples[:3])


def _range(spread: NumericSummary) -> str:
    low, high = f"{spread.least:.6g}", f"{spread.most:.6g}"
    return f"{low} to {high}" if low != high else low


def _show_ports(
    report: Report, data: Path, validation: Path | None, test: Path | None, as_json: bool
) -> int:
    """Print the values that each Input and Output gets, and all diagnostics; return the exit code.

    Raises:
        DiagnosticError: the table can't be read.
    """
    from engine.data.preview.preview import preview_data

    preview, diagnostics = preview_data(report, data, validation, test)
    failed = [entry for entry in diagnostics if entry.is_error]
    if as_json:
        plain = preview.model_dump(mode="json", exclude_defaults=True)
        plain["diagnostics"] = [entry.to_dict() for entry in diagnostics]
        print_json({"ok": not failed, **plain})
    else:
        show_diagnostics(diagnostics)
        for port in preview.ports:
            _show_port(port)
        if preview.split:
            print_line(preview.split[:1].upper() + preview.split[1:] + ".")
    return CODES[failed[0].code].exit if failed else ExitCode.OK


def _show_port(port: PortPreview) -> None:
    verb = "from" if port.side == "inputs" else "predicts"
    sizes = " x ".join(map(str, port.shape)) or "one number"
    size = f", {port.dtype}, {sizes}" if port.dtype else ", nothing"
    print_line(f"{port.port} {verb} {', '.join(port.columns)}{size}")
    if port.does:
        print_line(wrap_text(port.does, "  "))
    if port.rows:
        rows = [(_cells(row), _numbers(row)) for row in port.rows]
        print_line(format_table(("Cells", "Numbers"), rows, wrapped=True))
    print_line()


def _cells(row: PreviewRow) -> str:
    return " | ".join(cell if len(cell) <= 32 else cell[:29] + "..." for cell in row.cells)


def _numbers(row: PreviewRow) -> str:
    if row.picture:
        return "an image"
    if row.fault:
        return row.fault
    if row.masked:
        return "no target, ignored in the loss"
    values = ", ".join(_format_values(row)) if row.values else ""
    return f"{values}, ..." if len(row.values) > _MAX_VALUES else values


def _format_values(row: PreviewRow) -> Iterator[str]:
    words = row.words or ("",) * len(row.values)
    for value, word in list(zip(row.values, words, strict=True))[:_MAX_VALUES]:
        number = "none" if value is None else format_value(value, grouped=False)
        yield f"{number} ({word})" if word else number
