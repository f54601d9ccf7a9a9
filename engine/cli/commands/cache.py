"""The `cache` command, and the progress display while a table is read into the cache."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from engine.cli.commands.options import JsonOption
from engine.cli.console.output import format_table, print_error, print_json, print_line
from engine.core.formatting.counts import count_noun
from engine.core.formatting.sizes import format_bytes

if TYPE_CHECKING:
    from engine.data.cache.storage import CacheEntryInfo

_LINE_SECONDS = 10.0  # between two lines of progress, if stderr is not a terminal


def cache(
    clear: Annotated[bool, typer.Option("--clear", help="Remove all tables.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Show or clear the cache of tables.

    Training reads tables that are too large for memory from the cache. The least recently used
    tables are removed automatically. LAYERLOOM_CACHE sets another folder.
    """
    from engine.data.cache import storage

    folder = storage.cache_folder()
    found = storage.clear_cache(folder) if clear else storage.list_entries(folder)
    size = sum(entry.byte_count for entry in found)
    limit = storage.MAX_CACHE_BYTES
    if as_json:
        entries = {"removed" if clear else "tables": [_to_json(entry) for entry in found]}
        print_json({"ok": True, "folder": str(folder), "limit": limit, "bytes": size, **entries})
        return
    done = "removed" if clear else f"at most {format_bytes(limit)}"
    print_line(f"{folder}: {count_noun(len(found), 'table')}, {format_bytes(size)}, {done}")
    if found and not clear:
        print_line()
        print_line(format_table(("Table", "Rows", "Size", "Last used"), map(_row, found), {1, 2}))


def _row(entry: CacheEntryInfo) -> tuple[str, ...]:
    content = entry.record
    day = time.strftime("%Y-%m-%d %H:%M", time.localtime(entry.last_used))
    rows = content.get("rows")
    shown = f"{rows:,}" if isinstance(rows, int) else "broken"
    return (str(content.get("name", entry.path.name)), shown, format_bytes(entry.byte_count), day)


def _to_json(entry: CacheEntryInfo) -> dict[str, object]:
    return {
        "name": entry.record.get("name"),
        "rows": entry.record.get("rows"),
        "bytes": entry.byte_count,
        "used": entry.last_used,
        "folder": str(entry.path),
    }


class CacheProgress:
    """A progress display of reading a table into the cache.

    On a terminal, one line is updated; otherwise, a line is printed every ten seconds.

    Args:
        stop: a function that is called at every update. It returns a reason to stop, or "" to
            continue.
    """

    def __init__(self, stop: Callable[[], str]) -> None:
        self._stop = stop
        self._is_terminal = sys.stderr.isatty()
        self._last_time = time.monotonic()
        self._line_width = 0

    def show(self, step: str, fraction: float) -> None:
        """Show the name of the current step and its progress, a fraction from 0 to 1.

        Raises:
            KeyboardInterrupt: if `stop`, an argument of the class, returns a reason to stop.
        """
        if self._stop():
            raise KeyboardInterrupt
        line = f"{step}: {fraction:.0%}" if fraction else step
        now = time.monotonic()
        if self._is_terminal and now - self._last_time >= 0.1:
            sys.stderr.write(f"\r{line:<{self._line_width}}")
            sys.stderr.flush()
            self._last_time, self._line_width = now, len(line)
        elif not self._is_terminal and now - self._last_time >= _LINE_SECONDS:
            print_error(line)
            self._last_time = now

    def close(self) -> None:
        """Clear the line on the terminal."""
        if self._line_width:
            sys.stderr.write(f"\r{'':<{self._line_width}}\r")
            sys.stderr.flush()
            self._line_width = 0
