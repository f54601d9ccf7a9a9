"""What is said of an evaluation: its rows, its stamp, its numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import isfinite
from pathlib import Path
from typing import Any

from app.text.numbers import format_score
from app.text.phrases import count_noun, to_sentence, window_fixes, wrap_long_words
from engine.core.diagnostic import Diagnostic
from engine.runs.evaluation import Results

NOTHING = "\N{EN DASH}"
_COLUMN = "column "
_LEAST = 12  # letters of a hash that tell it from all others
_VERSIONS = ("layerloom", "torch", "numpy", "python")


def score(value: float | None) -> str:
    """Return a score as it is shown."""
    return NOTHING if value is None or not isfinite(value) else format_score(value)


def percent(share: float) -> str:
    """Return a share as it is shown."""
    return f"{share:.1%}" if share < 0.9995 or share == 1 else "99.9%"


def name_of(results: Results) -> str:
    """Return what an evaluation is called."""
    return f"{results.split.capitalize()} rows" if results.split else results.name


def rows_of(results: Results) -> str:
    """Return which rows were scored."""
    rows = count_noun(results.rows, "row")
    side = f" of the {results.split} side" if results.split else ""
    return f"{rows}{side}, {Path(results.data).name}"


def stamp(results: Results, run: Path) -> Iterator[tuple[str, str]]:
    """Yield what has to be equal for the scores to come out equal: a name and a text each."""
    told = results.stamp
    evaluated: Mapping[str, Any] = told.get("evaluated") or {}
    hashes: Mapping[str, Any] = told.get("hashes") or {}
    versions: Mapping[str, Any] = told.get("versions") or {}
    yield "Run", run.name
    yield "Weights", results.told_weights
    yield "Rows", rows_of(results)
    yield "Split", str(told.get("split") or NOTHING)
    yield "Seed", str(told.get("seed", NOTHING))
    yield "Data", _brief(evaluated.get("data"))
    yield "Trained on", _brief(hashes.get("data"))
    known = [name for name in _VERSIONS if name in versions] or list(versions)[:4]
    yield "Versions", ", ".join(f"{name} {versions[name]}" for name in known) or NOTHING
    device = evaluated.get("device") or told.get("device") or NOTHING
    threads = told.get("threads")
    more = f", {count_noun(threads, 'thread')}" if isinstance(threads, int) else ""
    yield "Device", f"{device}{more}, {told.get('precision') or 'float32'}"


def _brief(digest: object) -> str:
    return str(digest)[:_LEAST] if digest else NOTHING


def of_cell(found: Diagnostic) -> str:
    """Return the column whose cell a finding is about, "" for another place."""
    return (found.place or "").removeprefix(_COLUMN) if _is_of_column(found) else ""


def _is_of_column(found: Diagnostic) -> bool:
    return (found.place or "").startswith(_COLUMN)


def told(found: Diagnostic, beside: bool = False) -> str:
    """Return a finding as a text: what is wrong and what to do.

    Args:
        found: the finding.
        beside: True where it is written beside its column, which then goes without saying.
    """
    where = f"{found.place}: " if _is_of_column(found) and not beside else ""
    ways = window_fixes(found.fixes)[:1]
    fix = f" {ways[0]}" if ways else ""
    return wrap_long_words(to_sentence(f"{where}{found.message}") + fix)
