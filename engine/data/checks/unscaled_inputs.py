"""Doubts inputs that take numbers in a unit of their own, far from what a network learns well from.

Why: first steps are as large as the numbers. Grams of some thousands beside shares of a few tenths
make a loss that hardly falls, and nothing else tells of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from numpy.typing import NDArray

from engine.check.report import Report
from engine.core.diagnostic import Diagnostic, Fix
from engine.data.dataset.dataset import Dataset
from engine.data.encoders import Beside, Encoder, Number
from engine.data.encoders.feature_names import part_names
from engine.data.encoders.streaming_statistics import Moments
from engine.data.table.chunks import parts
from engine.recipe import encoding
from engine.recipe.data_mapping import Source
from engine.recipe.encoding import Encoding, plain

Array = NDArray[Any]
# A deviation above this is far from 1, and so is a mean of as many deviations, if it is larger
# than this as well: years from 2000 to 2020 are, temperatures around 20 are not.
FAR = 100.0
_NAMED = 3  # columns that are named
_STANDARD = encoding.Number(scale="standardize")


def unscaled(report: Report, dataset: Dataset) -> Iterator[Diagnostic]:
    """Warn of columns of numbers that reach weights as they stand in the table.

    Ids, labels, pictures, sequences and arrays are no such columns, and behind a normalisation
    the unit makes no difference.
    """
    for name, values in dataset.inputs.items():
        if report.mapping is None or values.dtype.kind != "f" or values.ndim > 2:
            continue
        source = report.mapping.source("inputs", name)
        width = values.shape[1] if values.ndim == 2 else 1
        places = _as_they_stand(dataset.fitted.inputs.get(name), source.names, width)
        if places and _reach_weights(report, name):
            far = _far(values, width)
            found = {place: far[at] for place, at in places.items() if at in far}
            if found:
                yield _warning(name, source, found)


def _as_they_stand(encoder: Encoder | None, names: Sequence[str], width: int) -> Mapping[int, int]:
    """Return which columns are numbers that nothing scales, and at which place of a row each is."""
    if encoder is None or isinstance(encoder, Number):
        scaled = encoder is not None and encoder.spread
        return {} if scaled or width != len(names) else {at: at for at in range(width)}
    found, at = {}, 0
    for place, part in enumerate(encoder.parts if isinstance(encoder, Beside) else ()):
        if isinstance(part, Number) and not part.spread:
            found[place] = at
        at += len(list(part_names(part, names[place])))
    return found if at == width else {}


def _reach_weights(report: Report, name: str) -> bool:
    """Return whether an Input is read by a layer with weights, no normalisation between them."""
    graph, layers = report.project.graph, report.shapes.layers
    waiting, seen = [name], set[str]()
    while waiting:
        for reader in graph.consumers[waiting.pop()]:
            layer = layers.get(reader)
            if layer is None or reader in seen or reader not in graph.needed:
                continue
            seen.add(reader)
            off = graph[reader].off
            if layer.family == "norm" and not off:
                continue
            fed = [spec for spec in report.shapes.fed[reader] if spec is not None]
            if not off and layer.family != "io" and layer.weights(*fed):
                return True
            waiting.append(reader)
    return False


def _far(values: Array, width: int) -> dict[int, tuple[float, float]]:
    """Return mean and deviation of those places of a row that are far from 1."""
    moments = Moments(width)
    for _, part in parts(values):
        moments.add(part.reshape(len(part), width))
    moments.close()
    means, deviations = moments.mean.tolist(), moments.deviation().tolist()
    varied = (moments.low < moments.high).tolist()
    return {
        at: (mean, deviation)
        for at, (mean, deviation) in enumerate(zip(means, deviations, strict=True))
        if varied[at] and (deviation > FAR or abs(mean) > FAR * max(deviation, 1.0))
    }


def _warning(name: str, source: Source, found: Mapping[int, tuple[float, float]]) -> Diagnostic:
    names = [source.names[place] for place in found]
    shown = ", ".join(f'"{each}"' for each in names[:_NAMED])
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    mean, deviation = next(iter(found.values()))
    of_first = f' in "{names[0]}"' if len(names) > 1 else ""
    edit = {
        "do": "set_mapping", "side": "inputs", "node": name,
        "source": _standardised(source, found),
    }  # fmt: skip
    return Diagnostic(
        "input-scale",
        f"{shown}{more} reach{'es' if len(names) == 1 else ''} weights unscaled, with numbers far "
        "from 1",
        severity="warning",
        node=name,
        place=f"column {names[0]}" if len(names) == 1 else None,
        found=f"a mean of {mean:,.4g} and a deviation of {deviation:,.4g}{of_first}",
        expected="a mean near 0 and a deviation near 1",
        fixes=(
            Fix(f"Standardise {'it' if len(names) == 1 else 'them'}.", edit),
            Fix("Put a BatchNormalization behind the Input."),
        ),
    )


def _standardised(source: Source, places: Mapping[int, Any]) -> dict[str, Any]:
    """Return the JSON of a source with some of its columns standardised."""
    each = tuple(
        _scaled(asked) if place in places else asked for place, asked in enumerate(source.encodings)
    )
    params = {key: value for key, value in source.params().items() if key != "encode"}
    if set(each) == {_STANDARD}:
        return {**params, "scale": "standardize"}
    return {**params, "encode": plain(each if source.columns else each[0])}


def _scaled(asked: Encoding | None) -> Encoding:
    if isinstance(asked, encoding.Number):
        return asked.model_copy(update={"scale": "standardize"})
    return _STANDARD
