"""Shape inference of one layer: its outputs, weights, diagnostics and cost.

Results are reused between checks: if node, layer and input specs are the same objects as before,
the previous result is returned. If a new output spec equals the previous output spec, the previous
object is kept. So after a change, downstream layers are inferred again only if their input specs
differ.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from operator import is_

from engine.core.diagnostic import Diagnostic, Fix, LayerError
from engine.core.tensor_spec import DynamicLength, TensorSpec
from engine.graph.model import Node
from engine.layers.base import Cost, Layer, Weights, kernel_cost
from engine.layers.initializer import INITIALIZERS, Initializer
from engine.layers.io import Input, Output
from engine.layers.regularizer import OrthogonalRegularizer

OutputSpecs = Mapping[str, TensorSpec]
InputSpecs = tuple[TensorSpec | None, ...]
AxisLengths = Mapping[tuple[str, int], int]
MAIN_OUTPUT = ""  # key of a node's only or first output


@dataclass(frozen=True, eq=False)
class LayerInference:
    """The result of the shape inference of one layer.

    Args:
        node, layer: the node, and its layer; for shared weights, the layer of their owner.
        inputs: a spec for each input port, None for an unwired optional port.
        outputs: the output specs by name, None if the inputs are invalid.
        weights: the weights, () if `outputs` is None.
    """

    node: Node
    layer: Layer
    inputs: InputSpecs
    outputs: OutputSpecs | None
    weights: Weights
    diagnostics: tuple[Diagnostic, ...]

    def matches(self, node: Node, layer: Layer, inputs: InputSpecs) -> bool:
        """Return whether this result was inferred from these arguments."""
        return self.node is node and self.layer is layer and _same(self.inputs, inputs)

    @cached_property
    def dynamic_lengths(self) -> tuple[DynamicLength, ...]:
        """The length of each dynamic axis of the layer's outputs, in terms of an Input's length."""
        return tuple(dim for spec in (self.outputs or {}).values() for dim in spec.dynamic_axes)

    @cached_property
    def has_fixed_inputs(self) -> bool:
        """True if no input has a dynamic axis."""
        return not any(spec.dynamic_axes for spec in wired_specs(self.inputs))

    def cost(self, lengths: AxisLengths) -> Cost:
        """Return the layer's cost for one row; `lengths` has axis lengths by (Input, axis)."""
        if self.has_fixed_inputs:
            if self.outputs is not None and type(self.layer).cost is Layer.cost:
                named = {name: spec for name, spec in self.outputs.items() if name}
                return kernel_cost(self.weights, named or self.outputs)
            return self.layer.cost(*self.inputs)
        return self.layer.cost(*(spec and _fixed(spec, lengths) for spec in self.inputs))


def wired_specs(inputs: InputSpecs) -> tuple[TensorSpec, ...]:
    """Return the specs of the wired ports: those that are not None."""
    return tuple(spec for spec in inputs if spec is not None)


def infer_layer(
    node: Node, layer: Layer, inputs: InputSpecs, previous: LayerInference | None = None
) -> LayerInference:
    """Infer a layer's shapes. Return `previous` if it is of the same node, layer and inputs."""
    if previous is not None and previous.matches(node, layer, inputs):
        return previous
    diagnostics: list[Diagnostic] = []
    outs: OutputSpecs | None = None
    weights: Weights = ()
    try:
        outs = _infer_outputs(node, layer, inputs)
    except LayerError as error:
        diagnostics += [diagnostic.at_node(node.name) for diagnostic in error.diagnostics]
    except Exception as error:  # noqa: BLE001 - a defect in one layer must not hide other diagnostics
        diagnostics.append(_defect(node, error))
    if outs is not None:
        weights = layer.weights(*wired_specs(inputs))
        diagnostics += _check_mask(node, layer, wired_specs(inputs))
        diagnostics += _check_matrices(node, layer, weights, outs)
        if previous is not None and previous.outputs is not None and _equal(outs, previous.outputs):
            outs = previous.outputs
    return LayerInference(node, layer, inputs, outs, weights, tuple(diagnostics))


def _same(inputs: InputSpecs, other: InputSpecs) -> bool:
    return len(inputs) == len(other) and all(map(is_, inputs, other))


def _equal(outs: OutputSpecs, old: OutputSpecs) -> bool:
    return [*outs] == [*old] and all(spec.is_identical(old[name]) for name, spec in outs.items())


