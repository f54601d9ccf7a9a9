"""The error for invalid graph files, and formatting of its texts."""

from __future__ import annotations

import json

from engine.core.diagnostic import DiagnosticError, diagnostic_error
from engine.graph.serialization.json_positions import JsonPath, line_column, value_offset


class GraphFileError(Exception):
    """An error in a graph file, located by the path of the invalid value.

    Args:
        path: keys and indices from the top of the file to the invalid value; () for the file.
        *fixes: texts of the suggested fixes.
    """

    def __init__(
        self,
        code: str,
        message: str,
        path: JsonPath = (),
        *fixes: str,
        found: str = "",
        expected: str = "",
    ) -> None:
        super().__init__(message)
        self.code, self.message, self.path, self.fixes = code, message, path, fixes
        self.found, self.expected = found, expected

    def to_diagnostic_error(self, text: str, offset: int | None = None) -> DiagnosticError:
        """Return a DiagnosticError that names the line, column and JSON path of the invalid value.

        `text` is the text of the file. `offset` is the position of the error in `text`; None
        means the start of the value at the JSON path.
        """
        position = line_column(text, value_offset(text, self.path) if offset is None else offset)
        return diagnostic_error(
            self.code,
            self.message,
            *self.fixes,
            place=f"{position}, at {format_json_path(self.path)}" if self.path else position,
            found=self.found,
            expected=self.expected,
        )


def format_json_path(path: JsonPath) -> str:
    """Return a path in JavaScript notation: graph.nodes[3].params.units."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif step.isidentifier():
            text += f".{shorten(step, 40)}" if text else shorten(step, 40)
        else:
            text += f"[{quote(step)}]"
    return text


def shorten(text: str, max_length: int = 60) -> str:
    """Return a text, truncated to `max_length` characters."""
    return text if len(text) <= max_length else text[: max_length - 3] + "..."


def quote(text: str) -> str:
    """Return a text in quotes, truncated, with control and non-ASCII characters escaped."""
    return json.dumps(shorten(text))


def limit_error(noun: str, found: int, limit: int, path: JsonPath = ()) -> GraphFileError:
    """Return the error for a file with too many items; `noun` says of what, such as "nodes"."""
    return GraphFileError(
        "limit-passed",
        f"the file has too many {noun}",
        path,
        "Open a smaller file.",
        found=f"{found} {noun}",
        expected=f"at most {limit} {noun}",
    )
