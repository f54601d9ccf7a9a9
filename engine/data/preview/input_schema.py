"""What a person fills in to ask a trained network about a row: a field for each column."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Literal

from engine.check.report import Report
from engine.core.tensor_spec import TensorSpec
from engine.data.encoders import (
    Boolean,
    Category,
    Date,
    Encoder,
    Ids,
    Image,
    Labelled,
    Multilabel,
    Number,
    Text,
)
from engine.data.preprocessing.fitted_encoders import Fitted
from engine.data.preview.out_of_range import encoders_by_column, example, span

Kind = Literal[
    "text", "number", "numbers", "category", "labels", "date", "ids", "image", "array"
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Field:
    """One column that an Input reads.

    Args:
        column: its name.
        port: the Input.
        kind: what is filled in; an array is too large to be typed, and is taken from a table.
        labels: those that may be chosen, () where anything may be written.
        shape: of a cell that holds several numbers; None where an axis is free.
        hint: how it is written, or from where to where the rows trained on go; "" for neither.
        optional: a missing cell has a meaning.
    """

    column: str
    port: str
    kind: Kind
    labels: tuple[str, ...] = ()
    shape: tuple[int | None, ...] = ()
    hint: str = ""
    optional: bool = False

    def plain(self) -> dict[str, Any]:
        """Return it as JSON."""
        return asdict(self)


def fields(report: Report, fitted: Fitted) -> list[Field]:
    """Return the fields of a run, in drawing order; a column that two Inputs read stands once.

    Args:
        report: of the run's graph, which has no errors.
        fitted: the encoders that travel with it.
    """
    assert report.mapping is not None, "the run's own graph has no errors"
    specs = report.input_specs()
    columns = list(encoders_by_column(report, fitted))
    shared = Counter(port for port, _, _ in columns)
    found: dict[str, Field] = {}
    for port, name, encoder in columns:
        found.setdefault(name, _field(name, port, encoder, specs[port], shared[port] > 1))
    return list(found.values())


def _field(name: str, port: str, encoder: Encoder | None, spec: TensorSpec, several: bool) -> Field:
    match encoder:
        case Text():
            return Field(name, port, "text")
        case Category():
            folded = encoder.labels[:-1] if encoder.other or encoder.fill else encoder.labels
            return Field(name, port, "category", folded, optional=encoder.fill)
        case Boolean() | Labelled():
            return Field(name, port, "category", encoder.labels)
        case Multilabel():
            hint = f"labels with {encoder.separator} between them"
            return Field(name, port, "labels", encoder.labels, hint=hint, optional=True)
        case Date():
            return Field(name, port, "date", hint=example(encoder), optional=encoder.fill)
        case Ids():
            return Field(name, port, "ids", hint=f"up to {encoder.length:,} whole numbers")
        case Image():
            height, width = encoder.size
            return Field(name, port, "image", hint=f"is brought to {height} × {width} pixels")
        case Number():
            plain = _plain(name, port, spec, several)
            hint = plain.hint or span(encoder)
            return Field(name, port, plain.kind, (), plain.shape, hint, bool(encoder.fill))
    return _plain(name, port, spec, several)


def _plain(name: str, port: str, spec: TensorSpec, several: bool) -> Field:
    """Return the field of numbers that stay as they are."""
    sizes = tuple(dim if isinstance(dim, int) else None for dim in spec.shape)
    if several or sizes in ((), (1,)):
        return Field(name, port, "number")
    if len(sizes) > 1:
        return Field(name, port, "array", shape=sizes, hint="taken from a row of a table")
    if "int" in spec.dtype:
        return Field(name, port, "ids", shape=sizes, hint=_count(sizes[0], "whole numbers"))
    return Field(name, port, "numbers", shape=sizes, hint=_count(sizes[0], "numbers"))


def _count(size: int | None, noun: str) -> str:
    return f"{noun} with spaces between them" if size is None else f"{size:,} {noun}"


def numbers(field: Field, text: str) -> Iterator[float | int]:
    """Yield the numbers that are written in a field of several.

    Raises:
        ValueError: if something else is written there.
    """
    for word in text.replace(",", " ").replace(";", " ").split():
        yield int(word) if field.kind == "ids" else float(word)
