"""How findings and tables look: coloured and aligned on a terminal, plain lines in a pipe."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from math import isfinite
from pathlib import Path
from shutil import get_terminal_size
from textwrap import fill, wrap
from typing import Any, TextIO

from engine.check.summary import Row, Summary
from engine.core.diagnostic import Diagnostic, DiagnosticError
from engine.core.files.atomic_write import file_error
from engine.core.formatting.sizes import format_bytes

_COLOURS = {"error": "31", "warning": "33", "info": "36"}


def say(text: str = "") -> None:
    """Write a line of the answer to stdout."""
    _write(text, sys.stdout)


def say_error(text: str) -> None:
    """Write a line about the work to stderr."""
    _write(text, sys.stderr)


def say_json(answer: Any) -> None:
    """Write one JSON document to stdout."""
    _write(json.dumps(answer, indent=1, allow_nan=False), sys.stdout)


def say_event(line: str) -> None:
    """Copy an event to stdout at once; a copy that nobody can take is dropped."""
    with suppress(DiagnosticError):
        say(line)
        flush()


def _write(text: str, stream: TextIO) -> None:
    """Write a line; what the stream's encoding can't hold, such as a broken name, is escaped.

    Raises:
        Refused: if stdout is a file that can't be written. A reader who has gone away, as `head`
            does, is no reason to fail.
    """
    encoding = stream.encoding or "utf-8"
    try:
        stream.write(text.encode(encoding, "backslashreplace").decode(encoding) + "\n")
    except OSError as error:
        _give_up(stream, error)


def open_streams() -> None:
    """Let text go nowhere where the caller has closed stdout or stderr."""
    nowhere = Path(os.devnull)
    sys.stdout = sys.stdout or nowhere.open("w", encoding="utf-8")
    sys.stderr = sys.stderr or nowhere.open("w", encoding="utf-8")


def flush() -> None:
    """Bring out what was said, so that nothing is left to fail when Python ends.

    Raises:
        Refused: if stdout is a file that can't be written.
    """
    for stream in (sys.stderr, sys.stdout):
        try:
            stream.flush()
        except OSError as error:
            _give_up(stream, error)


def _give_up(stream: TextIO, error: OSError) -> None:
    """Let all further text of a stream go nowhere."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
    if stream is sys.stdout and not isinstance(error, BrokenPipeError):
        raise file_error(error, Path("stdout"), "written") from error


def painted(text: str, colour: str, stream: TextIO) -> str:
    """Return the text in an ANSI colour where the stream is a terminal that wants it."""
    plain = not stream.isatty() or "NO_COLOR" in os.environ or os.environ.get("TERM") == "dumb"
    return text if plain else f"\x1b[{colour}m{text}\x1b[0m"


def diagnostic_text(found: Diagnostic) -> list[str]:
    """Return a finding as lines for stderr, its severity in colour where there is colour."""
    head, *rest = found.lines()
    title, bracket, message = head.partition("] ")
    colour = f"1;{_COLOURS[found.severity]}"
    return [f"{painted(title + bracket.strip(), colour, sys.stderr)} {message}", *rest]


def show_diagnostics(found: Sequence[Diagnostic], as_json: bool = False) -> None:
    """Show findings on stderr, or as one JSON document on stdout."""
    if as_json:
        ok = not any(diagnostic.is_error for diagnostic in found)
        say_json({"ok": ok, "diagnostics": [diagnostic.to_dict() for diagnostic in found]})
        return
    for diagnostic in found:
        for line in diagnostic_text(diagnostic):
            say_error(line)
    if any(diagnostic.is_error for diagnostic in found):
        codes = dict.fromkeys(d.code for d in found if d.is_error)
        say_error(f"  {'more:':<10}engine explain {' '.join(codes)}")


def figure(number: float) -> str:
    """Return a score with four decimals, or as a power of ten where they would not do."""
    plain = number == 0 or not isfinite(number) or 0.001 <= abs(number) < 100_000
    return f"{number:.4f}" if plain else f"{number:.2e}"


def clock(seconds: float) -> str:
    """Return a span as people say it: "8.2s", "3:05", "1:02:03"."""
    if seconds < 59.95:
        return f"{seconds:.1f}s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def width() -> int:
    """Return how many columns text may take: those of the terminal, 100 in a pipe."""
    return max(60, get_terminal_size((100, 24)).columns) if sys.stdout.isatty() else 100


def prose(text: str, indent: str = "") -> str:
    """Return a paragraph in lines that fit."""
    return fill(text, width(), initial_indent=indent, subsequent_indent=indent)


def table(
    head: Sequence[str],
    rows: Iterable[Sequence[str]],
    right: Collection[int] = (),
    wrapped: bool = False,
) -> str:
    """Return rows of text as aligned columns.

    Args:
        head: the titles.
        rows: the cells.
        right: the columns that are aligned to the right.
        wrapped: True to break the last column's text into lines that fit.
    """
    lines = [list(head), *(list(row) for row in rows)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(head))]
    if wrapped:
        widths[-1] = min(widths[-1], max(30, width() - sum(widths[:-1]) - 2 * len(widths[:-1])))
        lines = [part for line in lines for part in _broken(line, widths[-1])]

    def aligned(line: list[str]) -> str:
        cells = (
            cell.rjust(width) if place in right else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        return "  ".join(cells).rstrip()

    rule = "  ".join("-" * width for width in widths)
    return "\n".join([aligned(lines[0]), rule, *map(aligned, lines[1:])])


def _broken(line: list[str], width: int) -> Iterator[list[str]]:
    """Return a row as several, the last cell's text over all of them."""
    *cells, text = line
    for number, part in enumerate(wrap(text, width) or [""]):
        yield [*("" if number else cell for cell in cells), part]


def summary_text(summary: Summary) -> str:
    """Return the layer table as text, in the columns that Keras' users know."""
    rows = [
        (_layer(row), _shape(row), f"{row.params:,}", ", ".join(row.connected))
        for row in summary.rows
    ]
    fixed = summary.total - summary.trainable
    lines = [
        table(("Layer (type)", "Output shape", "Params", "Connected to"), rows, {2}),
        "",
        f"Total parameters: {summary.total:,} ({format_bytes(summary.total * 4)})",
        f"Trainable: {summary.trainable:,}    not trainable: {fixed:,}",
        f"Memory to train, batches of {summary.batch}: about {format_bytes(summary.bytes_to_train)}",
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
