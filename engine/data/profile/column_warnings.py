"""Warnings about the columns of a table, each with a fix where one is known."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType

from engine.core.diagnostic import Diagnostic, Fix
from engine.core.formatting.counts import join_first
from engine.data.profile.statistics import ColumnStatistics
from engine.recipe.csv_dialect import QUANTITY_WORDS
from engine.recipe.data_mapping import Source
from engine.recipe.encoding import Date, DateOrder

_DATE_ORDERS: tuple[DateOrder, DateOrder] = ("day", "month")
_NO_INPUTS: Mapping[str, Source] = MappingProxyType({})


def column_warnings(
    columns: Collection[ColumnStatistics], inputs: Mapping[str, Source] = _NO_INPUTS
) -> tuple[Diagnostic, ...]:
    """Return warnings about cells that are unreadable, ambiguous or likely to be mistakes.

    If words such as n/a count as missing, an info tells it first. `inputs` are the sources of
    Inputs, by name.
    """
    warnings = [warning for column in columns for warning in _warnings(column, inputs)]
    if words := {word for column in columns for word in column.strange} & QUANTITY_WORDS:
        shown = ", ".join(f'"{word}"' for word in sorted(words))
        message = f"cells that are {shown} count as missing among numbers and dates"
        names = [column.name for column in columns if words.intersection(column.strange)]
        noun = "column" if len(names) == 1 else "columns"
        place = f"{noun} {join_first(names)}"
        warnings.insert(0, Diagnostic.info("csv-read-as", message, place=place))
    return tuple(warnings)


def _warnings(column: ColumnStatistics, inputs: Mapping[str, Source]) -> Iterator[Diagnostic]:
    yield from column.warnings
    if column.ambiguous_dates:
        problem = "has no date that shows whether the day or the month comes first"
        fixes = (_order_fix(column.name, order, inputs) for order in _DATE_ORDERS)
        yield column_warning(column.name, "date-ambiguous", problem, column.examples[0], *fixes)


def _order_fix(name: str, order: DateOrder, inputs: Mapping[str, Source]) -> Fix:
    text = f"The {order} comes first."
    for port, source in inputs.items():
        settings = source.encodings[0]
        if source.column_names == (name,) and isinstance(settings, Date):
            ordered = source.with_encoding(name, settings.model_copy(update={"first": order}))
            edit = {"do": "set_mapping", "side": "inputs", "node": port, "source": ordered}
            return Fix(text, edit)
    return Fix(f'{text} Write "encode": {{"kind": "date", "params": {{"first": "{order}"}}}}.')


def column_warning(name: str, code: str, problem: str, found: str, *fixes: Fix) -> Diagnostic:
    """Return a warning about the column `name`. `problem` is the rest of the message."""
    return Diagnostic.warning(
        code,
        f'"{name}" {problem}',
        *fixes,
        place=f"column {name}",
        found=found,
    )
