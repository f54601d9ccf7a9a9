"""Diagnostics as rows of a tree: header, details (found, expected, why), fixes, explanation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from app.text.phrases import window_fixes
from engine.core.codes import CODES
from engine.core.diagnostic import Diagnostic, Fix, Severity
from engine.core.formatting.counts import count_noun
from engine.graph.edits.wire_edits import port_label

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")
SEVERITY_NAMES = {
    "error": ("error", "errors"),
    "warning": ("warning", "warnings"),
    "info": ("note", "notes"),
}
MAX_TEXT_LENGTH = 600  # maximum number of characters to show, since texts of files may be long

RowKind = Literal["problem", "fact", "fix", "advice", "explain", "meaning"]


@dataclass(frozen=True)
class DiagnosticRow:
    """One row of the tree of diagnostics.

    Args:
        kind: the kind of row. A "fix" row is a fix that the program can apply. An "advice" row is
            a fix that the user must make.
        label: the label, such as "Found"; on a header row, the node or another subject.
        text: the text after the label.
        severity: the severity of the diagnostic that the row belongs to.
        fix: the fix that the row can apply, or None; on a header row, the first possible fix.
    """

    kind: RowKind
    label: str
    text: str
    severity: Severity
    fix: Fix | None = None


@dataclass(frozen=True)
class DiagnosticEntry:
    """One diagnostic with its rows.

    Args:
        key: a value that stays the same if the diagnostic is found again after an edit.
        header: the top-level row of the diagnostic.
        details: the rows below the header; the last one is the "explain" row.
        explanation: the rows below the "explain" row.
    """

    key: Hashable
    diagnostic: Diagnostic
    header: DiagnosticRow
    details: tuple[DiagnosticRow, ...]
    explanation: tuple[DiagnosticRow, ...]


def diagnostic_entries(
    diagnostics: Iterable[Diagnostic], default_subject: str = "graph"
) -> list[DiagnosticEntry]:
    """Return diagnostics as tree entries, in the same order.

    `default_subject` is shown for diagnostics that have neither a `node` nor a `place`.
    """
    seen: Counter[Hashable] = Counter()
    result = []
    for diagnostic in diagnostics:
        location = (diagnostic.code, diagnostic.node, diagnostic.port, diagnostic.param)
        result.append(_make_entry((*location, seen[location]), diagnostic, default_subject))
        seen[location] += 1
    return result


def count_text(number: int, severity: Severity) -> str:
    """Return a number of diagnostics as text, such as "1 error", "2 warnings" or "no notes"."""
    singular, plural = SEVERITY_NAMES[severity]
    return f"{number or 'no'} {singular if number == 1 else plural}"


def accessible_text(entry: DiagnosticEntry) -> str:
    """Return a diagnostic as a sentence for screen readers."""
    fix_count = sum(line.kind in ("fix", "advice") for line in entry.details)
    fixes_text = f" {count_noun(fix_count, 'way')} to fix it." if fix_count else ""
    severity_name = SEVERITY_NAMES[entry.header.severity][0].capitalize()
    return f"{severity_name}, {entry.header.label}: {entry.header.text}.{fixes_text}"


def _make_entry(key: Hashable, diagnostic: Diagnostic, default_subject: str) -> DiagnosticEntry:
    fixes, severity = diagnostic.fixes, diagnostic.severity
    first_fix = fixes[0] if fixes and fixes[0].edit is not None else None
    location = diagnostic.place or default_subject
    subject = diagnostic.node or location.replace(".", " ").capitalize()
    text = _shorten(diagnostic.message)
    header = DiagnosticRow("problem", _shorten(subject, 80), text, severity, first_fix)
    details, explanation = tuple(_detail_rows(diagnostic)), tuple(_explanation(diagnostic))
    return DiagnosticEntry(key, diagnostic, header, details, explanation)


def _detail_rows(diagnostic: Diagnostic) -> Iterator[DiagnosticRow]:
    location = (
        port_label(diagnostic.port) if diagnostic.port else "",
        f'parameter "{diagnostic.param}"' if diagnostic.param else "",
        diagnostic.place or "",
    )
    labeled_texts = (
        ("Where", ", ".join(filter(None, location))),
        ("Found", diagnostic.found),
        ("Expected", diagnostic.expected),
        ("Why", diagnostic.why),
    )
    for head, text in labeled_texts:
        if text:
            yield DiagnosticRow("fact", head, _shorten(text), diagnostic.severity)
    for fix in diagnostic.fixes:
        if fix.edit is not None:
            text = _shorten(fix.text.rstrip("."))
            yield DiagnosticRow("fix", "Fix", text, diagnostic.severity, fix)
        elif window_fixes([fix]):
            yield DiagnosticRow("advice", "To do", _shorten(fix.text), diagnostic.severity)
    yield DiagnosticRow("explain", "Explain", CODES[diagnostic.code].title, diagnostic.severity)


def _explanation(diagnostic: Diagnostic) -> Iterator[DiagnosticRow]:
    code = CODES[diagnostic.code]
    yield DiagnosticRow("meaning", "Meaning", code.meaning, diagnostic.severity)
    yield DiagnosticRow("meaning", "Example", code.example, diagnostic.severity)


def _shorten(text: str, max_length: int = MAX_TEXT_LENGTH) -> str:
    text_line = " ".join(text.split())
    return text_line if len(text_line) <= max_length else text_line[: max_length - 1] + "…"
