"""Findings as rows to read: a headline, then what was found, expected, why, and each way out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from app.text.phrases import count_noun, window_fixes
from engine.core.codes import CODES
from engine.core.diagnostic import Diagnostic, Fix, Severity
from engine.graph.edits.wire_edits import port_label

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")
WORDS = {
    "error": ("error", "errors"),
    "warning": ("warning", "warnings"),
    "info": ("note", "notes"),
}
LONGEST = 600  # characters of one text that are shown; a file may hold any

Kind = Literal["problem", "fact", "fix", "advice", "explain", "meaning"]


@dataclass(frozen=True)
class Line:
    """One row of the tree.

    Args:
        kind: what it is; "fix" can be pressed, "advice" is a fix for a person to do.
        head: the word in front, such as "Found"; on a problem, what it is about.
        text: what it says.
        severity: of the problem that it belongs to.
        fix: what pressing it does, on a problem its first fix if a machine can do it.
    """

    kind: Kind
    head: str
    text: str
    severity: Severity
    fix: Fix | None = None


@dataclass(frozen=True)
class Entry:
    """One finding with its rows.

    Args:
        key: tells the same finding again after an edit.
        found: the finding.
        line: its headline.
        details: the rows below it; the last one is "explain".
        meaning: the rows below "explain".
    """

    key: Hashable
    found: Diagnostic
    line: Line
    details: tuple[Line, ...]
    meaning: tuple[Line, ...]


def entries(diagnostics: Iterable[Diagnostic], whole: str = "graph") -> list[Entry]:
    """Return the findings as rows, in their order; equal places are told apart by counting.

    Args:
        diagnostics: the findings.
        whole: what those are about that name no place.
    """
    seen: Counter[Hashable] = Counter()
    made = []
    for found in diagnostics:
        place = (found.code, found.node, found.port, found.param)
        made.append(_entry((*place, seen[place]), found, whole))
        seen[place] += 1
    return made


def count_text(number: int, severity: Severity) -> str:
    """Return "1 error", "2 warnings", "no notes"."""
    one, many = WORDS[severity]
    return f"{number or 'no'} {one if number == 1 else many}"


def sentence(entry: Entry) -> str:
    """Return a finding as a screen reader says it."""
    ways = sum(line.kind in ("fix", "advice") for line in entry.details)
    more = f" {count_noun(ways, 'way')} to fix it." if ways else ""
    word = WORDS[entry.line.severity][0].capitalize()
    return f"{word}, {entry.line.head}: {entry.line.text}.{more}"


def _entry(key: Hashable, found: Diagnostic, whole: str) -> Entry:
    first = found.fixes[0] if found.fixes and found.fixes[0].edit is not None else None
    about = found.node or (found.place or whole).replace(".", " ").capitalize()
    return Entry(
        key,
        found,
        Line("problem", _short(about, 80), _short(found.message), found.severity, first),
        tuple(_details(found)),
        tuple(_meaning(found)),
    )


def _details(found: Diagnostic) -> Iterator[Line]:
    where = ", ".join(
        part
        for part in (
            port_label(found.port) if found.port else "",
            f'parameter "{found.param}"' if found.param else "",
            found.place or "",
        )
        if part
    )
    facts = (
        ("Where", where),
        ("Found", found.found),
        ("Expected", found.expected),
        ("Why", found.why),
    )
    for head, text in facts:
        if text:
            yield Line("fact", head, _short(text), found.severity)
    for fix in found.fixes:
        if fix.edit is not None:
            yield Line("fix", "Fix", _short(fix.text.rstrip(".")), found.severity, fix)
        elif window_fixes([fix]):
            yield Line("advice", "To do", _short(fix.text), found.severity)
    yield Line("explain", "Explain", CODES[found.code].title, found.severity)


def _meaning(found: Diagnostic) -> Iterator[Line]:
    code = CODES[found.code]
    yield Line("meaning", "Meaning", code.meaning, found.severity)
    yield Line("meaning", "Example", code.example, found.severity)


def _short(text: str, most: int = LONGEST) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= most else plain[: most - 1] + "…"
