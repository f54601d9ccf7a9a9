"""Base class of optimizers: clipping, weight decay, flat parameters and sparse gradients."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, ClassVar, Generic, TypeVar

import torch
from torch import Tensor

from engine.recipe import optimizer as schemas
from engine.runtime.acceleration.kernel_bindings import Library
from engine.runtime.acceleration.options import FAST, Acceleration
from engine.runtime.acceleration.updates import kernel
from engine.runtime.acceleration.updates.flat_parameters import ParameterSlice, pack_small, view_as
from engine.runtime.acceleration.updates.lazy_state import STEPS, LazyRowState, State, convert_state
from engine.runtime.acceleration.updates.sparse_gradients import coalesce, row_chunks, write_rows
from engine.runtime.optimizers.gradient_clipping import clip_gradients

S = TypeVar("S", bound=schemas.Optimizer)
Parameters = Mapping[str, Tensor]
SplitParameters = Sequence[tuple[str, ...]]


class Optimizer(Generic[S]):
    """Base class of all optimizers, which update parameters in place from their gradients.

    A step clips the gradients in place, applies the weight decay, then updates the parameters.
    Parameters without a gradient are not changed. As in Keras, the state tensors of a parameter,
    such as its momentum, are called slots.

    Small parameters become views of one flat tensor, which is updated by a single operation. A
    sparse gradient updates only those rows of an embedding that it contains. If the slots of other
    rows decay in each step (RMSprop), a row's decay is applied when the row is next used.

    Args:
        schema: settings of the optimizer.
        parameters: parameters by name; they stay the same objects.
        acceleration: which accelerations to use.
        sparse: names of embedding tables that may have sparse gradients.

    Attributes:
        split_parameters: groups of names of parameters that are clipped together, as one weight.
        kernel_library: compiled kernels; None updates with torch only.
    """

    slots: ClassVar[tuple[str, ...]] = ()
    split_parameters: SplitParameters = ()
    kernel_library: Library | None = None

    def __init__(
        self,
        schema: S,
        parameters: Parameters,
        acceleration: Acceleration = FAST,
        sparse: Collection[str] = (),
    ) -> None:
        self.schema = schema
        self.parameters = dict(parameters)
        self.iterations = 0
        self._buffers: dict[tuple[torch.dtype, torch.device], Tensor] = {}
        has_sparse = acceleration.sparse_gradients and self._rows_are_independent()
        self.sparse_parameters = frozenset(sparse if has_sparse else ())
        small = {name: p for name, p in parameters.items() if name not in self.sparse_parameters}
        self._packs = list(pack_small(small)) if acceleration.flat_parameters else []
        self._pack_states = [self._initial_state(pack.flat) for pack in self._packs]
        self._state: dict[str, dict[str, Tensor]] = {name: {} for name in self.parameters}
        for pack, state in zip(self._packs, self._pack_states, strict=True):
            for slot, flat in state.items():
                for name, view in zip(pack.parameters, pack.views(flat), strict=True):
                    self._state[name][slot] = view
        packed = {name for pack in self._packs for name in pack.parameters}
        self._unpacked = [name for name in self.parameters if name not in packed]
        for name in self._unpacked:
            self._state[name] = self._initial_state(self.parameters[name])
        self._lazy_states = {
            name: self._lazy_state(name)
            for name in self.sparse_parameters
            if self._has_decaying_state()
        }

    def _lazy_state(self, name: str) -> LazyRowState:
        steps = torch.zeros(len(self.parameters[name]), dtype=torch.int64)
        self._state[name][STEPS] = steps
        return LazyRowState(steps, self._decay_state)

    def _rows_are_independent(self) -> bool:
        """Return whether steps change only rows with a gradient, independently of the rows' values.

        With momentum or weight decay, rows without a gradient change too. `_update_row_chunk`
        requires that the change of a row doesn't depend on the values of the row.
        """
        return False

    def _has_decaying_state(self) -> bool:
        """Return whether a step changes the state of those rows that have no gradient.

        The rows are rows of an embedding table. Their state is, for example, a moving
        average of their squared gradients.
        """
        return False

    def _decay_state(self, state: State, steps: Tensor) -> None:
        """Decay the state of embedding rows for the `steps` in which each row had no gradient."""

    def _initial_state(self, parameter: Tensor) -> dict[str, Tensor]:
        return {slot: self._initial_slot(slot, parameter) for slot in self._used_slots()}

    def _used_slots(self) -> tuple[str, ...]:
        """Return the names of the slots that the settings need."""
        return self.slots

    def _initial_slot(self, slot: str, parameter: Tensor) -> Tensor:
        return torch.zeros_like(parameter, requires_grad=False)

    def _prepare_step(self) -> None:
        """Compute values that all updates of a step share; called before `iterations` increases."""

    def _update(self, p: Tensor, g: Tensor, lr: float, state: State) -> None:
        raise NotImplementedError(type(self).__name__)

    @property
    def param_groups(self) -> list[dict[str, Any]]:
        """The parameters in the form that torch.amp.GradScaler expects."""
        return [{"params": list(self.parameters.values())}]

    def _slices(self) -> Iterator[ParameterSlice]:
        """Yield all parameters with a gradient, as slices for the update.

        First come the flat tensors, each of which stores many small parameters. Then come single
        parameters: those outside of flat tensors, and those of a flat tensor that can't be updated
        as a whole, for example because one of its parameters has no gradient.
        """
        names = list(self._unpacked)
        for pack, state in zip(self._packs, self._pack_states, strict=True):
            if pack.gather():
                yield ParameterSlice(pack.flat, pack.gradient, state)
            else:
                names += pack.parameters
        for name in names:
            if self.parameters[name].grad is not None:
                yield self._unpacked_slice(name)

    def _unpacked_slice(self, name: str) -> ParameterSlice:
        parameter, state = self.parameters[name], self._state[name]
        gradient, lazy_state = parameter.grad, self._lazy_states.get(name)
        assert gradient is not None
        if not gradient.is_sparse:
            return ParameterSlice(parameter, gradient, state, lazy_state=lazy_state)
        parameter.grad = gradient = coalesce(gradient)
        indices = gradient._indices()[0]
        return ParameterSlice(parameter, gradient._values(), state, indices, lazy_state)

    @torch.no_grad()
    def step(self, learning_rate: float) -> None:
        """Update all parameters that have a gradient."""
        slices = list(self._slices())
        gradients = [slice_.gradient for slice_ in slices]
        clip_gradients(self.schema, gradients, self._gradients_by_weight())
        decay = 1 - (self.schema.weight_decay or 0.0) * learning_rate
        self._prepare_step()
        for slice_ in slices:
            if decay != 1:
                slice_.parameter.mul_(decay)
            if slice_.indices is None:
                self._update_slice(slice_, learning_rate)
            else:
                self._update_rows(slice_, slice_.indices, learning_rate)
        self.iterations += 1

    def _update_slice(self, slice_: ParameterSlice, lr: float) -> None:
        rule = self._kernel_rule() if self._rows_are_independent() else None
        library = self.kernel_library
        if library is not None and rule is not None and kernel.supports_slice(slice_):
            kernel.step_slice(library, rule, slice_, self.iterations, lr)
            return
        if slice_.lazy_state is not None:
            slice_.lazy_state.catch_up(slice_.state, self.iterations)
            slice_.lazy_state.mark_updated(self.iterations + 1)
        self._update(slice_.parameter, slice_.gradient, lr, slice_.state)

    def _kernel_rule(self) -> kernel.Rule | None:
        """Return the update rule of this optimizer, as arguments of the compiled kernel.

        Return None if the compiled kernel doesn't support this optimizer.
        """
        return None

    def _update_rows(self, slice_: ParameterSlice, indices: Tensor, lr: float) -> None:
        rule, library = self._kernel_rule(), self.kernel_library
        if library is not None and rule is not None and kernel.supports(slice_):
            kernel.step_rows(library, rule, slice_, indices, self.iterations, lr)
            return
        for chunk, gradient in row_chunks(indices, slice_.gradient):
            self._update_row_chunk(slice_, chunk, gradient, lr)

    def _update_row_chunk(
        self, slice_: ParameterSlice, indices: Tensor, gradient: Tensor, lr: float
    ) -> None:
        """Update some rows of an embedding table, and the optimizer state of these rows.

        `slice_` holds the table and its state. `indices` are the rows to update; `gradient` has one
        row for each. The update is computed on zeros, and then added to the rows of the table.

        Why: the update doesn't depend on the values of the rows (see `_rows_are_independent`), so
            only the optimizer state has to be gathered and scattered.
        """
        slots = {slot: tensor for slot, tensor in slice_.state.items() if slot != STEPS}
        state = {slot: tensor.index_select(0, indices) for slot, tensor in slots.items()}
        if slice_.lazy_state is not None:
            slice_.lazy_state.catch_up(state, self.iterations, indices)
            slice_.lazy_state.mark_updated(self.iterations + 1, indices)
        update = torch.zeros_like(gradient)
        self._update(update, gradient, lr, state)
        slice_.parameter.index_add_(0, indices, update)
        for slot, tensor in slots.items():
            write_rows(tensor, indices, state[slot])

    @torch.no_grad()
    def gradient_norms(self) -> list[Tensor]:
        """Return the norm of each gradient; parameters updated as one tensor have one gradient."""
        gradients = [slice_.gradient for slice_ in self._slices()]
        return list(torch._foreach_norm(gradients)) if gradients else []

    def zero_grad(self) -> None:
        """Remove all gradients."""
        for parameter in self.parameters.values():
            parameter.grad = None

    def _gradients_by_weight(self) -> Iterator[list[Tensor]]:
        """Yield, for each Keras weight, the list of the gradients of its torch parameters.

        The gradients of one weight are clipped together.
        """
        given = {name: p.grad for name, p in self.parameters.items() if p.grad is not None}
        dense = {name: g._values() if g.is_sparse else g for name, g in given.items()}
        for names in self.split_parameters:
            if parts := [dense.pop(name) for name in names if name in dense]:
                yield parts
        yield from ([gradient] for gradient in dense.values())

    def _buffer(self, like: Tensor) -> Tensor:
        """Return a temporary tensor with the shape and dtype of `like`; later calls overwrite it.

        Why: a new tensor of tens of megabytes causes page faults in every step, which take as
            long as the arithmetic.
        """
        key = (like.dtype, like.device)
        if key not in self._buffers or self._buffers[key].numel() < like.numel():
            self._buffers[key] = torch.empty(like.numel(), dtype=like.dtype, device=like.device)
        return view_as(like, self._buffers[key])

    def state_dict(self) -> dict[str, Tensor]:
        """Return the state tensors (slots) by "PARAMETER/SLOT"; "iterations" is the step count."""
        slots = {
            f"{name}/{slot}": tensor
            for name, state in self._state.items()
            for slot, tensor in state.items()
        }
        return {**slots, "iterations": torch.tensor(self.iterations, dtype=torch.int64)}

    @torch.no_grad()
    def load_state_dict(self, state: Mapping[str, Tensor]) -> None:
        """Load a state that `state_dict` returned.

        Raises:
            ValueError: if a tensor is missing, unexpected, or of wrong shape; nothing is changed.
        """
        slots = self.state_dict()
        if slots.keys() != state.keys():
            differ = ", ".join(sorted(slots.keys() ^ state.keys())[:5])
            raise ValueError(f"the optimizer's state does not fit: {differ}")
        for name, tensor in slots.items():
            if tensor.shape != state[name].shape:
                raise ValueError(f"{name}: {tuple(state[name].shape)} != {tuple(tensor.shape)}")
        for name, tensor in slots.items():
            tensor.copy_(state[name])
        self.iterations = int(state["iterations"])
        for lazy_state in self._lazy_states.values():
            lazy_state.is_behind = bool((lazy_state.steps < self.iterations).any())

    def convert_state(self, state: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Return a checkpoint's optimizer state (see `state_dict`), converted for this optimizer.

        Conversion is needed if only one of the two optimizers updates embedding tables lazily.
        """
        return convert_state(state, self.state_dict(), self._decay_state)
