"""Output of commands: lines, JSON, tables, and diagnostics (in color on a terminal)."""

from __future__ import annotations

import json
import os
import re
import sys
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from shlex import quote
from shutil import get_terminal_size
from textwrap import fill, wrap
from typing import Any, TextIO

from engine.check.summary import Summary, SummaryRow
from engine.core.diagnostic import Diagnostic, DiagnosticError, Edit, Fix
from engine.core.files.atomic_write import file_error
from engine.core.formatting.sizes import format_bytes

MAX_DIAGNOSTICS = 100  # the maximum number of diagnostics that are printed as text
MAX_FIX_LENGTH = 240  # the maximum number of characters of a fix
_ANSI_COLORS = {"error": "31", "warning": "33", "info": "36"}
# Control characters, line separators, and the controls of writing direction (Unicode annex 9).
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
_SEVERITY = re.compile(r"^(error|warning|info)\[[a-z-]+\]")


def escape_controls(text: str) -> str:
    """Return a text on one line, in which nothing controls the terminal: ESC becomes \\x1b."""
    return _CONTROLS.sub(lambda match: ascii(match[0])[1:-1], text)


def print_line(text: str = "") -> None:
    """Write a result to stdout; it may have several lines."""
    _write("\n".join(map(escape_controls, text.split("\n"))), sys.stdout)


def print_error(text: str) -> None:
    """Write a line of progress, notes or a diagnostic to stderr."""
    _write(color_severity(escape_controls(text)), sys.stderr)


def print_json(value: Any) -> None:
    """Write one JSON document to stdout."""
    print_line(json.dumps(value, indent=1, allow_nan=False))


def print_result(as_json: bool, value: Any, text: str) -> None:
    """Write the result of a command to stdout: `value` as JSON, or `text`."""
    if as_json:
        print_json(value)
    else:
        print_line(text)


def print_event(line: str) -> None:
    """Write a line to stdout and flush it; ignore write errors."""
    with suppress(DiagnosticError):
        print_line(line)
        flush_streams()


def _write(text: str, stream: TextIO) -> None:
    """Write a line. Characters that the encoding of the stream does not support are escaped.

    Raises:
        DiagnosticError: stdout can't be written. A closed pipe, as after `head`, is no error.
    """
    encoding = stream.encoding or "utf-8"
    try:
        stream.write(text.encode(encoding, "backslashreplace").decode(encoding) + "\n")
    except OSError as error:
        _redirect_to_null(stream, error)


def ensure_streams() -> None:
    """Replace stdout and stderr by the null device if the calling process has closed them."""
    null = Path(os.devnull)
    sys.stdout = sys.stdout or null.open("w", encoding="utf-8")
    sys.stderr = sys.stderr or null.open("w", encoding="utf-8")


def flush_streams() -> None:
    """Flush stderr and stdout, so that Python's exit has nothing left to write.

    Raises:
        DiagnosticError: stdout can't be written.
    """
    for stream in (sys.stderr, sys.stdout):
        try:
            stream.flush()
        except OSError as error:
            _redirect_to_null(stream, error)


def _redirect_to_null(stream: TextIO, error: OSError) -> None:
    """Redirect a stream to the null device after `error`, an error of writing to the stream.

    Raises:
        DiagnosticError: results were lost, because the stream is stdout. A closed pipe is no error.
    """
    with suppress(OSError, ValueError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, stream.fileno())
        os.close(null)
    if stream is sys.stdout and not isinstance(error, BrokenPipeError):
        raise file_error(error, Path("stdout"), "written") from error


def color_severity(line: str) -> str:
    """Return the first line of a diagnostic with its severity in color, if stderr is a terminal."""
    if not sys.stderr.isatty() or "NO_COLOR" in os.environ or os.environ.get("TERM") == "dumb":
        return line
    return _SEVERITY.sub(lambda match: f"\x1b[1;{_ANSI_COLORS[match[1]]}m{match[0]}\x1b[0m", line)


def show_diagnostics(found: Sequence[Diagnostic], as_json: bool = False) -> None:
    """Print the first 100 diagnostics to stderr, or with `as_json` all as JSON to stdout."""
    if as_json:
        ok = not any(diagnostic.is_error for diagnostic in found)
        print_json({"ok": ok, "diagnostics": [diagnostic.to_dict() for diagnostic in found]})
        return
    for diagnostic in found[:MAX_DIAGNOSTICS]:
        for line in diagnostic_lines(diagnostic):
            print_error(line)
    if rest := Counter(diagnostic.code for diagnostic in found[MAX_DIAGNOSTICS:]):
        counts = ", ".join(f"{count:,} {code}" for code, count in rest.most_common())
        print_error(f"... and {rest.total():,} more ({counts}); --json prints all")
    if any(diagnostic.is_error for diagnostic in found):
        codes = dict.fromkeys(d.code for d in found if d.is_error)
        print_error(f"  {'more:':<10}engine explain {' '.join(codes)}")


