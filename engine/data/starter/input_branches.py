"""The input branch of a column in a starter network: its Input and the layers that embed it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engine.core.diagnostic import Diagnostic, Fix, Refused
from engine.core.tensor_spec import TensorSpec
from engine.data.encoders import Encoder, Text, dense, fitter
from engine.data.encoders.categories import absent, coded
from engine.data.encoders.ids import read
from engine.data.encoding_choice.compatibility import FEW_LABELS, SIDE
from engine.data.encoding_choice.suggestion import (
    for_ids,
    for_numbers,
    length_of,
    parts_of,
    together,
)
from engine.data.profile.statistics import ColumnFacts
from engine.data.starter.graph_builder import Sketch
from engine.data.table.column_types import Column, is_list
from engine.data.table.table import Table
from engine.recipe import encoding
from engine.recipe.data_mapping import Source
from engine.recipe.encoding import Encoding

MOST_LABELS = 200  # more labels than this in a list column are read as text
IDS = TensorSpec((), "int32")


@dataclass(frozen=True, slots=True)
class Branch:
    """The nodes that were added for a column.

    Args:
        input: the name of the Input node.
        end: the name of the last node of the branch.
        source: the column and its encoding.
    """

    input: str
    end: str
    source: Source


def gathered(sketch: Sketch, facts: list[ColumnFacts]) -> Branch:
    """Add one Input for all columns of plain numbers."""
    text = facts[0].name if len(facts) == 1 else "numbers"
    name = sketch.draw("Input", sketch.name(text), shape=[len(facts)])
    return Branch(name, name, together(facts))


def branch(sketch: Sketch, facts: ColumnFacts, table: Table) -> Branch:
    """Add the Input of one column and the layers that read it.

    Raises:
        DiagnosticError: if there is no default encoding for such a column.
    """
    column = table.columns[facts.name]
    match facts.kind:
        case "category" | "boolean" | "identifier" | "constant":
            return _label_branch(sketch, facts, column)
        case "text":
            return _text_branch(sketch, facts, column)
        case "id sequence":
            return _id_branch(sketch, facts, column)
        case "list":
            return _list_branch(sketch, facts, column)
        case "date":
            return _date_branch(sketch, facts, column)
        case "image path":
            name = sketch.draw("Input", sketch.name(facts.name), shape=[SIDE, SIDE, 3])
            source = _source(facts, encoding.Image())
            return Branch(name, sketch.picture(name, SIDE), source)
    return _array_branch(sketch, facts)


def labels_of(column: Column) -> tuple[str, ...]:
    """Return the distinct labels of a column, sorted."""
    texts = coded(column).texts
    cells = zip(texts.to_pylist(), absent(texts), strict=True)
    return tuple(sorted(text for text, is_missing in cells if not is_missing))


def _label_branch(sketch: Sketch, facts: ColumnFacts, column: Column) -> Branch:
    """Add a binary input for two labels, one-hot columns for a few, an Embedding for many."""
    labels = labels_of(column)
    if len(labels) == 2 and not facts.missing:
        name = sketch.draw("Input", sketch.name(facts.name), shape=[1])
        return Branch(name, name, _source(facts, encoding.Boolean()))
    if len(labels) <= FEW_LABELS:
        settings = encoding.Category(fill="other" if facts.missing else "error")
        width = len(labels) + bool(facts.missing)
        name = sketch.draw("Input", sketch.name(facts.name), shape=[width])
        return Branch(name, name, _source(facts, settings, labels))
    name = sketch.draw("Input", sketch.name(facts.name), shape=[], dtype="int32")
    return Branch(name, sketch.label(name, len(labels) + 1), _source(facts, for_ids(facts, IDS)))


def _text_branch(sketch: Sketch, facts: ColumnFacts, column: Column) -> Branch:
    settings = encoding.Text(length=length_of(facts))
    fitted = _fit_encoder(settings, column)
    assert isinstance(fitted, Text)
    name = sketch.draw("Input", sketch.name(facts.name), shape=[None], dtype="int32")
    return Branch(name, sketch.words(name, max(3, fitted.ids)), _source(facts, settings))


def _id_branch(sketch: Sketch, facts: ColumnFacts, column: Column) -> Branch:
    values = column if facts.shape else read(column, facts.name).values
    largest = int(values.max()) if values.size else 0
    shape: list[int | None] = [*facts.shape] or [None]
    name = sketch.draw("Input", sketch.name(facts.name), shape=shape, dtype="int32")
    source = Source(column=facts.name, encode=for_ids(facts, TensorSpec((), "int32")))
    return Branch(name, sketch.words(name, largest + 1), source)


def _list_branch(sketch: Sketch, facts: ColumnFacts, column: Column) -> Branch:
    if is_list(column) and not facts.top:
        rows = dense(column)
        if rows is None:
            raise Refused(_unsupported_column(facts, "its lists differ in length"))
        name = sketch.draw("Input", sketch.name(facts.name), shape=[rows.shape[1]])
        return Branch(name, name, _source(facts, encoding.Number(scale="standardize")))
    settings = encoding.Multilabel(separator=facts.separator or "|")
    labels = _fit_encoder(settings, column).params()["labels"]
    if len(labels) > MOST_LABELS:
        return _text_branch(sketch, facts, column)
    name = sketch.draw("Input", sketch.name(facts.name), shape=[len(labels)])
    return Branch(name, name, _source(facts, settings, tuple(labels)))


def _date_branch(sketch: Sketch, facts: ColumnFacts, column: Column) -> Branch:
    settings = encoding.Date(parts=parts_of(facts), fill="zero" if facts.missing else "error")
    width = _fit_encoder(settings, column).transform(column, facts.name).shape[1]
    name = sketch.draw("Input", sketch.name(facts.name), shape=[width])
    return Branch(name, name, _source(facts, settings))


def _array_branch(sketch: Sketch, facts: ColumnFacts) -> Branch:
    """Add the layers for arrays: convolutions for images and sequences, none for vectors."""
    if len(facts.shape) > 3:
        raise Refused(_unsupported_column(facts, f"it has {len(facts.shape)} axes per row"))
    name = sketch.draw("Input", sketch.name(facts.name), shape=list(facts.shape))
    source = _source(facts, for_numbers(facts))
    match len(facts.shape):
        case 3:
            return Branch(name, sketch.picture(name, min(facts.shape[:2])), source)
        case 2:
            return Branch(name, sketch.signal(name), source)
    return Branch(name, name, source)


def _fit_encoder(settings: Encoding, column: Column) -> Encoder:
    """Return an encoder fitted on a whole column."""
    column_fitter = fitter(settings)
    column_fitter.add(column)
    return column_fitter.done()


def _source(
    facts: ColumnFacts, settings: Encoding | None, labels: tuple[str, ...] | None = None
) -> Source:
    if settings == encoding.Number(scale="standardize"):
        return Source(column=facts.name, scale="standardize")
    return Source(column=facts.name, encode=settings, labels=labels)


def _unsupported_column(facts: ColumnFacts, why: str) -> Diagnostic:
    fields: dict[str, Any] = {"found": why, "expected": "numbers, labels, text, dates or images"}
    return Diagnostic(
        "column-kind", why, place=f"column {facts.name}", fixes=(Fix("Leave it out."),), **fields
    )
