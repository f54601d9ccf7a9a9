"""Diagnostics as text: a sentence, a paragraph, or the text of a message box."""

from __future__ import annotations

from app.text.phrases import (
    capitalize,
    to_sentence,
    truncate,
    window_fixes,
    with_period,
    wrap_long_words,
)
from engine.core.diagnostic import Diagnostic

_MAX_LENGTH = 400  # characters of each part of a message box, since a file may contain long texts


def at_node(diagnostic: Diagnostic) -> str:
    """Return "node: message" of a diagnostic, or only the message if the node is not known."""
    return f"{diagnostic.node}: {diagnostic.message}" if diagnostic.node else diagnostic.message


def diagnostic_sentence(diagnostic: Diagnostic, location: str = "") -> str:
    """Return a diagnostic as text: `location` and message as one sentence, then the first fix."""
    fixes = window_fixes(diagnostic.fixes)[:1]
    return " ".join([to_sentence(f"{location}{diagnostic.message}"), *fixes])


def diagnostic_paragraph(diagnostic: Diagnostic) -> str:
    """Return a diagnostic as text: message, location, found and expected value, and one fix.

    The fix is the first one that can't be applied automatically.
    """
    parts = [capitalize(diagnostic.message)]
    location = (diagnostic.place or "").removeprefix("column ")
    if location and location not in diagnostic.message and "/" not in location:
        if "(" in location:
            parts.append(f"Where: {diagnostic.place}")
        else:
            parts[0] += f" ({diagnostic.place})"
    if diagnostic.found and diagnostic.found not in diagnostic.message:
        parts.append(f"Found: {diagnostic.found}")
    if diagnostic.expected:
        parts.append(f"Expected: {diagnostic.expected}")
    parts += window_fixes(fix for fix in diagnostic.fixes if not fix.edit)[:1]
    return wrap_long_words(" ".join(map(with_period, parts)))


def message_box_text(diagnostic: Diagnostic) -> str:
    """Return a diagnostic as text: message, found and expected values, location, and fixes."""
    message = to_sentence(diagnostic.message)
    labels = ("Found", "Expected", "Where")
    values = (diagnostic.found, diagnostic.expected, diagnostic.place)
    details = [f"{label}: {value}" for label, value in zip(labels, values, strict=True) if value]
    fixes = window_fixes(diagnostic.fixes)
    parts = (message, "\n".join(details), "\n".join(fixes))
    return "\n\n".join(truncate(part, _MAX_LENGTH) for part in parts if part)
