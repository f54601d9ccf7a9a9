"""What a first graph would learn from, and what it would predict, where nobody has said yet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from engine.core.diagnostic import Diagnostic, Fix
from engine.data.encoding_choice.suggestion import numeric
from engine.data.profile.statistics import ColumnFacts, Kind
from engine.recipe.csv_dialect import take_missing

MOST_CLASSES = 1_000
_CODES: Mapping[Kind, str] = {"date": "date-unreadable"}


def useless(facts: ColumnFacts) -> str:
    """Return why nothing can be learned from a column, or the empty string."""
    if facts.missing == facts.rows:
        return "it is empty"
    if facts.kind == "constant":
        return "all its rows are alike"
    if facts.kind == "identifier":
        return "it names each row by itself, so nothing in it holds for other rows"
    return facts.fault


def strange_cells(columns: Iterable[ColumnFacts]) -> tuple[Diagnostic, ...]:
    """Warn of the cells for which alone a column of a CSV can't be read, and that can be mended."""
    return tuple(
        Diagnostic(
            _CODES.get(each.kind, "number-unreadable"),
            f'"{each.name}": {each.fault}',
            severity="warning",
            place=f"column {each.name}",
            found=", ".join(each.strange),
            fixes=(take_missing(each.strange),) if each.strange else (Fix(each.mend),),
        )
        for each in columns
        if each.strange or each.mend
    )


def can_be_target(facts: ColumnFacts) -> bool:
    """Return whether a column can be predicted: numbers, or labels that come again and again."""
    if facts.kind == "constant" or facts.missing == facts.rows or facts.shape:
        return False
    if facts.kind == "category":
        return (facts.distinct or 0) <= MOST_CLASSES
    return facts.kind == "boolean" or numeric(facts) or (facts.kind == "list" and bool(facts.top))


def usual_target(columns: Sequence[ColumnFacts]) -> str | None:
    """Return the column that people most likely want to predict: the last that can be."""
    fitting = [each.name for each in columns if can_be_target(each) and not useless(each)]
    return fitting[-1] if len(columns) > 1 and fitting else None
