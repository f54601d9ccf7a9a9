"""How findings and tables look: coloured and aligned on a terminal, plain lines in a pipe."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from typing import Any, TextIO

from engine.check.cost import in_words
from engine.check.summary import Row, Summary
from engine.core.diagnostic import Diagnostic

_COLOURS = {"error": "31", "warning": "33", "info": "36"}


def say(text: str = "") -> None:
    """Write a line of the answer to stdout."""
    sys.stdout.write(_printable(text, sys.stdout) + "\n")


def say_error(text: str) -> None:
    """Write a line about the work to stderr."""
    sys.stderr.write(_printable(text, sys.stderr) + "\n")


def say_json(answer: Any) -> None:
    """Write one JSON document to stdout."""
    sys.stdout.write(json.dumps(answer, indent=1, allow_nan=False) + "\n")


def _printable(text: str, stream: TextIO) -> str:
    """Escape what the stream's encoding can't hold, such as broken file names."""
    encoding = stream.encoding or "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding)


def painted(text: str, colour: str, stream: TextIO) -> str:
    """Answer the text in an ANSI colour where the stream is a terminal."""
    return f"\x1b[{colour}m{text}\x1b[0m" if stream.isatty() else text


def show_diagnostics(found: Sequence[Diagnostic], as_json: bool = False) -> None:
    """Show findings on stderr, or as one JSON document on stdout."""
    if as_json:
        ok = not any(diagnostic.is_error for diagnostic in found)
        say_json({"ok": ok, "diagnostics": [diagnostic.to_dict() for diagnostic in found]})
        return
    for diagnostic in found:
        head, *rest = diagnostic.lines()
        title, bracket, message = head.partition("] ")
        colour = "1;" + _COLOURS[diagnostic.severity]
        say_error(painted(title + bracket.strip(), colour, sys.stderr) + " " + message)
        for line in rest:
            say_error(line)
    if any(diagnostic.is_error for diagnostic in found):
        codes = dict.fromkeys(d.code for d in found if d.is_error)
        say_error(f"  {'more:':<10}engine explain {' '.join(codes)}")


def table(head: Sequence[str], rows: Iterable[Sequence[str]], right: frozenset[int]) -> str:
    """Answer rows of text as aligned columns.

    Args:
        head: the titles.
        rows: the cells.
        right: the columns that are aligned to the right.
    """
    lines = [list(head), *(list(row) for row in rows)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(head))]

    def aligned(line: list[str]) -> str:
        cells = (
            cell.rjust(width) if place in right else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        return "  ".join(cells).rstrip()

    rule = "  ".join("-" * width for width in widths)
    return "\n".join([aligned(lines[0]), rule, *map(aligned, lines[1:])])


def summary_text(summary: Summary) -> str:
    """Answer the layer table as text, in the columns that Keras' users know."""
    rows = [
        (_layer(row), _shape(row), f"{row.params:,}", ", ".join(row.connected))
        for row in summary.rows
    ]
    fixed = summary.total - summary.trainable
    lines = [
        table(("Layer (type)", "Output shape", "Params", "Connected to"), rows, frozenset({2})),
        "",
        f"Total parameters: {summary.total:,} ({in_words(summary.total * 4)})",
        f"Trainable: {summary.trainable:,}    not trainable: {fixed:,}",
        f"Memory to train, batches of {summary.batch}: about {in_words(summary.bytes_to_train)}",
        f"Multiply-adds of one row: {summary.multiply_adds:,}",
    ]
    for name, sizes in summary.least_lengths.items():
        if max(sizes) > 1:
            lines.append(f"Least length of {name}: {' x '.join(map(str, sizes))}")
    return "\n".join(lines)


def _layer(row: Row) -> str:
    note = f", {row.note}" if row.note else ""
    return f"{row.name} ({row.kind}{note})"


def _shape(row: Row) -> str:
    return "?" if row.shape is None else "(" + ", ".join(map(str, row.shape)) + ")"
