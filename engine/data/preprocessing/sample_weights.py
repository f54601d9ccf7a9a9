"""How much each row counts in the loss of an output, read off a column."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.core.diagnostic import Diagnostic, Fix, Refused, nearest_word
from engine.data.readers.table import Table
from engine.data.table.column_types import is_number, is_text
from engine.data.table.number_parser import mostly_numbers, parse_numbers
from engine.data.table.row_numbers import counted, first_rows
from engine.recipe.data_mapping import DataMapping
from engine.recipe.sample_weights import ALL, Weight, set_weights

Array = NDArray[Any]


def row_weights(
    table: Table,
    mapping: DataMapping,
    outputs: Sequence[str],
    precision: str,
    training: bool,
    partly: bool = False,
) -> tuple[dict[str, Array], list[Diagnostic]]:
    """Return the weights of rows by output, and notes; an output without weights is left out.

    Args:
        table: all rows.
        mapping: says which column holds them.
        outputs: those with a loss.
        precision: of the weights.
        training: False lets rows that are only scored count the same where there is no column.
        partly: True for a chunk of a table, of which no row may count.

    Raises:
        Refused: naming the rows that have no weight, or one below 0.
    """
    notes: list[Diagnostic] = []
    read: dict[str, Array] = {}
    for name in dict.fromkeys(filter(None, map(mapping.weight, outputs))):
        if name in table.columns:
            read[name] = _column(table, name, partly).astype(precision)
        elif training:
            raise Refused(_absent(table, mapping, name))
        else:
            notes.append(_all_alike(table, name))
    found = {output: mapping.weight(output) for output in outputs}
    return {output: read[name] for output, name in found.items() if name in read}, notes


def _column(table: Table, name: str, partly: bool) -> Array:
    column = table.columns[name]
    if is_text(column) and mostly_numbers(column):
        column = parse_numbers(column, name, table.decimal)[0]
    if not is_number(column) or column.size != len(column):
        raise Refused(_no_number(name))
    weights = np.asarray(column, np.float64).reshape(-1)
    unsound = ~np.isfinite(weights) | (weights < 0)
    if unsound.any():
        raise Refused(_unfit(name, weights, unsound))
    if len(weights) and not partly and not weights.any():
        raise Refused(weightless(name, len(weights)))
    return weights


def _unfit(name: str, weights: Array, rows: Array) -> Diagnostic:
    row = int(np.flatnonzero(rows)[0])
    shown = "nothing" if np.isnan(weights[row]) else f"{weights[row]:g}"
    return Diagnostic(
        "weight-unfit",
        f'"{name}" is to say how much rows count, and does not for {counted(rows)}',
        place=f"column {name}, {first_rows(rows)}",
        found=f"{shown} in row {row}",
        expected="a number from 0 in every row",
        fixes=(Fix("Correct the cells, 1 for a row like any other."), _without(name)),
    )


def weightless(name: str, rows: int) -> Diagnostic:
    """Return the finding for a column of weights that are all 0."""
    return Diagnostic(
        "weight-unfit",
        f'"{name}" lets no row count',
        place=f"column {name}",
        found=f"0 in all {rows:,} rows",
        expected="a weight above 0 in some row",
        fixes=(_without(name),),
    )


def _no_number(name: str) -> Diagnostic:
    return Diagnostic(
        "weight-unfit",
        f'"{name}" is to say how much rows count, and holds no numbers',
        place=f"column {name}",
        found="other values than one number a row",
        expected="a number from 0 in every row",
        fixes=(Fix("Name another column."), _without(name)),
    )


def _without(name: str) -> Fix:
    return set_weights(f'Let all rows count the same, whatever "{name}" says.', {})


def _all_alike(table: Table, name: str) -> Diagnostic:
    return Diagnostic(
        "column-missing",
        f'the data has no column "{name}", so all of its rows count the same',
        severity="warning",
        place="data.weights",
        found=", ".join(list(table.columns)[:12]),
        expected=name,
        fixes=(Fix("Nothing, if that is meant; else add the column."),),
    )


def _absent(table: Table, mapping: DataMapping, name: str) -> Diagnostic:
    nearest = nearest_word(name, table.columns)
    fixes = [_without(name)]
    if nearest:
        better = {
            output: Weight(column=nearest) if weight.column == name else weight
            for output, weight in mapping.weights.items()
        }
        fixes.insert(0, set_weights(f'Take the weights from "{nearest}".', better))
    hint = f"; did you mean {nearest!r}?" if nearest else ""
    place = "data.weights" if ALL in mapping.weights else "data.weights, by output"
    return Diagnostic(
        "column-missing",
        f'the data has no column "{name}", which is to say how much rows count{hint}',
        place=place,
        found=", ".join(list(table.columns)[:12]) + (", ..." if len(table.columns) > 12 else ""),
        expected=name,
        fixes=tuple(fixes),
    )
