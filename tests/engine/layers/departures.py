"""Where a random layer would differ from Keras' on purpose, or where Keras itself fails.

Each row is in the table of `engine/KERAS.md`, and another test pins what the engine does.
"""

from __future__ import annotations

from collections.abc import Callable

from engine.core.tensor_spec import DynamicLength, TensorSpec
from engine.layers.base import Layer
from engine.layers.conv import Conv2D
from engine.layers.merge import Concatenate
from engine.layers.norm import BatchNormalization, LayerNormalization
from engine.layers.pool import AveragePooling1D, AveragePooling2D
from engine.layers.recurrent import SimpleRNN
from engine.layers.regularizer import OrthogonalRegularizer
from tests.engine.layers.arguments import recurrences
from tests.engine.layers.around import LENGTH

Specs = tuple[TensorSpec, ...]


def departures(layer: Layer, specs: Specs, length: int = LENGTH) -> list[str]:
    """Return the rows of the table that a layer falls under, where free axes have a length."""
    sized = tuple(fixed(spec, length) for spec in specs)
    return [row for row, falls in _ROWS.items() if falls(layer, sized)]


def fixed(spec: TensorSpec, length: int) -> TensorSpec:
    """Return the spec with a length in the place of every free axis."""
    sizes = (dim.size_for(length) if isinstance(dim, DynamicLength) else dim for dim in spec.shape)
    return TensorSpec(tuple(sizes), spec.dtype, spec.mask)


def _averages_over_uneven_padding(layer: Layer, specs: Specs) -> bool:
    if not isinstance(layer, AveragePooling1D | AveragePooling2D) or layer.padding != "same":
        return False
    window = layer._window
    return any(
        max(0, (-(-n // s) - 1) * s + k - n) % 2
        for n, k, s in zip(specs[0].shape, window.size, window.strides, strict=False)
    )


def _normalises_inner_axes(layer: Layer, specs: Specs) -> bool:
    return isinstance(layer, LayerNormalization) and specs[0].rank - 1 not in layer._axis_indices(
        specs[0]
    )


def _forgets_activity(layer: Layer, specs: Specs) -> bool:
    return any(
        isinstance(one, SimpleRNN) and one.activity_penalties() for one in recurrences(layer)
    )


def _compares_one_row(layer: Layer, specs: Specs) -> bool:
    """A penalty on the angles between rows, where there is but one."""
    return any(
        isinstance(weight.regularizer, OrthogonalRegularizer)
        and weight.shape[0 if weight.regularizer.mode == "rows" else 1] == 1
        for weight in layer.weights(*specs)
    )


def _concatenates_unequal_units(layer: Layer, specs: Specs) -> bool:
    return len({one.units for one in recurrences(layer)}) > 1


def _measures_one_masked_feature(layer: Layer, specs: Specs) -> bool:
    """Keras squeezes the axis of the features away, too."""
    if not isinstance(layer, BatchNormalization) or not specs[0].mask:
        return False
    return layer._features(specs[0])[1] == 1


def _joins_features_of_masked_and_unmasked(layer: Layer, specs: Specs) -> bool:
    """In Keras a mask goes on that is True everywhere; here there is none."""
    if not isinstance(layer, Concatenate) or len({spec.mask for spec in specs}) == 1:
        return False
    return layer.axis not in (1, -specs[0].rank)


def _convolves_into_one_filter(layer: Layer, specs: Specs) -> bool:
    """On torch, Keras' kernel is a view that the backward pass of such a convolution refuses."""
    return isinstance(layer, Conv2D) and layer.filters == layer.groups == 1


SYMBOLIC = "the shape of a Bidirectional with unequal units"

_ROWS: dict[str, Callable[[Layer, Specs], bool]] = {
    "averages over uneven padding": _averages_over_uneven_padding,
    "LayerNormalization of inner axes": _normalises_inner_axes,
    "activity_regularizer of SimpleRNN": _forgets_activity,
    "OrthogonalRegularizer of one row": _compares_one_row,
    "gradients of a Conv2D with one filter": _convolves_into_one_filter,
    "BatchNormalization of one masked feature": _measures_one_masked_feature,
    "features of masked and unmasked tensors": _joins_features_of_masked_and_unmasked,
    SYMBOLIC: _concatenates_unequal_units,
}
