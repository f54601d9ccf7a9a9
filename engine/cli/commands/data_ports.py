"""The part of `data` that asks for a graph: what each of its ports would receive of a table."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from engine.check.report import Report
from engine.cli.console.output import prose, say, say_json, show_diagnostics, table
from engine.core.codes import CODES, ExitCode
from engine.core.formatting.sizes import format_number

if TYPE_CHECKING:
    from engine.data.preview.preview_schema import PortPreview, PreviewRow

_SHOWN = 6  # numbers of a row


def show_ports(
    report: Report, data: Path, validation: Path | None, test: Path | None, as_json: bool
) -> int:
    """Say what the ports of a graph receive, and everything that is found.

    Args:
        report: of the graph.
        data: the table to train on.
        validation, test: tables of their own.
        as_json: answer with one JSON document.

    Raises:
        Refused: if the table can't be read.
    """
    from engine.data.preview.preview import preview_data

    received, found = preview_data(report, data, validation, test)
    failed = [bad for bad in found if bad.is_error]
    if as_json:
        plain = received.model_dump(mode="json", exclude_defaults=True)
        say_json({"ok": not failed, **plain, "diagnostics": [bad.to_dict() for bad in found]})
    else:
        show_diagnostics(found)
        for port in received.ports:
            _show(port)
        if received.split:
            say(received.split[:1].upper() + received.split[1:] + ".")
    return CODES[failed[0].code].exit if failed else ExitCode.OK


def _show(port: PortPreview) -> None:
    way = "from" if port.side == "inputs" else "predicts"
    sizes = " x ".join(map(str, port.shape)) or "one number"
    size = f", {port.dtype}, {sizes}" if port.dtype else ", nothing"
    say(f"{port.port} {way} {', '.join(port.columns)}{size}")
    if port.does:
        say(prose(port.does, "  "))
    if port.rows:
        say(table(("Cells", "Numbers"), [(_cells(row), _numbers(row)) for row in port.rows],
                  wrapped=True))  # fmt: skip
    say()


def _cells(row: PreviewRow) -> str:
    return " | ".join(cell if len(cell) <= 32 else cell[:29] + "..." for cell in row.cells)


def _numbers(row: PreviewRow) -> str:
    if row.picture:
        return "a picture"
    if row.fault:
        return row.fault
    if row.masked:
        return "no target, counts for nothing"
    told = ", ".join(_told(row)) if row.values else ""
    return f"{told}, ..." if len(row.values) > _SHOWN else told


def _told(row: PreviewRow) -> Iterator[str]:
    words = row.words or ("",) * len(row.values)
    for value, word in list(zip(row.values, words, strict=True))[:_SHOWN]:
        number = "nothing" if value is None else format_number(value)
        yield f"{number} ({word})" if word else number
