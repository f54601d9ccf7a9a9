"""Warns of large numeric inputs that nothing scales before they reach a layer with weights.

Why: gradients are proportional to the inputs. With values in the thousands next to values below 1,
the loss barely falls, and no other diagnostic points to the cause.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from engine.check.report import Report
from engine.core.diagnostic import Diagnostic, Fix
from engine.core.formatting.counts import join_first
from engine.data.dataset.dataset import Dataset
from engine.data.encoders import Encoder, NumberEncoder, column_encoders, column_features
from engine.data.encoders.streaming_statistics import StreamingMoments
from engine.data.table.array import Array
from engine.data.table.chunks import row_blocks
from engine.recipe import encoding
from engine.recipe.data_mapping import Source
from engine.recipe.encoding import Encoding, encoding_to_json

# A column needs scaling if its standard deviation exceeds this value, or if its mean exceeds both
# this value and as many standard deviations: true of years around 2000, not of temperatures in °C.
LARGE_VALUE = 100.0
_NAMED = 3  # the maximum number of columns that a message names
_STANDARD = encoding.Number(scale="standardize")


def unscaled_input_warnings(report: Report, dataset: Dataset) -> Iterator[Diagnostic]:
    """Yield a warning for each Input whose large, unscaled values reach a layer with weights.

    Only numeric columns are checked, not ids, labels, images, sequences and arrays. A normalization
    layer before the layer with weights counts as scaling.
    """
    for name, values in dataset.inputs.items():
        if report.mapping is None or values.dtype.kind != "f" or values.ndim > 2:
            continue
        source = report.mapping.source("inputs", name)
        width = values.shape[1] if values.ndim == 2 else 1
        features = _unscaled_features(dataset.fitted.inputs.get(name), source.column_names, width)
        if features and _reaches_weights(report, name):
            large = _large_features(values, width)
            columns = {i: large[feature] for i, feature in features.items() if feature in large}
            if columns:
                yield _warning(name, source, columns)


def _unscaled_features(
    encoder: Encoder | None, names: Sequence[str], width: int
) -> Mapping[int, int]:
    """Return the index of each unscaled numeric column in the encoded features, by column index.

    `names` are the columns of an Input. The result is {} if they don't yield `width` features.
    """
    columns, feature = {}, 0
    parts = column_encoders(encoder, len(names))
    for index, features in enumerate(column_features(encoder, names, width)):
        part = parts[index]
        if part is None or (isinstance(part, NumberEncoder) and not part.spread):
            columns[index] = feature
        feature += len(features)
    return columns


def _reaches_weights(report: Report, name: str) -> bool:
    """Return whether a path without normalization layers connects an Input to layer weights."""
    graph, layers = report.project.graph, report.shapes.layers
    pending, seen = [name], set[str]()
    while pending:
        for reader in graph.consumers[pending.pop()]:
            layer = layers.get(reader)
            if layer is None or reader in seen or reader not in graph.required_names:
                continue
            seen.add(reader)
            is_off = graph[reader].off
            if layer.family == "norm" and not is_off:
                continue
            specs = [spec for spec in report.shapes.inputs[reader] if spec is not None]
            if not is_off and layer.family != "io" and layer.weights(*specs):
                return True
            pending.append(reader)
    return False


def _large_features(values: Array, width: int) -> dict[int, tuple[float, float]]:
    """Return (mean, standard deviation) by feature index, for the features with large values."""
    moments = StreamingMoments(width)
    for _, part in row_blocks(values):
        moments.add(part.reshape(len(part), width))
    moments.finish()
    means, deviations = moments.mean.tolist(), moments.standard_deviation().tolist()
    is_varying = (moments.minimum < moments.maximum).tolist()
    return {
        feature: (mean, deviation)
        for feature, (mean, deviation) in enumerate(zip(means, deviations, strict=True))
        if is_varying[feature]
        and (deviation > LARGE_VALUE or abs(mean) > LARGE_VALUE * max(deviation, 1.0))
    }


def _warning(
    name: str, source: Source, statistics: Mapping[int, tuple[float, float]]
) -> Diagnostic:
    names = [source.column_names[index] for index in statistics]
    shown = join_first((f'"{column}"' for column in names), _NAMED)
    mean, deviation = next(iter(statistics.values()))
    of_first = f' in "{names[0]}"' if len(names) > 1 else ""
    scaled = _standardized_source(source, statistics)
    edit = {"do": "set_mapping", "side": "inputs", "node": name, "source": scaled}
    return Diagnostic.warning(
        "input-scale",
        f"{shown} {'is' if len(names) == 1 else 'are'} not scaled, with values far from 1",
        Fix(f"Standardize {'it' if len(names) == 1 else 'them'}.", edit),
        "Add a BatchNormalization after the Input.",
        node=name,
        place=f"column {names[0]}" if len(names) == 1 else None,
        found=f"a mean of {mean:,.4g} and a standard deviation of {deviation:,.4g}{of_first}",
        expected="a mean near 0 and a standard deviation near 1",
    )


def _standardized_source(source: Source, places: Mapping[int, Any]) -> dict[str, Any]:
    """Return `source` as JSON, in which the columns with an index in `places` are standardized."""
    encodings = tuple(
        _scaled(settings) if index in places else settings
        for index, settings in enumerate(source.encodings)
    )
    params = {key: value for key, value in source.params().items() if key != "encode"}
    if set(encodings) == {_STANDARD}:
        return {**params, "scale": "standardize"}
    return {**params, "encode": encoding_to_json(encodings if source.columns else encodings[0])}


def _scaled(settings: Encoding | None) -> Encoding:
    if isinstance(settings, encoding.Number):
        return settings.model_copy(update={"scale": "standardize"})
    return _STANDARD
