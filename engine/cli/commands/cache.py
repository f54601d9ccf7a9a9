"""The `cache` command, and the progress display while a table is read into the cache."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from engine.cli.commands.graph_files import Json
from engine.cli.console.output import say, say_error, say_json, table
from engine.core.formatting.sizes import format_bytes

if TYPE_CHECKING:
    from engine.data.cache.storage import Kept

_LINE_SECONDS = 10.0  # between two lines where stderr is not a terminal


def cache(
    clear: Annotated[bool, typer.Option("--clear", help="Remove all tables.")] = False,
    as_json: Json = False,
) -> None:
    """Show or clear the cache of tables.

    Tables that are too large for memory are trained from there. The tables used least recently are
    removed automatically. LAYERLOOM_CACHE sets another folder.
    """
    from engine.data.cache import storage

    folder = storage.cache_folder()
    found = storage.clear(folder) if clear else storage.kept(folder)
    size = sum(entry.size for entry in found)
    if as_json:
        plain = [_to_json(entry) for entry in found]
        say_json({"ok": True, "folder": str(folder), "limit": storage.LIMIT, "bytes": size,
                  "removed" if clear else "tables": plain})  # fmt: skip
        return
    done = "removed" if clear else f"at most {format_bytes(storage.LIMIT)}"
    say(f"{folder}: {len(found)} {_noun(len(found))}, {format_bytes(size)}, {done}")
    if found and not clear:
        say()
        say(table(("Table", "Rows", "Size", "Last used"), map(_row, found), {1, 2}))


def _noun(count: int) -> str:
    return "table" if count == 1 else "tables"


def _row(entry: Kept) -> tuple[str, ...]:
    content = entry.told
    day = time.strftime("%Y-%m-%d %H:%M", time.localtime(entry.used))
    rows = content.get("rows")
    shown = f"{rows:,}" if isinstance(rows, int) else "broken"
    return (str(content.get("name", entry.path.name)), shown, format_bytes(entry.size), day)


def _to_json(entry: Kept) -> dict[str, object]:
    return {
        "name": entry.told.get("name"),
        "rows": entry.told.get("rows"),
        "bytes": entry.size,
        "used": entry.used,
        "folder": str(entry.path),
    }


class CacheView:
    """A progress display of reading a table into the cache.

    On a terminal it updates one line, else it prints a line every ten seconds.

    Args:
        stop: is called for every update; returns a reason to stop, or "" to continue.
    """

    def __init__(self, stop: Callable[[], str]) -> None:
        self._stop = stop
        self._is_terminal = sys.stderr.isatty()
        self._last_time = time.monotonic()
        self._line_width = 0

    def show(self, step: str, fraction: float) -> None:
        """Show the current step and its progress.

        Raises:
            KeyboardInterrupt: if `stop` returned a reason.
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
            say_error(line)
            self._last_time = now

    def close(self) -> None:
        """Clear the line."""
        if self._line_width:
            sys.stderr.write(f"\r{'':<{self._line_width}}\r")
            sys.stderr.flush()
            self._line_width = 0
