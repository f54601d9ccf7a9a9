"""Rules for whether a document can be trained: what prevents training, and what to do next."""

from __future__ import annotations

import os
from pathlib import Path

from app.text.diagnostic_text import at_node
from engine.check.report import Report


def training_problem(report: Report, data: Path | None) -> str:
    """Return why a document can't be trained on the data, "" if no problem is known."""
    if report.errors:
        rest = f" (and {len(report.errors) - 1} more)" if len(report.errors) > 1 else ""
        return f"{at_node(report.errors[0])}{rest}. Fix this first."
    if data is None:
        return "Choose data to train on first."
    if not os.path.exists(data):  # Path.exists raises if access is denied
        return f"The data is no longer there: {data}. Choose it again."
    return ""


def training_hint(report: Report, data: Path | None, sample: str, why_not: str) -> str:
    """Return the hint shown instead of curves: why no run can start, or what to do next.

    Args:
        report: the report of the document.
        data: the chosen data.
        sample: the name of matching sample data, "" if there is none.
        why_not: why the document can't be trained now, "" if it can.
    """
    if data is not None or report.errors:
        return why_not or "Press Train. The curves of each output appear here."
    if sample:
        return "Press Use sample data or choose your own data. Then press Train."
    return "Choose data to train on. Then press Train."
