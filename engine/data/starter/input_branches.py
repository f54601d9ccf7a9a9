"""The input branch of a column in a starter network: an Input and the layers that process it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

from engine.core.diagnostic import DiagnosticError, diagnostic_error
from engine.data.encoders import Encoder, TextEncoder, create_fitter, lists_to_array
from engine.data.encoders.ids import read_ids
from engine.data.encoding_choice.choice import column_source, suggest_numeric_source
from engine.data.profile.statistics import ColumnStatistics
from engine.data.readers.images import common_image_shape, resolve_image_paths
from engine.data.starter.graph_builder import GraphBuilder
from engine.data.starter.new_input import MAX_MULTILABELS, MAX_ONE_HOT_LABELS, suggest_input
from engine.data.table.column_types import Column, is_list, is_text
from engine.data.table.table import Table
from engine.recipe import encoding
from engine.recipe.data_mapping import Source
from engine.recipe.encoding import Encoding

SAMPLED_IMAGES = 50  # the first images, of which the median size is that of the Input
LONGEST_SIDE = 96  # larger images are reduced to this number of pixels
SMALL_IMAGE = 32 * 32 * 3  # numbers of an image that is processed as fast as numbers of a table
_BINS_FRAME = "Bins of numbers (Gorishniy et al. 2022)"


@dataclass(frozen=True, slots=True)
class InputBranch:
    """A branch of a graph: the names of its Input and last node, and the columns of the Input.

    `is_slow` is whether it reads a text, a sequence or images that are not small.
    """

    input: str
    output: str
    source: Source
    is_slow: bool = False


def add_numeric_branch(
    builder: GraphBuilder, columns: list[ColumnStatistics], bins: int
) -> InputBranch:
    """Add one Input that reads all the given columns of plain numbers; return it as a branch.

    If there are `bins`, each number is ranked, and both its rank and its piecewise linear encoding
    are the outputs of the branch.
    """
    text = columns[0].name if len(columns) == 1 else "numbers"
    name = builder.add_node("Input", text, shape=[len(columns)])
    if not bins:
        return InputBranch(name, name, suggest_numeric_source(columns))
    encoded = builder.add_after(name, "PiecewiseLinearEncoding", "bins", bins=bins)
    flat = builder.add_after(encoded, "Flatten", "flat")
    joined = builder.add_node("Concatenate", f"{name}_encoded", (name, flat))
    builder.frames.append((_BINS_FRAME, (encoded, flat, joined)))
    return InputBranch(name, joined, suggest_numeric_source(columns, "quantile"))


def add_input_branch(builder: GraphBuilder, stats: ColumnStatistics, table: Table) -> InputBranch:
    """Add the Input of one column and the layers that read it; return the branch.

    Raises:
        DiagnosticError: if no default encoding can read the column.
    """
    column = table.columns[stats.name]
    if len(stats.shape) > 3:
        raise _unsupported_column(stats, f"it has {len(stats.shape)} axes per row")
    if stats.kind == "list" and is_list(column) and not stats.top:
        rows = lists_to_array(column)
        if rows is None:
            raise _unsupported_column(stats, "its lists differ in length")
        name = builder.add_node("Input", stats.name, shape=[rows.shape[1]])
        return InputBranch(name, name, suggest_numeric_source([stats]))
    params, source = suggest_input([stats], few_labels(stats, column))
    if isinstance(source.encode, encoding.Boolean):
        # Nearly always, the training rows hold both labels, so the file need not list them.
        source = column_source(stats, source.encode)
    if isinstance(source.encode, encoding.Image):
        params = {"shape": _image_shape(column, stats.name, table)}
    name = builder.add_node("Input", stats.name, **params)
    shape = params["shape"]
    output = _add_layers(builder, name, stats, column, source.encode, shape)
    is_image = len(shape) == 3 and None not in shape
    is_sequence = len(shape) > 1 or shape == [None]
    is_large = prod(shape) > SMALL_IMAGE if is_image else is_sequence
    return InputBranch(name, output, source, is_large or stats.kind == "id sequence")


def _image_shape(column: Any, name: str, table: Table) -> list[int]:
    paths: list[Path] = []
    with suppress(DiagnosticError):  # reported by the check of the data
        paths = resolve_image_paths(column[:SAMPLED_IMAGES], name, table.folder)
    return list(common_image_shape(paths, LONGEST_SIDE))


def _add_layers(
    builder: GraphBuilder,
    name: str,
    stats: ColumnStatistics,
    column: Column,
    settings: Any,
    shape: Sequence[int | None],
) -> str:
    """Add the layers that read the Input `name` of a column; return the name of the last node."""
    if stats.kind == "id sequence":
        values = column if stats.shape else read_ids(column, stats.name).values
        return builder.add_token_layers(name, int(values.max(initial=0)) + 1)
    if isinstance(settings, encoding.Text):
        fitted = fit_encoder(settings, column)
        assert isinstance(fitted, TextEncoder)
        return builder.add_token_layers(name, max(3, fitted.id_count))
    if isinstance(settings, encoding.Category) and not shape:
        return builder.add_category_embedding(name, (stats.distinct or 0) + 1)
    if len(shape) == 3:
        return builder.add_image_layers(name, min(filter(None, shape[:2])))
    return builder.add_sequence_layers(name) if len(stats.shape) == 2 else name


def few_labels(stats: ColumnStatistics, column: Column) -> tuple[str, ...]:
    """Return the labels that a new Input of a column lists, () if there are none or too many."""
    settings: Encoding
    if stats.kind == "list" and stats.top:
        settings, limit = encoding.Multilabel(separator=stats.separator or "|"), MAX_MULTILABELS
    elif stats.kind in ("category", "boolean", "identifier", "constant") and is_text(column):
        is_binary = stats.distinct == 2 and not stats.missing
        # `Boolean` knows which of two labels means no.
        settings = encoding.Boolean() if is_binary else encoding.Category()
        limit = MAX_ONE_HOT_LABELS
    else:
        return ()
    if stats.distinct is None or stats.distinct > limit:
        return ()
    return tuple(fit_encoder(settings, column).params()["labels"])


def fit_encoder(settings: Encoding, column: Column) -> Encoder:
    """Return an encoder with the given settings, fitted on all rows of a column."""
    fitter = create_fitter(settings)
    fitter.add(column)
    return fitter.finish()


def _unsupported_column(stats: ColumnStatistics, why: str) -> DiagnosticError:
    place, expected = f"column {stats.name}", "numbers, labels, text, dates or images"
    return diagnostic_error(
        "column-kind", why, "Leave it out.", place=place, found=why, expected=expected
    )
