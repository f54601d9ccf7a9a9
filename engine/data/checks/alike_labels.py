"""Warnings for labels that differ only in case or surrounding whitespace."""

from __future__ import annotations

from collections.abc import Iterator

from engine.core.diagnostic import Diagnostic, Fix
from engine.data.dataset.dataset import Dataset
from engine.data.encoders import BooleanEncoder, LabelEncoder, column_encoders
from engine.data.encoders.categories import alike_labels
from engine.data.encoders.labels import format_labels
from engine.data.table.column_types import text_column
from engine.recipe.data_mapping import PORT_SIDES, DataMapping, PortSide, Source
from engine.recipe.encoding import Boolean, Category


def alike_label_warnings(dataset: Dataset, mapping: DataMapping | None) -> Iterator[Diagnostic]:
    """Yield a warning, with a fix that merges them, for labels of a column that look the same."""
    if mapping is None:
        return
    for side in PORT_SIDES:
        for port, encoder in dataset.fitted.encoders(side).items():
            source = mapping.source(side, port)
            encoders = column_encoders(encoder, len(source.column_names))
            for name, part in zip(source.column_names, encoders, strict=True):
                if not isinstance(part, LabelEncoder) or part.ignore_case:
                    continue
                if alike := alike_labels(text_column(part.labels)):
                    yield Diagnostic.warning(
                        "labels-alike",
                        f'"{name}" has labels that differ only in case or surrounding whitespace',
                        _merging_fix(source, side, port, name, part),
                        node=port,
                        place=f"column {name}",
                        found=format_labels([*map(repr, alike)]),
                        expected="one spelling per label",
                    )


def _merging_fix(
    source: Source, side: PortSide, port: str, name: str, encoder: LabelEncoder
) -> Fix:
    default = Boolean() if isinstance(encoder, BooleanEncoder) else Category()
    settings = source.encodings[source.column_names.index(name)] or default
    merged = source.with_encoding(name, settings.model_copy(update={"ignore_case": True}))
    edit = {"do": "set_mapping", "side": side, "node": port, "source": merged}
    return Fix("Read them as one label.", edit)
