"""The input branch of a column in a starter network: an Input and the layers that process it."""

from __future__ import annotations

from dataclasses import dataclass

from engine.core.diagnostic import Diagnostic, DiagnosticError, Fix
from engine.data.encoders import Encoder, TextEncoder, create_fitter, lists_to_array
from engine.data.encoders.categories import missing_label_mask, to_categorical
from engine.data.encoders.ids import read_ids
from engine.data.encoding_choice.choice import (
    ID_SPEC,
    column_source,
    suggest_float_encoding,
    suggest_id_encoding,
    suggest_numeric_source,
)
from engine.data.profile.statistics import ColumnStatistics
from engine.data.starter.graph_builder import GraphBuilder
from engine.data.starter.new_input import IMAGE_SIZE, MAX_ONE_HOT_LABELS
from engine.data.table.column_types import Column, is_list
from engine.data.table.table import Table
from engine.recipe import encoding
from engine.recipe.data_mapping import Source
from engine.recipe.encoding import Encoding

MAX_MULTILABELS = 200  # more labels than this in a list column are read as text


@dataclass(frozen=True, slots=True)
class InputBranch:
    """A branch of a graph: the names of its Input and last node, and the columns of the Input."""

    input: str
    output: str
    source: Source


def add_numeric_branch(builder: GraphBuilder, columns: list[ColumnStatistics]) -> InputBranch:
    """Add one Input that reads all the given columns of plain numbers; return it as a branch."""
    text = columns[0].name if len(columns) == 1 else "numbers"
    name = builder.add_input(text, shape=[len(columns)])
    return InputBranch(name, name, suggest_numeric_source(columns))


def add_input_branch(builder: GraphBuilder, stats: ColumnStatistics, table: Table) -> InputBranch:
    """Add the Input of one column and the layers that read it; return the branch.

    Raises:
        DiagnosticError: if no default encoding can read the column.
    """
    column = table.columns[stats.name]
    match stats.kind:
        case "category" | "boolean" | "identifier" | "constant":
            return _label_branch(builder, stats, column)
        case "text":
            return _text_branch(builder, stats, column)
        case "id sequence":
            return _id_branch(builder, stats, column)
        case "list":
            return _list_branch(builder, stats, column)
        case "date":
            return _date_branch(builder, stats, column)
        case "image path":
            name = builder.add_input(stats.name, shape=[IMAGE_SIZE, IMAGE_SIZE, 3])
            source = column_source(stats, encoding.Image())
            return InputBranch(name, builder.add_image_layers(name, IMAGE_SIZE), source)
    return _array_branch(builder, stats)


def distinct_labels(column: Column) -> tuple[str, ...]:
    """Return the distinct labels of a column in alphabetical order."""
    texts = to_categorical(column).categories
    cells = zip(texts.to_pylist(), missing_label_mask(texts), strict=True)
    return tuple(sorted(text for text, is_missing in cells if not is_missing))


def _label_branch(builder: GraphBuilder, stats: ColumnStatistics, column: Column) -> InputBranch:
    """Add and return the branch of a label column: as 0/1, one-hot or embedding, by label count."""
    labels = distinct_labels(column)
    if len(labels) == 2 and not stats.missing:
        name = builder.add_input(stats.name, shape=[1])
        return InputBranch(name, name, column_source(stats, encoding.Boolean()))
    if len(labels) <= MAX_ONE_HOT_LABELS:
        settings = encoding.Category(fill="other" if stats.missing else "error")
        width = len(labels) + bool(stats.missing)
        name = builder.add_input(stats.name, shape=[width])
        return InputBranch(name, name, column_source(stats, settings, labels))
    name = builder.add_input(stats.name, shape=[], dtype="int32")
    embedding = builder.add_category_embedding(name, len(labels) + 1)
    return InputBranch(name, embedding, column_source(stats, suggest_id_encoding(stats, ID_SPEC)))


def _text_branch(builder: GraphBuilder, stats: ColumnStatistics, column: Column) -> InputBranch:
    settings = encoding.Text(length=stats.sequence_length)
    fitted = fit_encoder(settings, column)
    assert isinstance(fitted, TextEncoder)
    name = builder.add_input(stats.name, shape=[None], dtype="int32")
    last = builder.add_token_layers(name, max(3, fitted.id_count))
    return InputBranch(name, last, column_source(stats, settings))


def _id_branch(builder: GraphBuilder, stats: ColumnStatistics, column: Column) -> InputBranch:
    values = column if stats.shape else read_ids(column, stats.name).values
    largest = int(values.max()) if values.size else 0
    shape: list[int | None] = [*stats.shape] or [None]
    name = builder.add_input(stats.name, shape=shape, dtype="int32")
    source = Source(column=stats.name, encode=suggest_id_encoding(stats, ID_SPEC))
    return InputBranch(name, builder.add_token_layers(name, largest + 1), source)


def _list_branch(builder: GraphBuilder, stats: ColumnStatistics, column: Column) -> InputBranch:
    if is_list(column) and not stats.top:
        rows = lists_to_array(column)
        if rows is None:
            raise DiagnosticError(_unsupported_column(stats, "its lists differ in length"))
        name = builder.add_input(stats.name, shape=[rows.shape[1]])
        return InputBranch(name, name, column_source(stats, encoding.Number(scale="standardize")))
    settings = encoding.Multilabel(separator=stats.separator or "|")
    labels = fit_encoder(settings, column).params()["labels"]
    if len(labels) > MAX_MULTILABELS:
        return _text_branch(builder, stats, column)
    name = builder.add_input(stats.name, shape=[len(labels)])
    return InputBranch(name, name, column_source(stats, settings, tuple(labels)))


def _date_branch(builder: GraphBuilder, stats: ColumnStatistics, column: Column) -> InputBranch:
    settings = suggest_float_encoding(stats)
    assert isinstance(settings, encoding.Date)
    width = fit_encoder(settings, column).transform(column, stats.name).shape[1]
    name = builder.add_input(stats.name, shape=[width])
    return InputBranch(name, name, column_source(stats, settings))


def _array_branch(builder: GraphBuilder, stats: ColumnStatistics) -> InputBranch:
    """Add and return a branch for arrays; only images and sequences get layers after the Input."""
    rank = len(stats.shape)
    if rank > 3:
        raise DiagnosticError(_unsupported_column(stats, f"it has {rank} axes per row"))
    name = last = builder.add_input(stats.name, shape=list(stats.shape))
    if rank == 3:
        last = builder.add_image_layers(name, min(stats.shape[:2]))
    elif rank == 2:
        last = builder.add_sequence_layers(name)
    return InputBranch(name, last, column_source(stats, suggest_float_encoding(stats)))


def fit_encoder(settings: Encoding, column: Column) -> Encoder:
    """Return an encoder with the given settings, fitted on all rows of a column."""
    fitter = create_fitter(settings)
    fitter.add(column)
    return fitter.finish()


def _unsupported_column(stats: ColumnStatistics, why: str) -> Diagnostic:
    return Diagnostic(
        "column-kind",
        why,
        place=f"column {stats.name}",
        found=why,
        expected="numbers, labels, text, dates or images",
        fixes=(Fix("Leave it out."),),
    )
