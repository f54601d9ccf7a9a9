"""Reads the columns of one port: text through an encoder, numbers into shape and precision.

Further kinds of columns (text by a tokenizer, images) join here, as encoders of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.core.diagnostic import Diagnostic, Fix, Refused, nearest_word
from engine.core.spec import TensorSpec
from engine.data.encoders import Boolean, Category, Encoder, Labelled, Number
from engine.data.kinds import Column, Text, as_text, empty_cells, is_list, is_number, is_text
from engine.data.missing import blank, filled, known, mask_of, masked, refuse_missing, stopgap
from engine.data.numbers import mostly_numbers, parse_numbers
from engine.data.ports import TargetPort
from engine.data.shaping import ids, input_shape, misshapen, reals, target_shape, whole
from engine.data.tables import Table
from engine.recipe.mapping import Side, Source

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Filled:
    """One port's values, the encoder that made them (None if none was needed), and notes.

    present: of a target, True where it counts (see `engine.data.missing`); None if all of it does.
    """

    values: Array
    encoder: Encoder | None = None
    notes: tuple[Diagnostic, ...] = ()
    present: Array | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What a port's columns are read by.

    Args:
        table: the data.
        source: the columns, scale and labels.
        precision: of real numbers.
        train: rows that a scale is fitted on; None for all.
        encoder: fitted earlier, if `refit` is False.
        refit: True to fit anew.
    """

    table: Table
    source: Source
    precision: str
    train: NDArray[np.int64] | None = None
    encoder: Encoder | None = None
    refit: bool = True

    @property
    def name(self) -> str:
        """The columns, for findings."""
        return ", ".join(self.source.names)

    @property
    def rows(self) -> NDArray[np.int64]:
        """The rows that encoders are fitted on; none if they are not fitted anew."""
        if self.train is not None and self.refit:
            return self.train
        return np.arange(self.table.rows if self.refit else 0)


def fill_input(reading: Reading, port: str, spec: TensorSpec) -> Filled:
    """Answer the rows of one Input.

    Raises:
        Refused: with what keeps the columns from feeding it.
    """
    raw, notes = _gather(reading, port, "inputs", text_fits=True)
    if is_text(raw):
        _no_scale(reading, port, "text")
        hot = spec.dtype == "float32"
        encoder = reading.encoder
        if reading.refit and hot and spec.size == 1:
            encoder = Boolean.fit(raw, reading.source.labels or (), reading.name)
        elif reading.refit:
            encoder = Category.fit(raw, reading.source.labels or (), hot)
        assert encoder is not None
        coded = encoder.transform(raw, reading.name)
        return Filled(_cast(input_shape(port, coded, spec.shape), spec, reading), encoder, notes)
    shaped = input_shape(port, raw, spec.shape)
    if spec.dtype != "float32":
        _no_scale(reading, port, "ids")
        values, more = ids(shaped, port)
        return Filled(values, None, (*notes, *more))
    return _scaled(reading, port, shaped, notes)


def fill_target(reading: Reading, port: TargetPort) -> Filled:
    """Answer the rows of one Output's target.

    Raises:
        Refused: with what keeps the columns from being compared with predictions.
    """
    labels = _labels(reading, port)
    raw, notes = _gather(reading, port.name, "targets", text_fits=port.form != "number")
    there = known(raw, labels)
    if there is not None and (is_text(raw) or port.missing == "mask"):
        refuse_missing(port, reading.name, there, there[reading.rows])
    if there is None or port.missing != "mask":
        return _target(reading, port, raw, labels, notes)
    return _with_holes(reading, port, raw, there, notes)


def _target(
    reading: Reading,
    port: TargetPort,
    raw: Array,
    labels: tuple[str, ...],
    notes: tuple[Diagnostic, ...],
) -> Filled:
    """Answer a target of which every value is there."""
    if port.form == "number":
        return _scaled(reading, port.name, target_shape(port, raw), notes)
    _no_scale(reading, port.name, "classes")
    encoder = None
    if is_text(raw):
        encoder = _labelled(reading, port, raw, labels) if reading.refit else reading.encoder
        assert encoder is not None
        raw = encoder.transform(raw, reading.name)
    shaped = target_shape(port, raw)
    if port.form == "index":
        return Filled(whole(shaped, port.name)[0], encoder, notes)
    values, more = reals(shaped, port.name, reading.precision)
    return Filled(values, encoder, (*notes, *more))


