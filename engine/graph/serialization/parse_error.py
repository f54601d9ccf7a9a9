"""What keeps a graph file from being opened, and the words for it."""

from __future__ import annotations

import json

from engine.core.diagnostic import Diagnostic, Fix, Refused
from engine.graph.serialization.json_positions import Path, line_column, offset_of


class Fault(Exception):  # noqa: N818 - it becomes a finding, and never leaves this package
    """Something that keeps a file from being opened, at a path of its JSON value."""

    def __init__(
        self,
        code: str,
        message: str,
        path: Path = (),
        *fixes: str,
        found: str = "",
        expected: str = "",
    ) -> None:
        super().__init__(message)
        self.code, self.message, self.path, self.fixes = code, message, path, fixes
        self.found, self.expected = found, expected

    def refused(self, text: str, offset: int | None = None) -> Refused:
        """Return the finding with line, column and path."""
        at = offset_of(text, self.path) if offset is None else offset
        where = f"{line_column(text, at)}, at {dotted(self.path)}" if self.path else ""
        return Refused(
            Diagnostic(
                self.code,
                self.message,
                place=where or line_column(text, at),
                found=self.found,
                expected=self.expected,
                fixes=tuple(Fix(fix) for fix in self.fixes),
            )
        )


def dotted(path: Path) -> str:
    """Return a path as people write it: graph.nodes[3].params.units."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif step.isidentifier():
            text += f".{short(step, 40)}" if text else short(step, 40)
        else:
            text += f"[{quoted(step)}]"
    return text


def short(text: str, longest: int = 60) -> str:
    """Return a text of at most `longest` characters."""
    return text if len(text) <= longest else text[: longest - 3] + "..."


def quoted(text: str) -> str:
    """Return a text in quotes, cut short, everything that can't be seen escaped."""
    return json.dumps(short(text))


def too_many(what: str, found: int, most: int, path: Path = ()) -> Fault:
    """Return the fault of a limit that is passed."""
    return Fault(
        "limit-passed",
        f"the file holds more {what} than this program takes",
        path,
        "Open a smaller file.",
        found=f"{found} {what}",
        expected=f"at most {most} {what}",
    )
