"""The input fields of a trained network: one form field for each feature column."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from engine.check.report import Report
from engine.core.tensor_spec import TensorSpec
from engine.data.dataset.graph_dataset import input_specs
from engine.data.encoders import (
    CategoryEncoder,
    DateEncoder,
    Encoder,
    IdsEncoder,
    ImageEncoder,
    LabelEncoder,
    MultilabelEncoder,
    NumberEncoder,
    TextEncoder,
)
from engine.data.preprocessing.fitted_encoders import FittedEncoders
from engine.data.preview.out_of_range import date_example, encoders_by_column, training_range

InputFieldKind = Literal[
    "text", "number", "numbers", "category", "labels", "date", "ids", "image", "array"
]


@dataclass(frozen=True, slots=True)
class InputField:
    """A form field for the value of one feature column.

    Args:
        port: the Input that reads the column.
        kind: the kind of value; an "array" is too large to be typed and comes from a table.
        labels: the labels to choose from, () if any text is allowed.
        shape: the shape of a cell with several numbers; the size of a dynamic axis is None.
        hint: the format or the training range of the value; "" if there is none.
        optional: True if the cell may be empty.
        as_written: True if a number is read as it is written in the training table.
    """

    column: str
    port: str
    kind: InputFieldKind
    labels: tuple[str, ...] = ()
    shape: tuple[int | None, ...] = ()
    hint: str = ""
    optional: bool = False
    as_written: bool = False


def input_fields(report: Report, fitted: FittedEncoders) -> list[InputField]:
    """Return one input field for each feature column of a run, in the order of the graph."""
    assert report.mapping is not None, "the run's own graph has no errors"
    specs = input_specs(report)
    columns = list(encoders_by_column(report, fitted))
    counts = Counter(port for port, _, _ in columns)
    fields: dict[str, InputField] = {}
    for port, name, encoder in columns:
        fields.setdefault(name, _field(name, port, encoder, specs[port], counts[port] > 1))
    return list(fields.values())


def _field(
    name: str, port: str, encoder: Encoder | None, spec: TensorSpec, several: bool
) -> InputField:
    match encoder:
        case TextEncoder():
            return InputField(name, port, "text")
        case LabelEncoder():
            is_last_added = isinstance(encoder, CategoryEncoder) and (encoder.other or encoder.fill)
            labels = encoder.labels[:-1] if is_last_added else encoder.labels
            return InputField(name, port, "category", labels, optional=bool(encoder.fill_text))
        case MultilabelEncoder():
            hint = f"labels separated by {encoder.separator}"
            return InputField(name, port, "labels", encoder.labels, hint=hint, optional=True)
        case DateEncoder():
            return InputField(name, port, "date", hint=date_example(encoder), optional=encoder.fill)
        case IdsEncoder():
            return InputField(name, port, "ids", hint=f"up to {encoder.length:,} integers")
        case ImageEncoder():
            height, width = encoder.size
            return InputField(name, port, "image", hint=f"resized to {height} × {width} pixels")
        case NumberEncoder():
            field = _number_field(name, port, spec, several)
            hint = field.hint or training_range(encoder)
            is_written = bool(encoder.forms)
            return replace(field, hint=hint, optional=bool(encoder.fill), as_written=is_written)
    return _number_field(name, port, spec, several)


def _number_field(name: str, port: str, spec: TensorSpec, several: bool) -> InputField:
    """Return the input field of a numeric column; `several`: the Input `port` has more columns."""
    sizes = tuple(dim if isinstance(dim, int) else None for dim in spec.shape)
    if several or sizes in ((), (1,)):
        return InputField(name, port, "number")
    if len(sizes) > 1:
        return InputField(name, port, "array", shape=sizes, hint="taken from a row of a table")
    kind: InputFieldKind = "ids" if "int" in spec.dtype else "numbers"
    noun = "integers" if kind == "ids" else "numbers"
    hint = f"{noun} separated by spaces" if sizes[0] is None else f"{sizes[0]:,} {noun}"
    return InputField(name, port, kind, shape=sizes, hint=hint)


def parse_numbers_field(field: InputField, text: str) -> Iterator[float | int]:
    """Yield the numbers in the text that a user typed into a field for several numbers.

    Raises:
        ValueError: if the text holds anything but numbers.
    """
    for word in text.replace(",", " ").replace(";", " ").split():
        yield int(word) if field.kind == "ids" else float(word)