def _fixed(spec: TensorSpec, lengths: AxisLengths) -> TensorSpec:
    """Return a spec with a fixed length on every dynamic axis."""
    dims = (
        dim.size_for(lengths[dim.source, dim.axis]) if isinstance(dim, DynamicLength) else dim
        for dim in spec.shape
    )
    return replace(spec, shape=tuple(dims))


def _infer_outputs(node: Node, layer: Layer, inputs: InputSpecs) -> OutputSpecs:
    if isinstance(layer, Input):
        return {MAIN_OUTPUT: layer.output_spec(node.name)}
    result = layer.infer(*inputs)
    mask = layer.produces_mask(*wired_specs(inputs))
    if isinstance(result, TensorSpec):
        return {MAIN_OUTPUT: replace(result, mask=mask) if result.mask != mask else result}
    # With several outputs, only those with steps (sequences) have the mask.
    outs = {name: replace(spec, mask=mask and spec.rank > 1) for name, spec in result.items()}
    return {MAIN_OUTPUT: next(iter(outs.values())), **outs}


def _check_mask(node: Node, layer: Layer, inputs: tuple[TensorSpec, ...]) -> Iterator[Diagnostic]:
    drops_mask = layer.mask_rule == "drop" and any(spec.mask for spec in inputs)
    if drops_mask and not isinstance(layer, Output):
        yield Diagnostic.warning(
            "mask-dropped",
            f"{node.kind} can't pass on the mask of {node.sources()[0]}, so the following layers "
            "treat padding as data",
            "Use a layer here that uses the mask, such as LSTM or GlobalAveragePooling1D.",
            "Set mask_zero to false where the mask is created, if padding is rare.",
            node=node.name,
            found="a masked sequence",
            expected="a layer that passes or uses masks",
        )


def sharing_diagnostics(sharer: LayerInference, owner: LayerInference) -> Iterator[Diagnostic]:
    """Yield an error if `sharer` needs the shared weights in other shapes than their owner."""
    shapes = [[(weight.name, weight.shape) for weight in use.weights] for use in (sharer, owner)]
    if shapes[0] != shapes[1]:
        node = sharer.node
        yield Diagnostic.error(
            "shapes-differ",
            f"can't share the weights of {node.shares}, since its input has a different shape",
            Fix("Give the node its own weights.", {"do": "unshare", "node": node.name}),
            node=node.name,
            found=", ".join(map(str, wired_specs(sharer.inputs))),
            expected=", ".join(map(str, wired_specs(owner.inputs))),
        )


def _check_matrices(
    node: Node, layer: Layer, weights: Weights, outs: OutputSpecs
) -> Iterator[Diagnostic]:
    """Yield errors for matrix initializers and regularizers on weights that are not matrices."""
    for weight in weights:
        ranks = _initializer_ranks(weight.initializer, weight.shape)
        if ranks.get("identity", 2) != 2 or ranks.get("orthogonal", 2) < 2:
            name = INITIALIZERS.name_of(weight.initializer.unwrapped)
            yield _not_a_matrix(node, f'"{weight.name}" can\'t use the initializer {name}')
        if isinstance(weight.regularizer, OrthogonalRegularizer) and len(weight.shape) != 2:
            yield _not_a_matrix(node, f'"{weight.name}" can\'t have an orthogonal regularizer')
    penalties = layer.activity_penalties().values()
    is_orthogonal = any(isinstance(penalty, OrthogonalRegularizer) for penalty in penalties)
    if is_orthogonal and outs[MAIN_OUTPUT].rank != 1:
        yield _not_a_matrix(node, "the output can't have an orthogonal regularizer")


@lru_cache(1024)
def _initializer_ranks(initializer: Initializer, shape: tuple[int, ...]) -> Mapping[str, int]:
    """Return the number of axes of the initial values that each distribution draws, by its name."""
    return {draw.kind: len(draw.shape) for draw in initializer.draws(shape)}


def _not_a_matrix(node: Node, message: str) -> Diagnostic:
    return Diagnostic.error(
        "not-a-matrix",
        message + ", since it is not a matrix",
        "Use another initializer or regularizer here, such as glorot_uniform or l2.",
        node=node.name,
        found="a different number of axes",
        expected="an array with two axes",
    )


def _defect(node: Node, error: Exception) -> Diagnostic:
    return Diagnostic.error(
        "layer-failed",
        f"the shape inference of {node.kind} failed: {error}",
        "Report this with the file; as a workaround, use another layer.",
        node=node.name,
        found=type(error).__name__,
        expected="a shape or a diagnostic",
    )
