"""The input branch of a column in a starter network: its Input and the layers that embed it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engine.core.diagnostic import Diagnostic, DiagnosticError, Fix
from engine.core.tensor_spec import TensorSpec
from engine.data.encoders import Encoder, Text, dense, fitter
from engine.data.encoders.categories import absent, coded
from engine.data.encoders.ids import read
from engine.data.encoding_choice.compatibility import IMAGE_SIZE, MAX_ONE_HOT_LABELS
from engine.data.encoding_choice.suggestion import (
    suggest_date_parts,
    suggest_float_encoding,
    suggest_id_encoding,
    suggest_length,
    suggest_numeric_source,
)
from engine.data.profile.statistics import ColumnStatistics
from engine.data.starter.graph_builder import GraphBuilder
from engine.data.table.column_types import Column, is_list
from engine.data.table.table import Table
from engine.recipe import encoding
from engine.recipe.data_mapping import Source
from engine.recipe.encoding import Encoding

MAX_MULTILABELS = 200  # more labels than this in a list column are read as text
ID_SPEC = TensorSpec((), "int32")


@dataclass(frozen=True, slots=True)
class InputBranch:
    """The nodes that were added for a column.

    Args:
        input: the name of the Input node.
        output: the name of the last node of the branch.
        source: the column and its encoding.
    """

    input: str
    output: str
    source: Source


def add_numeric_branch(sketch: GraphBuilder, facts: list[ColumnStatistics]) -> InputBranch:
    """Add one Input for all columns of plain numbers."""
    text = facts[0].name if len(facts) == 1 else "numbers"
    name = sketch.add_node("Input", sketch.reserve_name(text), shape=[len(facts)])
    return InputBranch(name, name, suggest_numeric_source(facts))


def add_input_branch(sketch: GraphBuilder, facts: ColumnStatistics, table: Table) -> InputBranch:
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
            name = sketch.add_node(
                "Input", sketch.reserve_name(facts.name), shape=[IMAGE_SIZE, IMAGE_SIZE, 3]
            )
            source = _source(facts, encoding.Image())
            return InputBranch(name, sketch.add_image_layers(name, IMAGE_SIZE), source)
    return _array_branch(sketch, facts)


def distinct_labels(column: Column) -> tuple[str, ...]:
    """Return the distinct labels of a column, sorted."""
    texts = coded(column).texts
    cells = zip(texts.to_pylist(), absent(texts), strict=True)
    return tuple(sorted(text for text, is_missing in cells if not is_missing))


def _label_branch(sketch: GraphBuilder, facts: ColumnStatistics, column: Column) -> InputBranch:
    """Add a binary input for two labels, one-hot columns for a few, an Embedding for many."""
    labels = distinct_labels(column)
    if len(labels) == 2 and not facts.missing:
        name = sketch.add_node("Input", sketch.reserve_name(facts.name), shape=[1])
        return InputBranch(name, name, _source(facts, encoding.Boolean()))
    if len(labels) <= MAX_ONE_HOT_LABELS:
        settings = encoding.Category(fill="other" if facts.missing else "error")
        width = len(labels) + bool(facts.missing)
        name = sketch.add_node("Input", sketch.reserve_name(facts.name), shape=[width])
        return InputBranch(name, name, _source(facts, settings, labels))
    name = sketch.add_node("Input", sketch.reserve_name(facts.name), shape=[], dtype="int32")
    return InputBranch(
        name,
        sketch.add_category_embedding(name, len(labels) + 1),
        _source(facts, suggest_id_encoding(facts, ID_SPEC)),
    )


def _text_branch(sketch: GraphBuilder, facts: ColumnStatistics, column: Column) -> InputBranch:
    settings = encoding.Text(length=suggest_length(facts))
    fitted = _fit_encoder(settings, column)
    assert isinstance(fitted, Text)
    name = sketch.add_node("Input", sketch.reserve_name(facts.name), shape=[None], dtype="int32")
    return InputBranch(
        name, sketch.add_token_layers(name, max(3, fitted.ids)), _source(facts, settings)
    )


def _id_branch(sketch: GraphBuilder, facts: ColumnStatistics, column: Column) -> InputBranch:
    values = column if facts.shape else read(column, facts.name).values
    largest = int(values.max()) if values.size else 0
    shape: list[int | None] = [*facts.shape] or [None]
    name = sketch.add_node("Input", sketch.reserve_name(facts.name), shape=shape, dtype="int32")
    source = Source(column=facts.name, encode=suggest_id_encoding(facts, TensorSpec((), "int32")))
    return InputBranch(name, sketch.add_token_layers(name, largest + 1), source)


def _list_branch(sketch: GraphBuilder, facts: ColumnStatistics, column: Column) -> InputBranch:
    if is_list(column) and not facts.top:
        rows = dense(column)
        if rows is None:
            raise DiagnosticError(_unsupported_column(facts, "its lists differ in length"))
        name = sketch.add_node("Input", sketch.reserve_name(facts.name), shape=[rows.shape[1]])
        return InputBranch(name, name, _source(facts, encoding.Number(scale="standardize")))
    settings = encoding.Multilabel(separator=facts.separator or "|")
    labels = _fit_encoder(settings, column).params()["labels"]
    if len(labels) > MAX_MULTILABELS:
        return _text_branch(sketch, facts, column)
    name = sketch.add_node("Input", sketch.reserve_name(facts.name), shape=[len(labels)])
    return InputBranch(name, name, _source(facts, settings, tuple(labels)))


def _date_branch(sketch: GraphBuilder, facts: ColumnStatistics, column: Column) -> InputBranch:
    settings = encoding.Date(
        parts=suggest_date_parts(facts), fill="zero" if facts.missing else "error"
    )
    width = _fit_encoder(settings, column).transform(column, facts.name).shape[1]
    name = sketch.add_node("Input", sketch.reserve_name(facts.name), shape=[width])
    return InputBranch(name, name, _source(facts, settings))


def _array_branch(sketch: GraphBuilder, facts: ColumnStatistics) -> InputBranch:
    """Add the layers for arrays: convolutions for images and sequences, none for vectors."""
    if len(facts.shape) > 3:
        raise DiagnosticError(_unsupported_column(facts, f"it has {len(facts.shape)} axes per row"))
    name = sketch.add_node("Input", sketch.reserve_name(facts.name), shape=list(facts.shape))
    source = _source(facts, suggest_float_encoding(facts))
    match len(facts.shape):
        case 3:
            return InputBranch(name, sketch.add_image_layers(name, min(facts.shape[:2])), source)
        case 2:
            return InputBranch(name, sketch.add_sequence_layers(name), source)
    return InputBranch(name, name, source)


def _fit_encoder(settings: Encoding, column: Column) -> Encoder:
    """Return an encoder fitted on a whole column."""
    column_fitter = fitter(settings)
    column_fitter.add(column)
    return column_fitter.done()


def _source(
    facts: ColumnStatistics, settings: Encoding | None, labels: tuple[str, ...] | None = None
) -> Source:
    if settings == encoding.Number(scale="standardize"):
        return Source(column=facts.name, scale="standardize")
    return Source(column=facts.name, encode=settings, labels=labels)


def _unsupported_column(facts: ColumnStatistics, why: str) -> Diagnostic:
    fields: dict[str, Any] = {"found": why, "expected": "numbers, labels, text, dates or images"}
    return Diagnostic(
        "column-kind", why, place=f"column {facts.name}", fixes=(Fix("Leave it out."),), **fields
    )
