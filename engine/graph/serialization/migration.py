"""Migration of graph files from older versions: one pure function for each version."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from engine.core.diagnostic import Diagnostic
from engine.graph.serialization.parse_error import GraphFileError, quote, shorten

FORMAT = "layerloom"
VERSION = 1

Migration = Callable[[dict[str, Any]], dict[str, Any]]

# A mapping from a version to the function that converts a file's JSON value to the next version. A
# released migration is never edited. There is none yet, as version 1 is the only one.
MIGRATIONS: Mapping[int, Migration] = {}


def migrate(
    value: Any, migrations: Mapping[int, Migration] = MIGRATIONS, newest: int = VERSION
) -> tuple[dict[str, Any], list[Diagnostic]]:
    """Return a file's JSON value in the format of version `newest`, and a note if it was older.

    `migrations` has, by version, the function that converts the value to the next version.

    Raises:
        GraphFileError: the file is from another program, or from a newer version.
    """
    version = _version(value, newest)
    if version == newest:
        return value, []
    for old in range(version, newest):
        value = {**migrations[old](value), "version": old + 1}
    note = Diagnostic.info(
        "file-migrated",
        f"the file was written as version {version} and read as version {newest}",
        "Save it to keep the current format.",
        found=f"version {version}",
        expected=f"version {newest}",
    )
    return value, [note]


def _version(value: Any, newest: int) -> int:
    found = value.get("format") if isinstance(value, dict) else None
    if found != FORMAT:
        raise GraphFileError(
            "other-format",
            "this is not a Layerloom file",
            ("format",),
            "Open a file that ends in .loom.json.",
            found=quote(found) if isinstance(found, str) else 'no "format"',
            expected=f'"format": "{FORMAT}"',
        )
    version = value.get("version")
    if type(version) is not int or version < 1:
        raise GraphFileError(
            "other-format",
            "the file has no valid version",
            ("version",),
            f'Write "version": {newest}, if it has the format of this version.',
            found=shorten(str(version)) if "version" in value else 'no "version"',
            expected=f"an integer from 1 to {newest}",
        )
    if version > newest:
        raise GraphFileError(
            "file-newer",
            f"the file has version {version}, but this program reads versions up to {newest}",
            ("version",),
            "Install the newest Layerloom.",
            found=f"version {version}",
            expected=f"version {newest} or older",
        )
    return version
