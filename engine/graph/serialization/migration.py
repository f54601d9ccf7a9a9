"""Old files read in their old meaning: one pure function for each version that there was."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from engine.core.diagnostic import Diagnostic, Fix
from engine.graph.serialization.parse_error import Fault, quoted, short

FORMAT = "layerloom"
VERSION = 1

Migration = Callable[[dict[str, Any]], dict[str, Any]]

# By version, the function that turns a file's value into one of the next version. A migration
# that shipped is never edited. Version 1 is the first, so there is none yet.
MIGRATIONS: Mapping[int, Migration] = {}


def migrated(
    value: Any, migrations: Mapping[int, Migration] = MIGRATIONS, newest: int = VERSION
) -> tuple[dict[str, Any], list[Diagnostic]]:
    """Return a file's value in the form of today, and a note if it was older.

    Raises:
        Fault: another program's file, or one of a version after `newest`.
    """
    version = _version(value, newest)
    if version == newest:
        return value, []
    for old in range(version, newest):
        value = {**migrations[old](value), "version": old + 1}
    note = Diagnostic(
        "file-migrated",
        f"the file was written as version {version} and read as version {newest}",
        severity="info",
        found=f"version {version}",
        expected=f"version {newest}",
        fixes=(Fix("Save it to keep it in today's form."),),
    )
    return value, [note]


def _version(value: Any, newest: int) -> int:
    found = value.get("format") if isinstance(value, dict) else None
    if found != FORMAT:
        raise Fault(
            "other-format",
            "this is no Layerloom file",
            ("format",),
            "Open a file that ends in .loom.json.",
            found=quoted(found) if isinstance(found, str) else 'no "format"',
            expected=f'"format": "{FORMAT}"',
        )
    version = value.get("version")
    if type(version) is not int or version < 1:
        raise Fault(
            "other-format",
            "the file does not say which version it is",
            ("version",),
            f'Write "version": {newest}, if it follows the form of this version.',
            found=short(str(version)) if "version" in value else 'no "version"',
            expected=f"a whole number from 1 to {newest}",
        )
    if version > newest:
        raise Fault(
            "file-newer",
            f"the file is of version {version}, this program reads up to version {newest}",
            ("version",),
            "Install the newest Layerloom.",
            found=f"version {version}",
            expected=f"version {newest} or older",
        )
    return version
