"""Warnings for labels that differ in case or surrounding blanks only."""

from __future__ import annotations

from collections.abc import Iterator

from engine.core.diagnostic import Diagnostic, Fix
from engine.data.dataset.dataset import Dataset
from engine.data.encoders import BooleanEncoder, ConcatEncoder, Encoder, LabelEncoder
from engine.data.encoders.categories import alike_labels
from engine.data.encoders.labels import format_labels
from engine.data.table.column_types import text_column
from engine.recipe.data_mapping import PORT_SIDES, DataMapping, PortSide
from engine.recipe.encoding import Boolean, Category


def alike_label_warnings(dataset: Dataset, mapping: DataMapping | None) -> Iterator[Diagnostic]:
    """Yield a warning, with a fix that merges them, for labels of a column that look the same."""
    for side in PORT_SIDES if mapping else ():
        for port, encoder in dataset.fitted.encoders(side).items():
            parts = encoder.parts if isinstance(encoder, ConcatEncoder) else (encoder,)
            assert mapping is not None
            names = mapping.source(side, port).column_names
            for name, part in zip(names, parts, strict=False):
                yield from _column_warnings(mapping, side, port, name, part)


def _column_warnings(
    mapping: DataMapping, side: PortSide, port: str, name: str, encoder: Encoder
) -> Iterator[Diagnostic]:
    if not isinstance(encoder, LabelEncoder) or encoder.ignore_case:
        return
    labels = alike_labels(text_column(encoder.labels))
    if not labels:
        return
    source = mapping.source(side, port)
    settings = source.encodings[source.column_names.index(name)]
    settings = settings or (Boolean() if isinstance(encoder, BooleanEncoder) else Category())
    merged = source.with_encoding(name, settings.model_copy(update={"ignore_case": True}))
    edit = {"do": "set_mapping", "side": side, "node": port, "source": merged}
    yield Diagnostic(
        "labels-alike",
        f'"{name}" has labels that differ in case or surrounding blanks only',
        severity="warning",
        node=port,
        place=f"column {name}",
        found=format_labels(list(map(repr, labels))),
        expected="one spelling per label",
        fixes=(Fix("Read them as one label.", edit),),
    )
