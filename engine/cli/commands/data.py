"""The `data` command: what the columns of a table hold, before any network is drawn."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.cli.commands.data_ports import show_ports
from engine.cli.commands.graph_files import Json, check_project
from engine.cli.console.output import say, say_json, show_diagnostics, table
from engine.core.codes import ExitCode
from engine.core.diagnostic import DiagnosticError
from engine.recipe.csv_dialect import Dialect, dialect_problems

if TYPE_CHECKING:
    from engine.data.profile.statistics import ColumnStatistics, NumericSummary
    from engine.data.table.table import Table

_BLOCKS = "▁▂▃▄▅▆▇█"
_SIGNS = ".:-=+*%#"  # where blocks can't be written
_BARS = 12
_LABELS = 6


def data(
    file: Annotated[
        Path, typer.Argument(readable=False, metavar="FILE", help="A table, or a folder of data.")
    ],
    delimiter: Annotated[
        str | None, typer.Option(help="Of a CSV: the sign between cells; tab for a tab.")
    ] = None,
    decimal: Annotated[str | None, typer.Option(help="Of a CSV: the decimal sign.")] = None,
    encoding: Annotated[
        str | None, typer.Option(help="Of a CSV: how bytes become text, such as cp1252.")
    ] = None,
    header: Annotated[
        bool | None,
        typer.Option("--header/--no-header", help="Of a CSV: whether line 1 names the columns."),
    ] = None,
    graph: Annotated[
        Path | None,
        typer.Option(readable=False, metavar="G", help="Show what its ports would receive."),
    ] = None,
    validation: Annotated[
        Path | None,
        typer.Option(readable=False, metavar="V", help="With --graph: rows to validate on."),
    ] = None,
    test: Annotated[
        Path | None,
        typer.Option(readable=False, metavar="T", help="With --graph: rows kept for a test."),
    ] = None,
    as_json: Json = False,
) -> int:
    """Show what the columns of a table hold: kind, holes, spread.

    How a CSV is written is detected and told; the options are for where that is wrong, and stand in
    a graph file as "data": {"file": {"delimiter": ";", ...}}. With --graph, show the first rows as
    its ports would receive them, how rows are divided, and everything that is found.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # numpy's threads would only spin
    if graph is not None:
        return show_ports(check_project(graph), file, validation, test, as_json)
    from engine.data.profile import profile
    from engine.data.readers.table_file import open_table

    given = _dialect(delimiter=delimiter, decimal=decimal, encoding=encoding, header=header)
    found = open_table(file, dialect=given)
    facts = profile(found)
    if as_json:
        say_json(_plain(found, facts))
        return ExitCode.OK
    show_diagnostics(found.notes)
    say(f"{found.row_count:,} rows, {len(facts)} columns{_how(found)}")
    say()
    say(table(("Column", "Kind", "Missing", "Distinct", "Spread", "Values"), map(_row, facts),
              {2, 3}, wrapped=True))  # fmt: skip
    return ExitCode.OK


def _dialect(**given: Any) -> Dialect:
    """Return the dialect that the options describe.

    Raises:
        Refused: if there is no such thing.
    """
    said = {name: value for name, value in given.items() if value is not None}
    if said.get("delimiter") in ("tab", "\\t"):
        said["delimiter"] = "\t"
    found = dialect_problems(said)
    if isinstance(found, Dialect):
        return found
    raise DiagnosticError(*found)


def _plain(found: Table, facts: Sequence[ColumnStatistics]) -> dict[str, Any]:
    return {
        "ok": True,
        "rows": found.row_count,
        "dialect": found.dialect.params() if found.dialect else None,
        "columns": [each.model_dump(mode="json") for each in facts],
        "notes": [note.to_dict() for note in found.notes],
    }


def _how(found: Table) -> str:
    """Return how a CSV was read, in words."""
    if found.dialect is None:
        return ""
    from engine.data.readers.text.csv_dialect import DELIMITER_NAMES

    between = DELIMITER_NAMES[found.dialect.delimiter or ","]
    decimal = ", decimal commas" if found.dialect.decimal == "," else ""
    names = "named by line 1" if found.dialect.header else "without names"
    return f"; {between} between cells, {found.dialect.encoding}{decimal}, {names}"


def _row(facts: ColumnStatistics) -> tuple[str, ...]:
    shape = f" {facts.shape}" if facts.shape else ""
    return (
        facts.name,
        facts.kind + shape,
        f"{facts.missing:,}" if facts.missing else "",
        f"{facts.distinct:,}" if facts.distinct is not None else "",
        bars(_counts(facts)),
        _values(facts),
    )


def _counts(facts: ColumnStatistics) -> Sequence[int]:
    if facts.kind in ("category", "boolean", "list", "constant") and facts.top:
        return [label.count for label in facts.top[:_BARS]]
    counts = list(facts.histogram.counts) if facts.histogram else []
    width = -(-len(counts) // _BARS) or 1
    return [sum(counts[start : start + width]) for start in range(0, len(counts), width)]


def bars(counts: Sequence[int], encoding: str | None = None) -> str:
    """Return counts as bars of one line's height; a space is none at all.

    Args:
        counts: how many.
        encoding: of the stream, stdout's if left out.
    """
    signs = _BLOCKS
    try:
        signs.encode(encoding or sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        signs = _SIGNS
    most = max(counts, default=0)
    steps = len(signs) - 1
    return "".join(signs[-(-count * steps // most)] if count else " " for count in counts)


def _values(facts: ColumnStatistics) -> str:
    """Return what the cells are like: a range, the commonest labels, or examples."""
    if facts.fault:
        return facts.fault
    if facts.earliest:
        return f"{facts.earliest} to {facts.latest}"
    if facts.spread and facts.kind in ("text", "list", "id sequence") and not facts.shape:
        noun = "words" if facts.kind == "text" else "items"
        size = f"{_range(facts.spread)} {noun}"
        return ", ".join([size, *(f'"{cell}"' for cell in facts.examples[:1])])
    if facts.spread and facts.kind != "boolean":
        mean = f"mean {facts.spread.mean:.6g}, deviation {facts.spread.deviation:.3g}"
        alone = facts.spread.least == facts.spread.most
        return _range(facts.spread) + ("" if alone else f", {mean}")
    if facts.top:
        shown = ", ".join(f"{label.text} {label.count:,}" for label in facts.top[:_LABELS])
        return shown + (", ..." if (facts.distinct or 0) > _LABELS else "")
    return ", ".join(facts.examples[:3])


def _range(spread: NumericSummary) -> str:
    low, high = f"{spread.least:.6g}", f"{spread.most:.6g}"
    return f"{low} to {high}" if low != high else low
