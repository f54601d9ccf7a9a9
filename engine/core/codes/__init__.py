"""The catalogue of diagnostic codes, one module per area. A code never changes its meaning."""

from engine.core.codes import (
    data,
    encoding,
    file,
    graph,
    heads,
    params,
    python,
    run,
    series,
    shapes,
    training,
)
from engine.core.codes.entry import DiagnosticCode, ExitCode

__all__ = ["CODES", "DiagnosticCode", "ExitCode"]

_AREAS = (file, params, graph, shapes, heads, data, encoding, series, run, training, python)
CODES: dict[str, DiagnosticCode] = {
    code: entry for area in _AREAS for code, entry in area.CODES.items()
}

assert len(CODES) == sum(len(area.CODES) for area in _AREAS), "a code is listed in two areas"
