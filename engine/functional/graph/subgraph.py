"""The layer calls from a model's inputs to its outputs; the error if outputs need other Inputs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from engine.core.diagnostic import Diagnostic, DiagnosticError
from engine.core.symbolic.tensor import LayerCall, SymbolicTensor
from engine.core.traversal import reachable
from engine.layers.io import Input


class Subgraph:
    """The layer calls that the outputs of a model depend on, back to its inputs.

    calls: the calls, in the order in which they were made.
    tensors: every tensor between inputs and outputs.
    """

    def __init__(
        self, input_calls: Mapping[SymbolicTensor, LayerCall], outputs: Sequence[SymbolicTensor]
    ) -> None:
        self._input_calls = input_calls
        self._outputs = outputs
        # From the outputs back; `call_of` ends each path at the model's inputs.
        starts = [*input_calls.values(), *map(self.call_of, outputs)]
        self.calls = sorted(reachable(starts, self._source_calls), key=lambda call: call.index)
        between = (tensor for call in self.calls for tensor in call.input_tensors())
        self.tensors = [*input_calls, *outputs, *between]

    def call_of(self, tensor: SymbolicTensor) -> LayerCall:
        """Return the call that computes `tensor` in this model.

        For an input of the model, this is an Input call, even if a layer has computed `tensor`.
        """
        return self._input_calls.get(tensor, tensor.call)

    def require_connected(self, names: Mapping[LayerCall, str]) -> None:
        """Raise a DiagnosticError if an output depends on an Input that the model does not have.

        `names` has the node name of each layer call, for the error message.
        """
        known = set(self._input_calls.values())
        missing = [c for c in self.calls if isinstance(c.layer, Input) and c not in known]
        if not missing:
            return
        diagnostics = []
        for tensor in self._outputs:
            ancestors = reachable([self.call_of(tensor)], self._source_calls)
            needed = [call for call in missing if call in ancestors]
            if needed:
                diagnostics.append(self._disconnected(tensor, needed[0], ancestors, names))
        raise DiagnosticError(*diagnostics)

    def _source_calls(self, call: LayerCall) -> Iterator[LayerCall]:
        return map(self.call_of, call.input_tensors())

    def _descendants(self, starts: Iterable[LayerCall]) -> list[LayerCall]:
        """Return the start calls, then all calls that depend on a start call, in call order."""
        found = dict.fromkeys(starts)
        for call in self.calls:
            if any(source in found for source in self._source_calls(call)):
                found[call] = None
        return [*found]

    def _disconnected(
        self,
        tensor: SymbolicTensor,
        missing: LayerCall,
        ancestors: set[LayerCall],
        names: Mapping[LayerCall, str],
    ) -> Diagnostic:
        inputs = ", ".join(names[call] for call in self._input_calls.values())
        output, source = names[self.call_of(tensor)], names[missing]
        last = names[self._descendants(self._input_calls.values())[-1]]
        is_connected = any(call in ancestors for call in self._input_calls.values())
        return Diagnostic.error(
            "output-unreached",
            f"also depends on {source}, which is not among the model's inputs"
            if is_connected
            else f"does not depend on {inputs}, but on {source}",
            f"Add {source} to the model's inputs.",
            f"Build {output} from {inputs}.",
            node=output,
            found=f"the last layer that depends on {inputs} is {last}",
            expected=f"layers that connect {inputs} to {output}",
        )
