"""What all optimizers share: which tensors are moved at once, clipping, and what is remembered."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, ClassVar, Generic, TypeVar

import torch
from torch import Tensor

from engine.recipe import optimizer as schemas
from engine.runtime.acceleration.kernels.bindings import Library
from engine.runtime.acceleration.options import FAST, Speed
from engine.runtime.acceleration.updates.flat_parameters import laid_like, packs
from engine.runtime.acceleration.updates.flat_slice import Memory, Piece
from engine.runtime.acceleration.updates.kernel import (
    Rule,
    fits,
    fits_whole,
    move_rows,
    move_whole,
)
from engine.runtime.acceleration.updates.lazy_state import STEPS, Lag, adapted
from engine.runtime.acceleration.updates.sparse_gradients import portions, put_rows, touched
from engine.runtime.optimizers.gradient_clipping import clip

S = TypeVar("S", bound=schemas.Optimizer)
Parameters = Mapping[str, Tensor]
Together = Sequence[tuple[str, ...]]


class Optimizer(Generic[S]):
    """Base of all optimizers: takes the gradients of named parameters and moves them in place.

    A step clips, then takes the weight decay off, then moves; a parameter without a gradient is
    left alone. Gradients are clipped in place.

    Args:
        schema: the constants.
        parameters: by name, those to train; they stay the same objects.
        speed: which tricks to use.
        rows: names of tables whose gradient may have some rows only.

    together: names of parameters that are parts of one weight, and are clipped as one.
    """

    slots: ClassVar[tuple[str, ...]] = ()
    together: Together = ()
    native: Library | None = None  # moves in one pass what it has the rule for

    def __init__(
        self,
        schema: S,
        parameters: Parameters,
        speed: Speed = FAST,
        rows: Collection[str] = (),
    ) -> None:
        self.schema = schema
        self.parameters = dict(parameters)
        self.iterations = 0
        self._scratch: dict[tuple[torch.dtype, torch.device], Tensor] = {}
        self.by_rows = frozenset(rows if speed.rows and self._rests() else ())
        small = {name: p for name, p in self.parameters.items() if name not in self.by_rows}
        self._packs = list(packs(small)) if speed.packed else []
        self._pack_memory = [self._blank(pack.whole) for pack in self._packs]
        self._memory: dict[str, dict[str, Tensor]] = {name: {} for name in self.parameters}
        for pack, memory in zip(self._packs, self._pack_memory, strict=True):
            for slot, flat in memory.items():
                for name, view in zip(pack.parameters, pack.views(flat), strict=True):
                    self._memory[name][slot] = view
        packed = {name for pack in self._packs for name in pack.parameters}
        self._alone = [name for name in self.parameters if name not in packed]
        for name in self._alone:
            self._memory[name] = self._blank(self.parameters[name])
        self._lags = {name: self._lag(name) for name in self.by_rows if self._fades()}

    def _lag(self, name: str) -> Lag:
        steps = torch.zeros(len(self.parameters[name]), dtype=torch.int64)
        self._memory[name][STEPS] = steps
        return Lag(steps, self._idle)

    def _rests(self) -> bool:
        """Return whether a number without a gradient stays where it is, with these constants.

        Then what is added to a number must not depend on where it stands: see `_move_rows`.
        """
        return False

    def _fades(self) -> bool:
        """Return whether what is remembered of a number changes without a gradient."""
        return False

    def _idle(self, memory: Memory, steps: Tensor) -> None:
        """Let what is remembered of rows go through so many steps without a gradient."""

    def _blank(self, parameter: Tensor) -> dict[str, Tensor]:
        return {slot: self._start(slot, parameter) for slot in self._used_slots()}

    def _used_slots(self) -> tuple[str, ...]:
        """Return what is remembered of each parameter with these constants."""
        return self.slots

    def _start(self, slot: str, parameter: Tensor) -> Tensor:
        return torch.zeros_like(parameter, requires_grad=False)

    def _begin(self) -> None:
        """Work out what is the same for all parameters of a step; `iterations` is before it."""

    def _move(self, p: Tensor, g: Tensor, lr: float, memory: Memory) -> None:
        raise NotImplementedError(type(self).__name__)

    @property
    def param_groups(self) -> list[dict[str, Any]]:
        """The parameters in the form in which torch.amp.GradScaler looks for them."""
        return [{"params": list(self.parameters.values())}]

    def _pieces(self) -> Iterator[Piece]:
        """Yield all that has a gradient, as few pieces as can be."""
        names = list(self._alone)
        for pack, memory in zip(self._packs, self._pack_memory, strict=True):
            if pack.gather():
                yield Piece(pack.whole, pack.gradient, memory)
            else:
                names += pack.parameters
        for name in names:
            parameter = self.parameters[name]
            if parameter.grad is not None:
                yield self._alone_piece(parameter, self._memory[name], self._lags.get(name))

    def _alone_piece(self, parameter: Tensor, memory: Memory, lag: Lag | None) -> Piece:
        gradient = parameter.grad
        assert gradient is not None
        if not gradient.is_sparse:
            return Piece(parameter, gradient, memory, lag=lag)
        parameter.grad = gradient = touched(gradient)
        return Piece(parameter, gradient._values(), memory, gradient._indices()[0], lag)

    @torch.no_grad()
    def step(self, learning_rate: float) -> None:
        """Move all parameters that have a gradient.

        Args:
            learning_rate: the one of this step, the schedule counted in.
        """
        pieces = list(self._pieces())
        clip(self.schema, [piece.gradient for piece in pieces], self._by_weight())
        decay = 1 - (self.schema.weight_decay or 0.0) * learning_rate
        self._begin()
        for piece in pieces:
            if decay != 1:
                piece.parameter.mul_(decay)
            if piece.rows is None:
                self._move_all(piece, learning_rate)
            else:
                self._move_rows(piece, piece.rows, learning_rate)
        self.iterations += 1

    def _move_all(self, piece: Piece, lr: float) -> None:
        rule = self._rule() if self._rests() else None
        if self.native is not None and rule is not None and fits_whole(piece):
            move_whole(self.native, rule, piece, self.iterations, lr)
            return
        if piece.lag is not None:
            piece.lag.make_up(piece.memory, self.iterations)
            piece.lag.passed(self.iterations + 1)
        self._move(piece.parameter, piece.gradient, lr, piece.memory)

    def _rule(self) -> Rule | None:
        """Return how the native part moves what rests without a gradient, None if it can't."""
        return None

    def _move_rows(self, piece: Piece, rows: Tensor, lr: float) -> None:
        """Move some rows: in one pass, or a portion after the other."""
        rule, native = self._rule(), self.native
        if native is not None and rule is not None and fits(piece.parameter, piece.gradient):
            move_rows(native, rule, piece, rows, self.iterations, lr)
            return
        for some, gradient in portions(rows, piece.gradient):
            self._move_portion(piece, some, gradient, lr)

    def _move_portion(self, piece: Piece, rows: Tensor, gradient: Tensor, lr: float) -> None:
        """Move rows as if they were all and stood at zero, and add that.

        Why: rules that leave other rows alone add to a row whatever stands there, so it needs not
            be taken out and put back.
        """
        own = {slot: tensor for slot, tensor in piece.memory.items() if slot != STEPS}
        memory = {slot: tensor.index_select(0, rows) for slot, tensor in own.items()}
        if piece.lag is not None:
            piece.lag.make_up(memory, self.iterations, rows)
            piece.lag.passed(self.iterations + 1, rows)
        way = torch.zeros_like(gradient)
        self._move(way, gradient, lr, memory)
        piece.parameter.index_add_(0, rows, way)
        for slot, tensor in own.items():
            put_rows(tensor, rows, memory[slot])

    @torch.no_grad()
    def lengths(self) -> list[Tensor]:
        """Return the lengths of the gradients, piece by piece."""
        found = [piece.gradient for piece in self._pieces()]
        return list(torch._foreach_norm(found)) if found else []

    def zero_grad(self) -> None:
        """Forget all gradients."""
        for parameter in self.parameters.values():
            parameter.grad = None

    def _by_weight(self) -> Iterator[list[Tensor]]:
        """Yield the gradients of each weight, whose length counts as one."""
        given = {name: p.grad for name, p in self.parameters.items() if p.grad is not None}
        left = {name: g._values() if g.is_sparse else g for name, g in given.items()}
        for names in self.together:
            if parts := [left.pop(name) for name in names if name in left]:
                yield parts
        yield from ([gradient] for gradient in left.values())

    def _room(self, like: Tensor) -> Tensor:
        """Return memory for one intermediate result; the same piece serves every parameter.

        Why: a fresh tensor of tens of megabytes is paged in at every step, which costs as much as
            the arithmetic.
        """
        key = (like.dtype, like.device)
        if key not in self._scratch or self._scratch[key].numel() < like.numel():
            self._scratch[key] = torch.empty(like.numel(), dtype=like.dtype, device=like.device)
        return laid_like(like, self._scratch[key])

    def state_dict(self) -> dict[str, Tensor]:
        """Return all that is remembered: "PARAMETER/SLOT", and "iterations"."""
        state = {
            f"{name}/{slot}": tensor
            for name, memory in self._memory.items()
            for slot, tensor in memory.items()
        }
        return {**state, "iterations": torch.tensor(self.iterations, dtype=torch.int64)}

    @torch.no_grad()
    def load_state_dict(self, state: Mapping[str, Tensor]) -> None:
        """Load what `state_dict` returned.

        Raises:
            ValueError: if a tensor is missing, left over, or of another shape; nothing is changed.
        """
        own = self.state_dict()
        if own.keys() != state.keys():
            differ = ", ".join(sorted(own.keys() ^ state.keys())[:5])
            raise ValueError(f"the optimizer's state does not fit: {differ}")
        for name, tensor in own.items():
            if tensor.shape != state[name].shape:
                raise ValueError(f"{name}: {tuple(state[name].shape)} != {tuple(tensor.shape)}")
        for name, tensor in own.items():
            tensor.copy_(state[name])
        self.iterations = int(state["iterations"])
        for lag in self._lags.values():
            lag.some = bool((lag.steps < self.iterations).any())

    def adapted(self, state: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Return a state that was kept with other tables by rows as this one keeps it."""
        return adapted(state, self.state_dict(), self._idle)
