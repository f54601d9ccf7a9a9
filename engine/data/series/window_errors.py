"""Diagnostics about the rows of time series and their windows."""

from __future__ import annotations

from collections.abc import Sequence

from engine.core.affected_rows import AffectedRows
from engine.core.diagnostic import Diagnostic, DiagnosticError, diagnostic_error, nearest_word
from engine.core.formatting.counts import count_noun
from engine.data.table.array import Array
from engine.data.table.row_numbers import affected_rows
from engine.recipe.windows import Windows, set_windows_fix

_PLACE = "data.windows"


def missing_column_error(settings: Windows, name: str, known: Sequence[str]) -> DiagnosticError:
    """Return the error for a table without a column that defines the windows."""
    nearest, field = nearest_word(name, known), "by" if name == settings.by else "group"
    fix = f'Map "{field}" of the windows to another column.'
    return diagnostic_error(
        "column-missing",
        f'the data has no column "{name}", which the windows need',
        set_windows_fix(f'Use "{nearest}".', settings, **{field: nearest}) if nearest else fix,
        place=_PLACE,
        found=", ".join(known[:12]),
        expected=name,
    )


def repeated_time_error(
    settings: Windows, rows: AffectedRows, known: Sequence[str]
) -> DiagnosticError:
    """Return the error for a series in which a time occurs twice."""
    series = f'one series of "{settings.group}"' if settings.group else "the series"
    others = ", ".join(name for name in known if name not in settings.columns)
    return diagnostic_error(
        "series-times",
        f'"{settings.by}" has a time twice in {series}: {rows.count_text}',
        "Keep one row for each time."
        if settings.group
        else f'Set "group" to the column that tells the series apart: {others[:200]}.',
        place=f"column {settings.by}, {rows}",
        rows=rows,
        found=f"a time twice {rows.first_text}",
        expected="each time once in a series",
    )


def no_windows_error(settings: Windows, span: int, longest: int) -> DiagnosticError:
    """Return the error for a table in which no series is as long as a window of `span` rows."""
    shorter = longest - (span - settings.past)
    fixes = [f"Use a past of at most {shorter} steps, and Inputs of that shape."]
    return diagnostic_error(
        "series-short",
        "no series is as long as a window",
        *(fixes if shorter > 0 else ()),
        "Use more rows: as many as the window has, in a table if you predict.",
        place=_PLACE,
        found=f"{count_noun(longest, 'row')} in the longest series without gaps",
        expected=f"at least {count_noun(span, 'row')}",
    )


def left_out_info(settings: Windows, is_left_out: Array) -> Diagnostic:
    """Return the info about the rows that are in no window."""
    rows = affected_rows(is_left_out)
    return Diagnostic(
        "series-left-out",
        f"rows next to gaps or in short series are in no window: {rows.count_text}",
        severity="info",
        place=f"column {settings.by}, {rows}",
        rows=rows,
        found=rows.count_text,
    )


def streamed_error(place: str) -> DiagnosticError:
    """Return the error for windows of a table whose rows are streamed."""
    return diagnostic_error(
        "series-streamed",
        "the rows of windows can't be streamed, since they overlap",
        "Leave out --stream.",
        "Free disk space for the cache.",
        place=place,
        found="streamed rows",
        expected="rows in memory or in the cache",
    )
