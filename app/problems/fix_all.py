"""Automatic fixes: applies the first fix of each error and checks the project after each fix."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Any

from engine.check.report import Report, check
from engine.core.diagnostic import Diagnostic
from engine.core.formatting.counts import count_noun
from engine.graph.edits.registry import apply_edit
from engine.graph.model import Project

_MAX_NAMED = 3  # fixes in the message
MAX_SECONDS = 1.0  # a limit, since fixing blocks the GUI thread; pressing again continues


@dataclass(frozen=True)
class FixResult:
    """The result of applying automatic fixes to a project.

    Args:
        fixes: the node ("" for none) and the text of each fix that was applied. Each is one edit.
        is_timed_out: whether fixing stopped because the time limit was reached.
    """

    project: Project
    fixes: tuple[tuple[str, str], ...]
    remaining_count: int
    is_timed_out: bool = False

    def __str__(self) -> str:
        fixed = f"Fixed {count_noun(len(self.fixes), 'error')}"
        rest = f"{self.remaining_count} left" if self.remaining_count else "none left"
        again = " Press again to continue." if self.is_timed_out else ""
        return f"{fixed}; {rest}.{again} {self._changes()}".rstrip()

    def _changes(self) -> str:
        """Return the first fixes as text; equal fixes of several nodes are one entry."""
        nodes: dict[str, list[str]] = {text: [] for _, text in self.fixes}
        for node, text in self.fixes:
            nodes[text] += [node] if node else []
        parts = [f"{', '.join(names)}: {text}" if names else text for text, names in nodes.items()]
        return " ".join(parts[:_MAX_NAMED]) + (" ..." if len(parts) > _MAX_NAMED else "")


def can_fix(report: Report) -> bool:
    """Return whether the first fix of at least one error can be applied automatically."""
    return any(_edit(error) is not None for error in report.errors)


def apply_fixes(report: Report, seconds: float = MAX_SECONDS) -> FixResult:
    """Apply the first fix of one error after the other; stop at a fix that does not help.

    A fix helps if its error is gone and the number of errors has not grown. A fix may reveal a
    hidden error. No error is tried twice. `seconds` is a time limit.
    """
    fixes: tuple[tuple[str, str], ...] = ()
    tried, deadline = set[object](), monotonic() + seconds
    while error := next((e for e in report.errors if _edit(e) and _key(e) not in tried), None):
        if monotonic() > deadline:
            return FixResult(report.project, fixes, len(report.errors), is_timed_out=True)
        tried.add(_key(error))
        fixed = _report_if_better(report, error)
        if fixed is None:
            break
        report, fixes = fixed, (*fixes, (error.node or "", error.fixes[0].text))
    return FixResult(report.project, fixes, len(report.errors))


def _report_if_better(report: Report, error: Diagnostic) -> Report | None:
    """Apply the first fix of `error`; return the new report, None if the fix does not help."""
    edit = _edit(error)
    assert edit is not None
    try:
        project = apply_edit(report.project, edit)
    except ValueError:
        return None
    fixed = check(project)
    is_fixed = _key(error) not in map(_key, fixed.errors)
    return fixed if is_fixed and len(fixed.errors) <= len(report.errors) else None


def _edit(error: Diagnostic) -> Mapping[str, Any] | None:
    """Return the edit of the first fix of an error, None if there is no such edit."""
    return error.fixes[0].edit if error.fixes else None


def _key(error: Diagnostic) -> tuple[object, ...]:
    """Return a key that identifies an error in a later check, even if its message changes."""
    return error.code, error.node, error.port, error.param, error.place, error.found
