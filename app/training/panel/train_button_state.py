"""Whether a document can be trained: what stands in the way, and what to do next."""

from __future__ import annotations

import os
from pathlib import Path

from engine.check.report import Report


def hindrance(report: Report, data: Path | None) -> str:
    """Return why a document can't be trained on data, "" if nothing is known against it."""
    if report.errors:
        where = f"{report.errors[0].node}: " if report.errors[0].node else ""
        rest = f" (and {len(report.errors) - 1} more)" if len(report.errors) > 1 else ""
        return f"{where}{report.errors[0].message}{rest}. Fix this first."
    if data is None:
        return "Choose data to train on first."
    if not os.path.exists(data):  # a Path raises where it may not look
        return f"The data is no longer there: {data}. Choose it again."
    return ""


def next_step(report: Report, data: Path | None, sample: str, why_not: str) -> str:
    """Return what to do to see curves.

    Args:
        report: of the document.
        data: that is chosen.
        sample: the name of the sample data that fits, "" if none does.
        why_not: why it can't be trained now.
    """
    if data is not None or report.errors:
        return why_not or "Press Train. The curves of each output appear here."
    if sample:
        return "Press Use sample data, or choose data of your own. Then press Train."
    return "Choose data to train on. Then press Train."