def _with_holes(
    reading: Reading, port: TargetPort, raw: Array, there: Array, notes: tuple[Diagnostic, ...]
) -> Filled:
    """Answer a target of which some values are missing; encoders are fitted on the others."""
    whole_column = stopgap(raw, there, port.form, _usual(reading, raw, there))
    read = _target(reading, port, whole_column, _labels(reading, port), notes)
    mask = mask_of(port, there)
    values = blank(port, read.values, mask)
    return Filled(values, read.encoder, (*read.notes, masked(port.name, mask)), mask)


def _usual(reading: Reading, raw: Column, there: Array) -> str:
    """Answer a text that is a label of a target, "" where the target is no text."""
    if not reading.refit:
        return reading.encoder.labels[0] if isinstance(reading.encoder, Labelled) else ""
    return str(raw[int(reading.rows[there[reading.rows]][0])]) if is_text(raw) else ""


def _gather(
    reading: Reading, port: str, side: Side, text_fits: bool
) -> tuple[Column, tuple[Diagnostic, ...]]:
    """Answer the port's columns as one, of text where it stays text, else of numbers."""
    missing = [name for name in reading.source.names if name not in reading.table.columns]
    if missing:
        raise Refused(*(_absent(reading, port, side, name) for name in missing))
    columns = [reading.table.columns[name] for name in reading.source.names]
    if len(columns) == 1 and _stays_text(reading, columns[0], text_fits):
        return columns[0] if is_text(columns[0]) else as_text(columns[0]), ()
    parsed = []
    notes: list[Diagnostic] = []
    for name, column in zip(reading.source.names, columns, strict=True):
        if is_text(column):
            if not mostly_numbers(column) and (reading.refit or filled(column)):
                raise Refused(_text(port, name, column))
            column, more = parse_numbers(column, name)
            notes += more
        elif not is_number(column):
            raise Refused(_no_numbers(port, name, column))
        parsed.append(column)
    return (parsed[0] if len(parsed) == 1 else _beside(parsed, port)), tuple(notes)


def _stays_text(reading: Reading, column: Column, text_fits: bool) -> bool:
    if not text_fits or not (is_text(column) or is_number(column)):
        return False
    if not reading.refit:
        return isinstance(reading.encoder, Labelled)
    if reading.source.labels is not None:
        return is_text(column) or (column.dtype.kind in "iu" and column.ndim == 1)
    return is_text(column) and not mostly_numbers(column)


def _beside(columns: Sequence[Array], port: str) -> Array:
    """Put columns side by side; each holds one number a row."""
    flat = [column.reshape(len(column), -1) for column in columns]
    wide = next((place for place, column in enumerate(flat) if column.shape[1] != 1), None)
    if wide is not None:
        fixes = (Fix('Name it alone, with "column".'),)
        raise Refused(misshapen(port, columns[wide], (), fixes))
    return np.concatenate(flat, axis=1)


def _scaled(reading: Reading, port: str, shaped: Array, notes: tuple[Diagnostic, ...]) -> Filled:
    encoder = reading.encoder
    if reading.refit:
        standardize = reading.source.scale == "standardize"
        rows = shaped if reading.train is None else shaped[reading.train]
        encoder = Number.fit(rows, standardize) if standardize else None
    scaled = encoder.transform(shaped, reading.name) if encoder else shaped
    values, more = reals(scaled, port, reading.precision)
    return Filled(values, encoder, (*notes, *more))


def _cast(values: Array, spec: TensorSpec, reading: Reading) -> Array:
    return values.astype(np.int32 if spec.dtype == "int32" else reading.precision)


