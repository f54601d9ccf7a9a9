"""Automatic fixes: applies the first fix of each error and checks the project after each one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Any

from engine.check.report import Report, check
from engine.core.diagnostic import Diagnostic
from engine.core.formatting.counts import count_noun
from engine.graph.edits import node_edits
from engine.graph.model import Project

SECONDS = 1.0  # time limit, since it runs in the GUI thread; pressing again continues


@dataclass(frozen=True)
class Mended:
    """The result of applying automatic fixes to a project.

    Args:
        done: number of errors that were fixed, by one edit each.
        more: whether it stopped because the time limit was reached.
    """

    project: Project
    done: int
    left: int
    more: bool = False

    def __str__(self) -> str:
        fixed = f"Fixed {count_noun(self.done, 'error')}"
        rest = f"{self.left} left" if self.left else "none is left"
        return f"{fixed}; {rest}." + (" Press again to continue." if self.more else "")


def can_mend(report: Report) -> bool:
    """Return whether the first fix of any error can be applied automatically."""
    return any(_edit(error) is not None for error in report.errors)


def mend_all(report: Report, seconds: float = SECONDS) -> Mended:
    """Apply the first fix of each error in turn, as long as it removes that error.

    A fix may reveal errors that the first one hid, so their number may stay but never grows. Each
    error is tried once, so the loop ends; `seconds` is a time limit.
    """
    done, tried, deadline = 0, set[object](), monotonic() + seconds
    while error := next((e for e in report.errors if _edit(e) and _key(e) not in tried), None):
        if monotonic() > deadline:
            return Mended(report.project, done, len(report.errors), more=True)
        tried.add(_key(error))
        fixed = _report_if_better(report, error)
        if fixed is None:
            break
        report, done = fixed, done + 1
    return Mended(report.project, done, len(report.errors))


def _report_if_better(report: Report, error: Diagnostic) -> Report | None:
    """Return the report after the fix of an error; None if the error stays or others are added."""
    edit = _edit(error)
    assert edit is not None
    try:
        project = node_edits.apply_edit(report.project, edit)
    except ValueError:
        return None
    fixed = check(project)
    is_gone = _key(error) not in map(_key, fixed.errors)
    return fixed if is_gone and len(fixed.errors) <= len(report.errors) else None


def _edit(error: Diagnostic) -> Mapping[str, Any] | None:
    """Return the edit of the first fix; None if it has to be fixed by hand."""
    return error.fixes[0].edit if error.fixes else None


def _key(error: Diagnostic) -> tuple[object, ...]:
    """Return what identifies an error across two checks, whatever its message."""
    return error.code, error.node, error.port, error.param, error.place, error.found
