"""The prediction server: answers requests for predictions of single rows as JSON."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from engine.core.diagnostic import Diagnostic, DiagnosticError, diagnostic_error
from engine.data.preview.input_schema import InputField, parse_numbers_field
from engine.data.readers.records import RECORDS_FILE_NAME, table_from_records
from engine.data.readers.row_reader import read_table_rows
from engine.data.table.cell_format import format_cells
from engine.data.table.column_types import is_date, is_list, is_text
from engine.data.table.number_parser import with_decimal_point
from engine.data.table.table import Table
from engine.runtime.inference.trained_model import TrainedModel
from engine.runtime.serving.prediction_json import describe_prediction
from engine.runtime.serving.row_diagnostics import missing_number_diagnostics, row_diagnostic

Cells = dict[str, Any]
_PARSE_ERROR_CODES = {"ids": "ids-unreadable", "numbers": "number-unreadable"}


class PredictionServer:
    """A server that predicts rows with one trained model.

    A request is a JSON object. "cells" has values by column name. "data" (path of a table) and
    "row" (row index) select a base row, whose values are overridden by "cells". With "show": true,
    the response has the base row's cells and targets as text instead of a prediction. "notes" in a
    response are out-of-range warnings by column name.
    """

    def __init__(self, trained: TrainedModel, fields: Sequence[InputField]) -> None:
        self._trained = trained
        self._fields = {field.column: field for field in fields}
        self._cached_row: tuple[object, Table] | None = None  # (key, last row that was read)

    def handle_request(self, line: bytes) -> dict[str, Any]:
        """Return the response to a request, which is one line of JSON.

        The response has a prediction, or the cells and targets of a row if "show" is true, or
        diagnostics.
        """
        try:
            request = _parse_request(line)
            if request.get("show"):
                row = self._base_row(request)
                cells, targets = self._cells_as_text(row), self._targets_as_text(row)
                return {"ok": True, "cells": cells, "targets": targets}
            return self._predict(self._request_row(request))
        except DiagnosticError as error:
            fields = self._fields.values()
            diagnostics = [row_diagnostic(found, fields) for found in error.diagnostics]
            return {"ok": False, "diagnostics": [found.to_dict() for found in diagnostics]}

    def _predict(self, row: Table) -> dict[str, Any]:
        trained = self._trained
        predicted = trained.predict_rows(row)
        outputs = describe_prediction(trained, predicted.values)
        return {"ok": True, "outputs": outputs, "notes": trained.row_notes(row, predicted.notes)}

    def _cells_as_text(self, row: Table | None) -> dict[str, str]:
        """Return the cells of a one-row table by column name, as a user would type them."""
        texts = {}
        for name, field in self._fields.items():
            if row is None or name not in row.columns:
                continue
            texts[name] = _cell_text(field, row.columns[name])
            if field.kind == "image" and texts[name]:
                texts[name] = os.path.abspath(row.folder / texts[name])
        return texts

    def _targets_as_text(self, row: Table | None) -> dict[str, str]:
        """Return the targets in a one-row table by output name, without missing ones."""
        mapping = self._trained.report.mapping
        if row is None or mapping is None:
            return {}
        columns = {
            head.name: mapping.source("targets", head.name).column_names
            for head in self._trained.heads
        }
        texts = {
            name: next(format_cells(row.columns[names[0]]))
            for name, names in columns.items()
            if len(names) == 1 and names[0] in row.columns
        }
        return {name: text for name, text in texts.items() if text}

    def _request_row(self, request: Mapping[str, Any]) -> Table:
        """Return the row to predict as a one-row table, with the values in "cells" of a request.

        All other values are those of the table row that the request selects. If the request
        selects no row, they are empty.
        """
        base = self._base_row(request)
        cells = {
            name: self._parse_cell(self._fields[name], value)
            for name, value in request.get("cells", {}).items()
            if name in self._fields
        }
        folder = Path() if base is None else base.folder
        cells, folder = self._with_relative_images(cells, folder, base)
        if base is None:
            self._require_numbers(cells, folder)
            return self._typed_row(cells, folder)
        typed = table_from_records([json.dumps(cells)]).columns if cells else {}
        return replace(base, path=folder / RECORDS_FILE_NAME, columns={**base.columns, **typed})

    def _typed_row(self, cells: Cells, folder: Path) -> Table:
        empty = {name: "" for name, field in self._fields.items() if field.kind != "array"}
        return table_from_records([json.dumps(empty | cells)], folder)

    def _require_numbers(self, cells: Cells, folder: Path) -> None:
        """Raise DiagnosticError if a required number is missing in `cells`.

        The error also has the diagnostics of all other errors in `cells`. Relative image paths in
        `cells` refer to `folder`.
        """
        missing = missing_number_diagnostics(self._fields.values(), cells)
        if not missing:
            return
        others: tuple[Diagnostic, ...] = ()
        try:  # to find other errors, missing numbers are replaced by 0
            row = self._typed_row(cells | dict.fromkeys(missing, 0.0), folder)
            self._trained.predict_rows(row)
        except DiagnosticError as error:
            others = error.diagnostics
        raise DiagnosticError(*missing.values(), *others)

    def _base_row(self, request: Mapping[str, Any]) -> Table | None:
        """Return the row that a request selects, as a one-row table; None if it selects no row."""
        if "data" not in request:
            return None
        key = (request["data"], request.get("row"))
        if self._cached_row is None or self._cached_row[0] != key:
            mapping = self._trained.report.mapping
            dialect = mapping.file if mapping else None
            row = read_table_rows(Path(request["data"]), [int(request["row"])], dialect)
            self._cached_row = (key, row)
        return self._cached_row[1]

    def _parse_cell(self, field: InputField, value: Any) -> Any:
        """Return a typed-in value in the form that it has in a table, such as a list of numbers."""
        if field.kind not in ("ids", "numbers") or not isinstance(value, str):
            return value
        try:
            return list(parse_numbers_field(field, value))
        except ValueError as error:
            raise _invalid_numbers(field, value) from error

    def _with_relative_images(
        self, cells: Cells, folder: Path, base: Table | None
    ) -> tuple[Cells, Path]:
        """Make image paths in `cells` relative to one folder; return the new cells and the folder.

        If no path in `cells` is absolute, return `cells` and `folder` unchanged: relative paths
        refer to `folder`. Otherwise, the new cells also have the image paths of the one-row table
        `base`, and the common folder of all image paths is returned.
        """
        columns = [name for name, field in self._fields.items() if field.kind == "image"]
        paths = {name: str(cells[name]) for name in columns if cells.get(name)}
        if not any(map(os.path.isabs, paths.values())):
            return cells, folder
        if base is not None:
            base_cells = self._cells_as_text(base)
            paths = {name: base_cells[name] for name in columns if base_cells.get(name)} | paths
        absolute = {name: os.path.abspath(folder / path) for name, path in paths.items()}
        common = Path(os.path.commonpath([os.path.dirname(path) for path in absolute.values()]))
        relative = {name: os.path.relpath(path, common) for name, path in absolute.items()}
        return {**cells, **relative}, common


def _cell_text(field: InputField, column: Any) -> str:
    if field.kind == "array" or is_date(column):
        return next(format_cells(column))
    cell = column[0].as_py() if is_text(column) or is_list(column) else column[0].tolist()
    if isinstance(cell, list):
        separator = "|" if field.kind == "labels" else " "
        return separator.join(map(_value_text, cell))
    is_plain = field.kind == "number" and not field.as_written
    return with_decimal_point(_value_text(cell)) if is_plain else _value_text(cell)


def _value_text(value: object) -> str:
    if isinstance(value, float):
        return "" if value != value else f"{value:.9g}"  # NaN stands for a missing value
    return str(value)


def _parse_request(line: bytes) -> dict[str, Any]:
    try:
        value = json.loads(line.decode())
    except (ValueError, RecursionError):
        value = None
    is_request = isinstance(value, dict) and isinstance(value.get("cells", {}), dict)
    if not is_request or ("data" in value and not isinstance(value.get("row"), int)):
        raise diagnostic_error(
            "usage",
            "a line is not a valid request",
            "Write one JSON object per line.",
            found=line.decode(errors="replace").strip()[:80],
            expected='{"cells": {"column": value}}, or {"data": "table.csv", "row": 17, '
            '"cells": {}}',
        )
    request: dict[str, Any] = value
    return request


def _invalid_numbers(field: InputField, value: str) -> DiagnosticError:
    return diagnostic_error(
        _PARSE_ERROR_CODES[field.kind],
        f'"{field.column}" expects {field.hint}',
        'Write numbers with spaces between them, such as "3 17 4".',
        place=f"column {field.column}",
        found=value.strip()[:60],
        expected=field.hint,
    )
