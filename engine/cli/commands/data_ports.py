"""`data --graph`: shows the values that each Input and Output of a graph gets from a table."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from engine.check.report import Report
from engine.cli.console.output import (
    format_table,
    print_json,
    print_line,
    show_diagnostics,
    wrap_text,
)
from engine.core.codes import CODES, ExitCode
from engine.core.formatting.numbers import format_value

if TYPE_CHECKING:
    from engine.data.preview.preview_schema import PortPreview, PreviewRow

_MAX_VALUES = 6  # maximum number of values shown per row


def show_ports(
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
            _show(port)
        if preview.split:
            print_line(preview.split[:1].upper() + preview.split[1:] + ".")
    return CODES[failed[0].code].exit if failed else ExitCode.OK


def _show(port: PortPreview) -> None:
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
