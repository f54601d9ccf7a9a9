"""The `cache` command, and the view of a table that is read into the cache."""

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

_EVERY = 10.0  # seconds between two lines where nobody watches


def cache(
    clear: Annotated[bool, typer.Option("--clear", help="Remove all of it.")] = False,
    as_json: Json = False,
) -> None:
    """Show or remove the rows that were read once into the cache.

    Tables that are too large for memory are trained from there; what was not used for longest goes
    by itself. LAYERLOOM_CACHE names another folder.
    """
    from engine.data.cache import storage

    folder = storage.cache_folder()
    found = storage.clear(folder) if clear else storage.kept(folder)
    size = sum(each.size for each in found)
    if as_json:
        plain = [_plain(each) for each in found]
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


def _row(each: Kept) -> tuple[str, ...]:
    told = each.told
    day = time.strftime("%Y-%m-%d %H:%M", time.localtime(each.used))
    rows = told.get("rows")
    shown = f"{rows:,}" if isinstance(rows, int) else "broken"
    return (str(told.get("name", each.path.name)), shown, format_bytes(each.size), day)


def _plain(each: Kept) -> dict[str, object]:
    return {
        "name": each.told.get("name"),
        "rows": each.told.get("rows"),
        "bytes": each.size,
        "used": each.used,
        "folder": str(each.path),
    }


class CacheView:
    """How far a table is read into the cache: one line that changes, or a line now and then.

    Args:
        stop: asked all the time; a reason to leave, or "" to go on.
    """

    def __init__(self, stop: Callable[[], str]) -> None:
        self._stop = stop
        self._watched = sys.stderr.isatty()
        self._last = time.monotonic()
        self._wide = 0

    def show(self, doing: str, share: float) -> None:
        """Show what is being done, and which share of it is.

        Raises:
            KeyboardInterrupt: if somebody asked to stop.
        """
        if self._stop():
            raise KeyboardInterrupt
        line = f"{doing}: {share:.0%}" if share else doing
        now = time.monotonic()
        if self._watched and now - self._last >= 0.1:
            sys.stderr.write(f"\r{line:<{self._wide}}")
            sys.stderr.flush()
            self._last, self._wide = now, len(line)
        elif not self._watched and now - self._last >= _EVERY:
            say_error(line)
            self._last = now

    def close(self) -> None:
        """Leave the terminal as it was."""
        if self._wide:
            sys.stderr.write(f"\r{'':<{self._wide}}\r")
            sys.stderr.flush()
            self._wide = 0