def diagnostic_lines(diagnostic: Diagnostic) -> list[str]:
    """Return the lines of a diagnostic. Fixes say what to write; nothing is repeated."""
    fixes = (Fix(_typed(fix.text, fix.edit or {}), fix.edit) for fix in diagnostic.fixes)
    is_repeated = diagnostic.severity == "info" and diagnostic.found in diagnostic.message
    found = "" if is_repeated else diagnostic.found
    return replace(diagnostic, fixes=tuple(fixes), found=found).lines()


def _typed(text: str, edit: Edit) -> str:
    command = ""
    match edit:
        case {"do": "set_mapping", "side": side, "node": node, "source": dict(source)}:
            entry: Any = {side: {node: source}}
        case {"do": "set_file", "fields": fields}:
            entry = {"file": fields}
        case {"do": "take_missing", "words": words}:
            options = (f"--missing {quote(word)}" for word in words)
            command = f"engine new --from … {' '.join(options)}, or "
            entry = {"file": {"missing": words}}
        case _:
            return text
    typed = f'{text.removesuffix(".")}: {command}"data": {json.dumps(entry, ensure_ascii=False)}'
    return typed if '": ' not in text and len(typed) <= MAX_FIX_LENGTH else text


def text_width() -> int:
    """Return the number of characters per line: the terminal's width, or 100 without a terminal."""
    return max(60, get_terminal_size((100, 24)).columns) if sys.stdout.isatty() else 100


def wrap_text(text: str, indent: str = "") -> str:
    """Return a paragraph wrapped to `text_width()`; each line starts with `indent`."""
    return fill(text, text_width(), initial_indent=indent, subsequent_indent=indent)


def format_table(
    head: Sequence[str],
    rows: Iterable[Sequence[str]],
    right: Collection[int] = (),
    wrapped: bool = False,
) -> str:
    """Return rows of text as aligned columns with titles.

    Args:
        head: the titles of the columns.
        rows: the cells of each row.
        right: the indices of right-aligned columns.
        wrapped: whether to wrap the last column to `text_width()`.
    """
    lines = [list(map(escape_controls, line)) for line in (head, *rows)]
    widths = [max(len(line[index]) for line in lines) for index in range(len(head))]
    if wrapped:
        free = text_width() - sum(widths[:-1]) - 2 * len(widths[:-1])
        widths[-1] = min(widths[-1], max(30, free))
        lines = [part for line in lines for part in _wrap_last_cell(line, widths[-1])]

    def aligned(line: list[str]) -> str:
        cells = (
            cell.rjust(width) if index in right else cell.ljust(width)
            for index, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        return "  ".join(cells).rstrip()

    rule = "  ".join("-" * width for width in widths)
    return "\n".join([aligned(lines[0]), rule, *map(aligned, lines[1:])])


def _wrap_last_cell(line: list[str], width: int) -> Iterator[list[str]]:
    *cells, text = line
    for number, part in enumerate(wrap(text, width) or [""]):
        yield [*("" if number else cell for cell in cells), part]


def summary_text(summary: Summary) -> str:
    """Return the description, the layer table with the columns of Keras, and the totals."""
    rows = [_layer_row(row) for row in summary.rows]
    frozen, memory = summary.total - summary.trainable, format_bytes(summary.bytes_to_train)
    description = summary.description.strip()
    lines = [
        *([*map(wrap_text, description.splitlines()), ""] if description else []),
        format_table(("Layer (type)", "Output shape", "Params", "Connected to"), rows, {2}),
        "",
        f"Total parameters: {summary.total:,} ({format_bytes(summary.total * 4)})",
        f"Trainable: {summary.trainable:,}    non-trainable: {frozen:,}",
        f"Memory to train, batches of {summary.batch}: about {memory}",
        f"MACs per sample: {summary.multiply_adds:,}",
    ]
    for name, sizes in summary.least_lengths.items():
        if max(sizes) > 1:
            lines.append(f"Minimum length of {name}: {' x '.join(map(str, sizes))}")
    return "\n".join(lines)


def _layer_row(row: SummaryRow) -> tuple[str, ...]:
    note = f", {row.note}" if row.note else ""
    shape = "?" if row.shape is None else f"({', '.join(map(str, row.shape))})"
    connected = ", ".join(row.connected)
    return f"{row.name} ({row.kind}{note})", shape, f"{row.params:,}", connected
