"""The catalogue of diagnostic codes, one module per area. A code never changes its meaning."""

from dataclasses import replace

from engine.core.codes import (
    data,
    encoding,
    file,
    graph,
    heads,
    live_run,
    params,
    python,
    run,
    shapes,
    training,
)
from engine.core.codes.entry import DiagnosticCode, ExitCode
from engine.core.codes.fixes import FIXES

__all__ = ["CODES", "DiagnosticCode", "ExitCode"]

AREAS = (
    file.CODES,
    params.CODES,
    graph.CODES,
    shapes.CODES,
    heads.CODES,
    data.CODES,
    encoding.CODES,
    run.CODES,
    training.CODES,
    live_run.CODES,
    python.CODES,
)

CODES: dict[str, DiagnosticCode] = {
    code: replace(entry, fix=FIXES.get(code, "")) for area in AREAS for code, entry in area.items()
}

assert len(CODES) == sum(map(len, AREAS)), "a code is listed in two areas"
