"""Shapes of windows in the fixes of diagnostics that were found in single rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

from engine.check.report import Report
from engine.core.diagnostic import Diagnostic, DiagnosticError, Fix
from engine.data.dataset.graph_dataset import is_sequence


@contextmanager
def windowed_errors(report: Report) -> Iterator[None]:
    """Return a context that changes the fixes of errors like `with_window_shapes`."""
    try:
        yield
    except DiagnosticError as error:
        raise DiagnosticError(*with_window_shapes(report, error.diagnostics)) from None


def with_window_shapes(report: Report, diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Return diagnostics, in which the shape that a fix gives to a sequence has the past steps."""
    windows = report.mapping.windows if report.mapping else None
    if windows is None:
        return list(diagnostics)
    # An Input with two axes is a sequence, even if the number of its steps is wrong.
    specs = report.input_specs().items()
    sequences = {name for name, spec in specs if spec.rank > 1 or is_sequence(spec, windows)}
    return [
        replace(item, fixes=tuple(_fix(fix, sequences, windows.past) for fix in item.fixes))
        for item in diagnostics
    ]


def _fix(fix: Fix, sequences: set[str], past: int) -> Fix:
    edit = fix.edit
    params = edit.get("params") if edit else None
    if edit and edit["do"] == "several":
        parts = [_fix(Fix("", part), sequences, past).edit for part in edit["edits"]]
        return Fix(fix.text, {**edit, "edits": parts})
    if edit and edit.get("node") in sequences and isinstance(params, Mapping) and "shape" in params:
        shape = [past, *params["shape"]]
        text = fix.text.replace(str(params["shape"]), str(shape))
        return Fix(text, {**edit, "params": {**params, "shape": shape}})
    return fix
