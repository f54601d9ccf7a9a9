"""Answers rows one by one: what is typed, put upon a row of a table where one is named."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from engine.core.diagnostic import Diagnostic, Fix, Refused
from engine.data.preview.input_schema import Field, numbers
from engine.data.preview.out_of_range import beyond
from engine.data.readers.records import NAME, typed_table
from engine.data.readers.row_reader import excerpt
from engine.data.readers.table import Table
from engine.data.table.cell_format import cell_texts
from engine.data.table.column_types import is_date, is_list, is_text
from engine.data.table.number_parser import pointed
from engine.runtime.inference.prediction_json import said
from engine.runtime.inference.row_errors import empty_numbers, of_one_row
from engine.runtime.inference.trained_model import Trained

Cells = dict[str, Any]
_UNREADABLE = {"ids": "ids-unreadable", "numbers": "number-unreadable"}


class Answering:
    """Answers requests about one run.

    Args:
        trained: the run.
        fields: of its columns.

    A request is an object: "cells" by column, and "data" with "row" for a row of a table that they
    are put upon. "show": true answers the row's own cells as text instead of a prediction.
    "notes" of an answer say by column what lies far from the rows trained on.
    """

    def __init__(self, trained: Trained, fields: Sequence[Field]) -> None:
        self._trained = trained
        self._fields = {field.column: field for field in fields}
        self._row: tuple[object, Table] | None = None  # the last one that was read

    def answer(self, line: bytes) -> dict[str, Any]:
        """Return a request, or what is wrong with it."""
        try:
            asked = _read(line)
            if asked.get("show"):
                return {"ok": True, "cells": self._shown(self._base(asked))}
            return self._said(self._table(asked))
        except Refused as refused:
            found = map(of_one_row, refused.diagnostics)
            return {"ok": False, "diagnostics": [each.to_dict() for each in found]}

    def _said(self, row: Table) -> dict[str, Any]:
        trained = self._trained
        outputs = said(trained, trained.predict_table(row))
        return {
            "ok": True,
            "outputs": outputs,
            "notes": beyond(trained.report, trained.fitted, row),
        }

    def _shown(self, row: Table | None) -> dict[str, str]:
        """Return the cells of a row as they could be typed."""
        shown = {}
        for name, field in self._fields.items():
            if row is None or name not in row.columns:
                continue
            shown[name] = _written(field, row.columns[name])
            if field.kind == "image" and shown[name]:
                shown[name] = os.path.abspath(_folder(row) / shown[name])
        return shown

    def _table(self, asked: Mapping[str, Any]) -> Table:
        base = self._base(asked)
        cells = {
            name: self._cell(self._fields[name], value)
            for name, value in asked.get("cells", {}).items()
            if name in self._fields
        }
        folder = Path() if base is None else _folder(base)
        cells, folder = self._placed(cells, folder, base)
        if base is None:
            self._refuse_empty(cells, folder)
            return self._typed(cells, folder)
        typed = typed_table([json.dumps(cells)]).columns if cells else {}
        return replace(base, path=folder / NAME, columns={**base.columns, **typed})

    def _typed(self, cells: Cells, folder: Path) -> Table:
        empty = {name: "" for name, field in self._fields.items() if field.kind != "array"}
        return typed_table([json.dumps(empty | cells)], folder)

    def _refuse_empty(self, cells: Cells, folder: Path) -> None:
        """Refuse numbers that are left out, and with them whatever else is wrong with the row.

        Raises:
            Refused: with a finding for each.
        """
        found = empty_numbers(self._fields.values(), cells)
        if not found:
            return
        others: tuple[Diagnostic, ...] = ()
        try:
            self._trained.predict_table(self._typed(cells | dict.fromkeys(found, 0.0), folder))
        except Refused as refused:
            others = refused.diagnostics
        raise Refused(*found.values(), *others)

    def _base(self, asked: Mapping[str, Any]) -> Table | None:
        """Return the row of a table that is asked about, as one row."""
        if "data" not in asked:
            return None
        key = (asked["data"], asked.get("row"))
        if self._row is None or self._row[0] != key:
            mapping = self._trained.report.mapping
            dialect = mapping.file if mapping else None
            self._row = (key, excerpt(Path(asked["data"]), [int(asked["row"])], dialect))
        return self._row[1]

    def _cell(self, field: Field, value: Any) -> Any:
        """Return what a person has written as it stands in a table."""
        if field.kind not in ("ids", "numbers") or not isinstance(value, str):
            return value
        try:
            return list(numbers(field, value))
        except ValueError as error:
            raise Refused(_no_numbers(field, value)) from error

    def _placed(self, cells: Cells, folder: Path, base: Table | None) -> tuple[Cells, Path]:
        """Return pictures by their place in a folder that holds all of them, and that folder."""
        images = [name for name, field in self._fields.items() if field.kind == "image"]
        named = {name: str(cells[name]) for name in images if cells.get(name)}
        if not any(map(os.path.isabs, named.values())):
            return cells, folder
        if base is not None:
            own = self._shown(base)
            named = {name: own[name] for name in images if own.get(name)} | named
        whole = {name: os.path.abspath(folder / path) for name, path in named.items()}
        common = Path(os.path.commonpath([os.path.dirname(path) for path in whole.values()]))
        placed = {name: os.path.relpath(path, common) for name, path in whole.items()}
        return {**cells, **placed}, common


def _written(field: Field, column: Any) -> str:
    """Return the one cell of a column, whole."""
    if field.kind == "array" or is_date(column):
        return next(cell_texts(column))
    cell = column[0].as_py() if is_text(column) or is_list(column) else column[0].tolist()
    if isinstance(cell, list):
        between = "|" if field.kind == "labels" else " "
        return between.join(map(_number, cell))
    return pointed(_number(cell)) if field.kind == "number" else _number(cell)


def _number(cell: object) -> str:
    if isinstance(cell, float):
        return "" if cell != cell else f"{cell:.9g}"
    return str(cell)


def _folder(table: Table) -> Path:
    return table.path if table.path.is_dir() else table.path.parent


def _read(line: bytes) -> dict[str, Any]:
    try:
        asked = json.loads(line.decode())
    except (ValueError, RecursionError):
        asked = None
    sound = isinstance(asked, dict) and isinstance(asked.get("cells", {}), dict)
    if not sound or ("data" in asked and not isinstance(asked.get("row"), int)):
        raise Refused(_no_request(line))
    read: dict[str, Any] = asked
    return read


def _no_request(line: bytes) -> Diagnostic:
    return Diagnostic(
        "usage",
        "a line is no request",
        found=line.decode(errors="replace").strip()[:80],
        expected='{"cells": {"column": value}}, or {"data": "table.csv", "row": 17, "cells": {}}',
        fixes=(Fix("Write one JSON object in each line."),),
    )


def _no_numbers(field: Field, value: str) -> Diagnostic:
    return Diagnostic(
        _UNREADABLE[field.kind],
        f'"{field.column}" holds something else than {field.hint}',
        place=f"column {field.column}",
        found=value.strip()[:60],
        expected=field.hint,
        fixes=(Fix('Write numbers with spaces between them, such as "3 17 4".'),),
    )
