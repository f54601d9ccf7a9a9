"""Sample weights of outputs, read from columns of the table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from engine.core.diagnostic import (
    Diagnostic,
    DiagnosticError,
    Fix,
    diagnostic_error,
    nearest_word,
)
from engine.data.profile.content import column_content
from engine.data.profile.statistics import NUMBER_TEXTS
from engine.data.table.array import Array
from engine.data.table.column_types import is_number, is_text
from engine.data.table.number_parser import detect_number_form, parse_numbers
from engine.data.table.row_numbers import affected_rows
from engine.data.table.table import Table
from engine.recipe.data_mapping import DataMapping
from engine.recipe.sample_weights import ALL_OUTPUTS, WeightColumn, set_weights_fix


def sample_weights(
    table: Table,
    mapping: DataMapping,
    outputs: Sequence[str],
    precision: str,
    training: bool,
    partly: bool = False,
) -> tuple[dict[str, Array], list[Diagnostic]]:
    """Return the weight of each row by output, and warnings. Outputs without weights are left out.

    Args:
        outputs: the names of the outputs with a loss.
        precision: the dtype of the weights.
        training: False for rows that are only scored. If a weight column is missing, such rows
            have equal weights.
        partly: True for a chunk of a table. In a chunk, but not in a table, all weights may be 0.

    Raises:
        DiagnosticError: if training rows lack a weight column, or if a weight is invalid.
    """
    notes: list[Diagnostic] = []
    columns: dict[str, Array] = {}
    for name in dict.fromkeys(filter(None, map(mapping.weight_column, outputs))):
        if name in table.columns:
            columns[name] = _weight_column(table, name, partly).astype(precision)
        elif training:
            raise DiagnosticError(_column_missing(table, mapping, name))
        else:
            advice = "No action is needed if this is intended. Otherwise add the column."
            purpose, place = ", so all rows have the same weight", "data.weights"
            note = table.column_missing(name, purpose, None, advice, place=place)
            notes.append(replace(note, severity="warning"))
    names = {output: mapping.weight_column(output) for output in outputs}
    return {output: columns[name] for output, name in names.items() if name in columns}, notes


def _weight_column(table: Table, name: str, partly: bool) -> Array:
    column = table.columns[name]
    if is_text(column) and column_content(column) in NUMBER_TEXTS:
        form = detect_number_form(column, table.number_form_counter())
        column = parse_numbers(column, name, form)[0]
    if not is_number(column) or column.size != len(column):
        raise diagnostic_error(
            "weight-unfit",
            f'"{name}" is used for sample weights, but holds no numbers',
            "Name another column.",
            _equal_weights(name),
            place=f"column {name}",
            found="other values than one number per row",
            expected="a number from 0 in every row",
        )
    weights = np.asarray(column, np.float64).reshape(-1)
    rows = affected_rows(~np.isfinite(weights) | (weights < 0))
    if rows.count:
        first = weights[rows.numbers[0]]
        raise diagnostic_error(
            "weight-unfit",
            f'"{name}" holds no valid sample weight in {rows.count_text}',
            "Correct the cells; the default weight is 1.",
            _equal_weights(name),
            place=f"column {name}",
            rows=rows,
            found=f"{'nothing' if np.isnan(first) else f'{first:g}'} {rows.first_text}",
            expected="a number from 0 in every row",
        )
    if len(weights) and not partly and not weights.any():
        raise DiagnosticError(zero_weights_error(name, len(weights)))
    return weights


def zero_weights_error(name: str, rows: int) -> Diagnostic:
    """Return the error for the column `name`, whose weights are 0 in all rows."""
    return Diagnostic.error(
        "weight-unfit",
        f'"{name}" gives every row the weight 0',
        _equal_weights(name),
        place=f"column {name}",
        found=f"0 in all {rows:,} rows",
        expected="a weight above 0 in some row",
    )


def _equal_weights(name: str) -> Fix:
    return set_weights_fix(f'Give all rows the same weight and ignore "{name}".', {})


def _column_missing(table: Table, mapping: DataMapping, name: str) -> Diagnostic:
    nearest = nearest_word(name, table.columns)
    fixes = [_equal_weights(name)]
    if nearest:
        corrected = {
            output: WeightColumn(column=nearest) if weight.column == name else weight
            for output, weight in mapping.weights.items()
        }
        fixes.insert(0, set_weights_fix(f'Take the weights from "{nearest}".', corrected))
    place = "data.weights" if ALL_OUTPUTS in mapping.weights else "data.weights, by output"
    return table.column_missing(name, " for the sample weights", nearest, *fixes, place=place)
