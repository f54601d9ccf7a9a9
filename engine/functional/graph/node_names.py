"""Names of a model's nodes: names given by the user, else the layer type, numbered as in Keras."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.core.diagnostic import DiagnosticError, diagnostic_error
from engine.core.symbolic.tensor import LayerCall, SymbolicTensor, default_layer_name
from engine.functional.graph.subgraph import Subgraph
from engine.graph.node_names import HEAD_SUFFIX, is_valid_name, keras_unique_name, suggest_name
from engine.layers.io import Input


def node_names(calls: Sequence[LayerCall], keys: Mapping[LayerCall, str]) -> dict[LayerCall, str]:
    """Return the names of the nodes that the layer calls become, by layer call.

    Args:
        calls: the layer calls, in the order in which they were made.
        keys: by Input, its key in the dict of the model's inputs; "" if the inputs are a list.

    Raises:
        DiagnosticError: a name is not an identifier, or two layers have the same name.
    """
    names: dict[LayerCall, str] = {}
    owners: dict[str, LayerCall] = {}
    for call in calls:
        name = keys.get(call) or call.name
        if not name or call.enclosing_models:
            continue
        if not is_valid_name(name):
            raise _invalid_name(name)
        # A layer that is called twice keeps its name for the first call only.
        owner = owners.setdefault(name, call)
        if owner.layer is not call.layer:
            raise _duplicate_name(name)
        if owner is call:
            names[call] = name
    taken = set(names.values())
    for call in calls:
        if call not in names:
            name = call.name or default_layer_name(call.layer.kind())
            names[call] = keras_unique_name(name, taken)
            taken.add(names[call])
    return names


def output_node_names(
    outputs: Mapping[str, SymbolicTensor], reach: Subgraph, names: dict[LayerCall, str]
) -> dict[str, str]:
    """Return the node name of each Output, by the key of its tensor in `outputs`.

    As in Keras, an Output takes the name of the layer that computes it ("age"). The layer's node is
    then renamed ("age_head"). The Output has another name if it follows an Input or a layer with
    several model outputs, or if the user's dict gives it another name.

    Args:
        outputs: tensors by the user's name, or by index ("0") if there are no names.
        reach: the layer calls of the model.
        names: the names of the nodes. Renamed nodes are changed in this dict.
    """
    output_counts: dict[LayerCall, int] = {}
    for tensor in outputs.values():
        output_counts[reach.call_of(tensor)] = output_counts.get(reach.call_of(tensor), 0) + 1
    taken = set(names.values())
    result: dict[str, str] = {}
    for key, tensor in outputs.items():
        call = reach.call_of(tensor)
        node, requested = names[call], name_from_key(key)
        is_single = output_counts[call] == 1 and not isinstance(call.layer, Input)
        if is_single and requested in ("", node):
            result[key] = node
            names[call] = keras_unique_name(node + HEAD_SUFFIX, taken)
            taken.add(names[call])
        else:
            name = requested or f"{node}_{tensor.output or 'output'}"
            result[key] = keras_unique_name(name, taken)
            taken.add(result[key])
    return result


def name_from_key(key: str) -> str:
    """Return the name that the user gave an input or output; "" if `key` is a list index ("0")."""
    return "" if key.isdecimal() else key


def _invalid_name(name: str) -> DiagnosticError:
    return diagnostic_error(
        "name-illegal",
        f'"{name}" is not a valid name',
        f'Name it "{suggest_name(name)}".',
        node=name,
        found=name,
        expected="letters, digits and underscores, with a letter first",
    )


def _duplicate_name(name: str) -> DiagnosticError:
    return diagnostic_error(
        "duplicate-name",
        f'two layers are named "{name}"',
        "Rename one of them.",
        "To share weights, call the same layer object twice.",
        node=name,
        found="two layers with the same name",
        expected="a different name for each layer",
    )
