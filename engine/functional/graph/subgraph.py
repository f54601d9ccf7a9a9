"""Which calls lie between a model's inputs and its outputs, and what is missing there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from engine.core.diagnostic import Diagnostic, Fix, Refused
from engine.core.symbolic.tensor import Call, SymbolicTensor
from engine.layers.io import Input


class Reach:
    """The calls that outputs need.

    Args:
        begins: by a model's input, the call of the Input that the model begins with there.
        outputs: its outputs.

    calls: those calls, in the order in which they were made.
    seen: every tensor between inputs and outputs.
    """

    def __init__(
        self, begins: Mapping[SymbolicTensor, Call], outputs: Sequence[SymbolicTensor]
    ) -> None:
        self._begins = begins
        self._outputs = outputs
        found = set(begins.values())
        self.seen = list(begins)
        waiting = [*outputs]
        while waiting:
            tensor = waiting.pop()
            call = self.call(tensor)
            self.seen.append(tensor)
            if call not in found:
                found.add(call)
                waiting += call.tensors()
        self.calls = sorted(found, key=lambda call: call.number)

    def call(self, tensor: SymbolicTensor) -> Call:
        """Return what makes a tensor in this model."""
        return self._begins.get(tensor, tensor.call)

    def require_ways(self, names: Mapping[Call, str]) -> None:
        """Refuse outputs that need an Input which the model does not have.

        Args:
            names: of the nodes.
        """
        known = set(self._begins.values())
        strange = [c for c in self.calls if isinstance(c.layer, Input) and c not in known]
        if not strange:
            return
        found = []
        for tensor in self._outputs:
            behind = self._behind(self.call(tensor))
            missing = [call for call in strange if call in behind]
            if missing:
                found.append(self._disconnected(tensor, missing[0], behind, names))
        raise Refused(*found)

    def _behind(self, start: Call) -> dict[Call, None]:
        """Return every call that one depends on, itself included."""
        found = {start: None}
        waiting = [start]
        while waiting:
            for tensor in waiting.pop().tensors():
                call = self.call(tensor)
                if call not in found:
                    found[call] = None
                    waiting.append(call)
        return found

    def _ahead(self, starts: Iterable[Call]) -> list[Call]:
        """Return the calls that the inputs lead to, the inputs first."""
        found = dict.fromkeys(starts)
        for call in self.calls:
            if any(self.call(tensor) in found for tensor in call.tensors()):
                found[call] = None
        return [*found]

    def _disconnected(
        self,
        tensor: SymbolicTensor,
        missing: Call,
        behind: Mapping[Call, None],
        names: Mapping[Call, str],
    ) -> Diagnostic:
        begins = ", ".join(names[call] for call in self._begins.values())
        output, end = names[self.call(tensor)], names[missing]
        last = names[self._ahead(self._begins.values())[-1]]
        some = any(call in behind for call in self._begins.values())
        return Diagnostic(
            "output-unreached",
            f"also needs {end}, which is not among the model's inputs"
            if some
            else f"does not come from {begins}: going back from it, the way ends at {end}",
            node=output,
            found=f"what comes from {begins} gets as far as {last}",
            expected=f"layers that lead from {begins} to {output}",
            fixes=(
                Fix(f"Give the model the input {end} too."),
                Fix(f"Build {output} on {begins}."),
            ),
        )
