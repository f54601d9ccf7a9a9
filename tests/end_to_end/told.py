"""What a person is told about an act: the codes that refuse it, warn of it, or are noted."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import pytest

from engine import DiagnosticError, DiagnosticWarning


def told(act: Callable[[], object], file: str) -> set[str]:
    """Return the codes that an act gives, each at a line of the caller's file.

    Args:
        act: refused, warned of, or answered with notes.
        file: whose lines have to be named.
    """
    caught = None
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        try:
            answer = act()
        except DiagnosticError as refusal:
            caught = refusal
    if caught is not None:
        assert str(caught).startswith(f"{file}:"), f"no line is named:\n{caught}"
        return {found.code for found in caught.diagnostics if found.is_error}
    codes = {note.code for note in getattr(answer, "notes", ())}
    for each in heard:
        assert isinstance(each.message, DiagnosticWarning), each.message
        assert each.filename == file
        codes.add(each.message.diagnostic.code)
    return codes


def refused(act: Callable[[], object], file: str) -> list:
    """Return the errors that an act is refused with; its text names the line."""
    with pytest.raises(DiagnosticError) as caught:
        act()
    assert str(caught.value).startswith(f"{file}:")
    return [found for found in caught.value.diagnostics if found.is_error]
