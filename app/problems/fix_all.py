"""Mends every error that a machine can mend, checking after each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Any

from app.text.phrases import count_noun
from engine.check.report import Report, check
from engine.core.diagnostic import Diagnostic
from engine.graph.edits import node_edits
from engine.graph.model import Project

SECONDS = 1.0  # a person waits for the answer; pressing again goes on


@dataclass(frozen=True)
class Mended:
    """What became of a project.

    Args:
        project: with what could be mended.
        done: how many errors were mended by an edit each.
        left: how many errors there are now.
        more: whether it ended only because time was up.
    """

    project: Project
    done: int
    left: int
    more: bool = False

    def __str__(self) -> str:
        fixed = f"Fixed {count_noun(self.done, 'error')}"
        rest = f"{self.left} left" if self.left else "none is left"
        return f"{fixed}; {rest}." + (" Press again to go on." if self.more else "")


def can_mend(report: Report) -> bool:
    """Return whether the first fix of some error is one for a machine."""
    return any(_edit(found) is not None for found in report.errors)


def mend_all(report: Report, seconds: float = SECONDS) -> Mended:
    """Do the first fix of one error after the other while that leaves fewer errors, or others.

    A mended error may bring others to light that it hid, so the count may stay; it never grows,
    and no error is mended twice.
    """
    done, tried, end = 0, set[object](), monotonic() + seconds
    while found := next((e for e in report.errors if _edit(e) and _key(e) not in tried), None):
        if monotonic() > end:
            return Mended(report.project, done, len(report.errors), more=True)
        tried.add(_key(found))
        better = _better(report, found)
        if better is None:
            break
        report, done = better, done + 1
    return Mended(report.project, done, len(report.errors))


def _better(report: Report, found: Diagnostic) -> Report | None:
    edit = _edit(found)
    assert edit is not None
    try:
        project = node_edits.apply_edit(report.project, edit)
    except ValueError:
        return None
    mended = check(project)
    gone = _key(found) not in map(_key, mended.errors)
    return mended if gone and len(mended.errors) <= len(report.errors) else None


def _edit(found: Diagnostic) -> Mapping[str, Any] | None:
    return found.fixes[0].edit if found.fixes else None


def _key(found: Diagnostic) -> tuple[object, ...]:
    return found.code, found.node, found.port, found.param, found.place, found.found
