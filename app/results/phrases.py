"""Formatting of evaluation results and diagnostics as text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from app.text.diagnostic_text import diagnostic_sentence
from app.text.phrases import wrap_long_words
from engine.core.diagnostic import Diagnostic
from engine.core.formatting.counts import count_noun
from engine.runs.evaluation import EvaluationRecord

MISSING_VALUE = "\N{EN DASH}"
_COLUMN = "column "
_HASH_LENGTH = 12  # shown characters of a hash
_VERSIONS = ("layerloom", "torch", "numpy", "python")


def percent(fraction: float) -> str:
    """Return a fraction as a percentage. A fraction below 1 is never rounded to 100%."""
    return f"{fraction:.1%}" if fraction < 0.9995 or fraction == 1 else "99.9%"


def evaluation_title(results: EvaluationRecord) -> str:
    """Return the title of an evaluation: the name of the split or of the file."""
    return f"{results.split.capitalize()} rows" if results.split else results.name


def rows_description(results: EvaluationRecord) -> str:
    """Return a description of the evaluated rows: count, split and file."""
    return f"{results.rows_description}, {Path(results.data).name}"


def evaluation_details(results: EvaluationRecord, run: Path) -> Iterator[tuple[str, str]]:
    """Yield (name, value) of each detail that is needed to reproduce the scores."""
    details = results.stamp
    evaluated: Mapping[str, Any] = details.get("evaluated") or {}
    hashes: Mapping[str, Any] = details.get("hashes") or {}
    versions: Mapping[str, Any] = details.get("versions") or {}
    yield "Run", run.name
    yield "Weights", results.weights_description
    yield "Rows", rows_description(results)
    yield "Split", str(details.get("split") or MISSING_VALUE)
    yield "Seed", str(details.get("seed", MISSING_VALUE))
    yield "Data", _short_hash(evaluated.get("data"))
    yield "Trained on", _short_hash(hashes.get("data"))
    names = [name for name in _VERSIONS if name in versions] or list(versions)[:4]
    yield "Versions", ", ".join(f"{name} {versions[name]}" for name in names) or MISSING_VALUE
    device = evaluated.get("device") or details.get("device") or MISSING_VALUE
    threads = details.get("threads")
    threads_text = f", {count_noun(threads, 'thread')}" if isinstance(threads, int) else ""
    yield "Device", f"{device}{threads_text}, {details.get('precision') or 'float32'}"


def _short_hash(digest: object) -> str:
    return str(digest)[:_HASH_LENGTH] if digest else MISSING_VALUE


def cell_column(diagnostic: Diagnostic) -> str:
    """Return the column that a diagnostic is about, "" if it is not about a column."""
    place = diagnostic.place or ""
    return place.removeprefix(_COLUMN) if place.startswith(_COLUMN) else ""


def error_text(diagnostic: Diagnostic, in_field: bool = False) -> str:
    """Return the message of a diagnostic, with its column and its first fix.

    Args:
        diagnostic: the diagnostic.
        in_field: whether the text is shown below the column's field. It then omits the column.
    """
    location = f"{diagnostic.place}: " if cell_column(diagnostic) and not in_field else ""
    return wrap_long_words(diagnostic_sentence(diagnostic, location))