def _labels(reading: Reading, port: TargetPort) -> tuple[str, ...]:
    """Answer the labels of the mapping or the Output, whose weights of classes go by its own."""
    mapped = reading.source.labels or ()
    if reading.refit and mapped and port.labels and mapped != port.labels:
        plain = {key: value for key, value in reading.source.params().items() if key != "labels"}
        edit = {"do": "set_mapping", "side": "targets", "node": port.name, "source": plain}
        raise Refused(
            Diagnostic(
                "labels-differ",
                "the mapping and the output name different labels",
                node=port.name,
                place=f"data.targets.{port.name}.labels",
                found=", ".join(mapped[:12]),
                expected=", ".join(port.labels[:12]),
                fixes=(Fix("Leave the labels out of the mapping; the output names them.", edit),),
            )
        )
    return mapped or port.labels


def _labelled(reading: Reading, port: TargetPort, cells: Text, labels: Sequence[str]) -> Encoder:
    """Fit labels on all rows: unlike a mean, a list of names tells nothing about held-out rows."""
    if port.form == "binary":
        return Boolean.fit(cells, labels, reading.name)
    encoder = Category.fit(cells, labels, port.hot)
    if port.classes is not None and len(encoder.labels) != port.classes:
        count = len(encoder.labels)
        raise Refused(
            Diagnostic(
                "array-shape",
                f"the data has {count:,} labels, the output {port.classes:,} classes",
                node=port.name,
                found=f"{count:,} labels in column {reading.name}",
                expected=f"{port.classes:,} labels",
                fixes=(
                    Fix(f"Give the layer that feeds {port.name} {count} units."),
                    Fix(f"Name all {port.classes} labels in the Output, if some do not occur."),
                ),
            )
        )
    return encoder


def _no_scale(reading: Reading, port: str, noun: str) -> None:
    if reading.source.scale is not None:
        raise Refused(
            Diagnostic(
                "column-kind",
                f"{noun} can't be standardised",
                node=port,
                place=f"column {reading.name}",
                found=f"{noun} with scale {reading.source.scale}",
                expected="measurements",
                fixes=(Fix('Remove "scale" from the mapping of this column.'),),
            )
        )


def _no_numbers(port: str, name: str, column: Column) -> Diagnostic:
    noun = "lists" if is_list(column) else "dates"
    return Diagnostic(
        "column-kind",
        f'"{name}" holds {noun} where numbers are needed',
        node=port,
        place=f"column {name}",
        found=noun,
        expected="numbers",
        fixes=(Fix("Map another column."),),
    )


def _text(port: str, name: str, column: Text) -> Diagnostic:
    rows = np.flatnonzero(~empty_cells(column))
    filled = str(column[int(rows[0])]) if len(rows) else ""
    return Diagnostic(
        "column-kind",
        f'"{name}" holds text where numbers are needed',
        node=port,
        place=f"column {name}",
        found=repr(filled[:40]) if filled else "empty cells",
        expected="numbers",
        fixes=(Fix("Map another column."), Fix("Predict text as classes: softmax, cross-entropy.")),
    )


def _absent(reading: Reading, port: str, side: Side, name: str) -> Diagnostic:
    known = list(reading.table.columns)
    nearest = nearest_word(name, known)
    if nearest is None and name == port and len(known) == 1:
        nearest = known[0]
    fixes = [Fix(f'Call the port\'s data "{name}" in the file, or map a column to {port}.')]
    if nearest is not None:
        params = reading.source.params()
        if reading.source.columns is None:
            params["column"] = nearest
        else:
            params["columns"] = [nearest if each == name else each for each in reading.source.names]
        edit = {"do": "set_mapping", "side": side, "node": port, "source": params}
        fixes.insert(0, Fix(f'Map column "{nearest}" to {port}.', edit))
    hint = f"; did you mean {nearest!r}?" if nearest else ""
    return Diagnostic(
        "column-missing",
        f'the data has no column "{name}"{hint}',
        node=port,
        found=", ".join(known[:12]) + (", ..." if len(known) > 12 else ""),
        expected=name,
        fixes=tuple(fixes),
    )
