"""Warnings about the columns of a table, each with a fix where one is known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from engine.core.diagnostic import Diagnostic, Fix
from engine.core.formatting.counts import count_noun
from engine.data.profile.statistics import ColumnStatistics
from engine.recipe.csv_dialect import missing_words_fix, set_file_fix
from engine.recipe.data_mapping import Source
from engine.recipe.encoding import Date, DateOrder

_DATE_ORDERS: tuple[DateOrder, DateOrder] = ("day", "month")
_NO_INPUTS: Mapping[str, Source] = MappingProxyType({})


def column_warnings(
    columns: Iterable[ColumnStatistics], inputs: Mapping[str, Source] = _NO_INPUTS
) -> tuple[Diagnostic, ...]:
    """Return warnings about cells that are unreadable, ambiguous or likely to be mistakes.

    `inputs` are the sources of Inputs, by name.
    """
    return tuple(warning for column in columns for warning in _warnings(column, inputs))


def _warnings(column: ColumnStatistics, inputs: Mapping[str, Source]) -> Iterator[Diagnostic]:
    is_date = column.kind == "date"
    code = "date-unreadable" if is_date else "number-unreadable"
    words = ", ".join(column.strange)
    if column.ambiguous_commas:
        yield _warning(
            column,
            code,
            column.fault,
            ", ".join(column.examples[:3]),
            set_file_fix("Commas group digits.", decimal="."),
            set_file_fix("Commas are decimal separators.", decimal=","),
        )
    elif column.strange and not column.fault:
        problem = f"cells that are no numbers count as missing: {words}"
        yield _warning(column, code, problem, words, missing_words_fix(column.strange))
    elif column.strange or column.mend:
        fix = missing_words_fix(column.strange) if column.strange else Fix(column.mend)
        yield _warning(column, code, column.fault, words, fix)
    if column.ambiguous_dates:
        problem = "no date shows whether the day or the month comes first"
        fixes = (_order_fix(column.name, order, inputs) for order in _DATE_ORDERS)
        yield _warning(column, "date-ambiguous", problem, column.examples[0], *fixes)
    if column.sentinels:
        values = ", ".join(column.sentinels)
        problem = f"{values} is repeated far outside of all other values"
        fix = missing_words_fix(column.sentinels)
        yield _warning(column, "sentinel-values", problem, values, fix)
    if column.variants:
        count = count_noun(len(column.variants), "label")
        problem = f"{count} differ from others in case or surrounding blanks only"
        fix = Fix('Set "ignore_case" of its encoding to true.')
        yield _warning(column, "labels-alike", problem, ", ".join(map(repr, column.variants)), fix)


def _order_fix(name: str, order: DateOrder, inputs: Mapping[str, Source]) -> Fix:
    text = f"The {order} comes first."
    for port, source in inputs.items():
        settings = source.encodings[0]
        if source.column_names == (name,) and isinstance(settings, Date):
            ordered = source.with_encoding(name, settings.model_copy(update={"first": order}))
            edit = {"do": "set_mapping", "side": "inputs", "node": port, "source": ordered}
            return Fix(text, edit)
    return Fix(f'{text} Set "first" of its encoding to "{order}".')


def _warning(
    column: ColumnStatistics, code: str, problem: str, found: str, *fixes: Fix
) -> Diagnostic:
    return Diagnostic(
        code,
        f'"{column.name}": {problem}',
        severity="warning",
        place=f"column {column.name}",
        found=found,
        fixes=fixes,
    )
