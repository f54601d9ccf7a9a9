"""Optimizers on torch tensors, with Keras' formulas.

Why: the first optimizer of torch.optim imports torch's compiler, nearly a second; and its RMSprop
    adds epsilon outside the root, which changes early steps visibly.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import sqrt
from typing import Any, ClassVar, Generic, TypeVar

import torch
from torch import Tensor

from engine.recipe import optimizer as schemas

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

    together: names of parameters that are parts of one weight, and are clipped as one.
    """

    slots: ClassVar[tuple[str, ...]] = ()
    together: Together = ()

    def __init__(self, schema: S, parameters: Parameters) -> None:
        self.schema = schema
        self.parameters = dict(parameters)
        self.iterations = 0
        self._scratch: dict[tuple[torch.dtype, torch.device], Tensor] = {}
        self._memory = {
            name: {slot: self._start(slot, tensor) for slot in self._used_slots()}
            for name, tensor in self.parameters.items()
        }

    def _used_slots(self) -> tuple[str, ...]:
        """Answer what is remembered of each parameter with these constants."""
        return self.slots

    def _start(self, slot: str, parameter: Tensor) -> Tensor:
        return torch.zeros_like(parameter, requires_grad=False)

    def _begin(self) -> None:
        """Work out what is the same for all parameters of a step; `iterations` is before it."""

    def _move(self, p: Tensor, g: Tensor, lr: float, memory: Mapping[str, Tensor]) -> None:
        raise NotImplementedError(type(self).__name__)

    @property
    def param_groups(self) -> list[dict[str, Any]]:
        """The parameters in the form in which torch.amp.GradScaler looks for them."""
        return [{"params": list(self.parameters.values())}]

    @torch.no_grad()
    def step(self, learning_rate: float) -> None:
        """Move all parameters that have a gradient.

        Args:
            learning_rate: the one of this step, the schedule counted in.
        """
        moved = [(name, p, p.grad) for name, p in self.parameters.items() if p.grad is not None]
        self._clip({name: gradient for name, _, gradient in moved})
        decay = 1 - (self.schema.weight_decay or 0.0) * learning_rate
        self._begin()
        for name, parameter, gradient in moved:
            if decay != 1:
                parameter.mul_(decay)
            self._move(parameter, gradient, learning_rate, self._memory[name])
        self.iterations += 1

    @torch.no_grad()
    def lengths(self) -> list[Tensor]:
        """Answer the length of each gradient."""
        given = [p.grad for p in self.parameters.values() if p.grad is not None]
        return list(torch._foreach_norm(given)) if given else []

    def zero_grad(self) -> None:
        """Forget all gradients."""
        for parameter in self.parameters.values():
            parameter.grad = None

    def _clip(self, gradients: Mapping[str, Tensor]) -> None:
        schema = self.schema
        if schema.clipnorm:
            for one in self._by_weight(gradients):
                length = torch.linalg.vector_norm(one[0]) if len(one) == 1 else global_norm(one)
                share = schema.clipnorm / length.clamp_(min=schema.clipnorm)
                for gradient in one:
                    gradient.mul_(share)
        elif schema.global_clipnorm:
            length = global_norm(list(gradients.values())).clamp_(min=schema.global_clipnorm)
            for gradient in gradients.values():
                gradient.mul_(schema.global_clipnorm / length)
        elif schema.clipvalue:
            for gradient in gradients.values():
                gradient.clamp_(-schema.clipvalue, schema.clipvalue)

    def _by_weight(self, gradients: Mapping[str, Tensor]) -> Iterator[list[Tensor]]:
        """Yield the gradients of each weight, whose length counts as one."""
        left = dict(gradients)
        for names in self.together:
            if parts := [left.pop(name) for name in names if name in left]:
                yield parts
        yield from ([gradient] for gradient in left.values())

    def _room(self, like: Tensor) -> Tensor:
        """Answer memory for one intermediate result; the same piece serves every parameter.

        Why: a fresh tensor of tens of megabytes is paged in at every step, which costs as much as
            the arithmetic.
        """
        key = (like.dtype, like.device)
        if key not in self._scratch or self._scratch[key].numel() < like.numel():
            self._scratch[key] = torch.empty(like.numel(), dtype=like.dtype, device=like.device)
        return self._scratch[key][: like.numel()].view(like.shape)

    def state_dict(self) -> dict[str, Tensor]:
        """Answer all that is remembered: "PARAMETER/SLOT", and "iterations"."""
        state = {
            f"{name}/{slot}": tensor
            for name, memory in self._memory.items()
            for slot, tensor in memory.items()
        }
        return {**state, "iterations": torch.tensor(self.iterations, dtype=torch.int64)}

    @torch.no_grad()
    def load_state_dict(self, state: Mapping[str, Tensor]) -> None:
        """Take over what `state_dict` answered.

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


def global_norm(tensors: list[Tensor]) -> Tensor:
    """Answer the length of all tensors taken together; 0 if there are none.

    Why: torch's own clipping uses the same call, which on a GPU is one for all tensors.
    """
    if not tensors:
        return torch.zeros(())
    length: Tensor = torch.linalg.vector_norm(torch.stack(torch._foreach_norm(tensors)))
    return length


class SGD(Optimizer[schemas.SGD]):
    """m = momentum m - lr g; w += m, or with nesterov w += momentum m - lr g."""

    slots = ("momentum",)

    def _used_slots(self) -> tuple[str, ...]:
        return self.slots if self.schema.momentum else ()

    def _move(self, p: Tensor, g: Tensor, lr: float, memory: Mapping[str, Tensor]) -> None:
        if not self.schema.momentum:
            p.add_(g, alpha=-lr)
            return
        momentum = memory["momentum"].mul_(self.schema.momentum).add_(g, alpha=-lr)
        if self.schema.nesterov:
            p.add_(momentum, alpha=self.schema.momentum).add_(g, alpha=-lr)
        else:
            p.add_(momentum)


class RMSprop(Optimizer[schemas.RMSprop]):
    """v = rho v + (1 - rho) g^2; w -= lr g / sqrt(v + epsilon). Centered: v - mean(g)^2 for v.

    Source: Hinton 2012, lecture 6e; Keras' place of epsilon, inside the root.
    """

    def _used_slots(self) -> tuple[str, ...]:
        schema = self.schema
        momentum = ("momentum",) if schema.momentum else ()
        return ("velocity", *momentum, *(("average_gradient",) if schema.centered else ()))

    def _move(self, p: Tensor, g: Tensor, lr: float, memory: Mapping[str, Tensor]) -> None:
        rho, velocity = self.schema.rho, memory["velocity"]
        velocity.mul_(rho).addcmul_(g, g, value=1 - rho)
        root = torch.add(velocity, self.schema.epsilon, out=self._room(p))
        if self.schema.centered:
            average = memory["average_gradient"].mul_(rho).add_(g, alpha=1 - rho)
            root.addcmul_(average, average, value=-1)
        root.sqrt_()
        if self.schema.momentum:
            p.sub_(memory["momentum"].mul_(self.schema.momentum).addcdiv_(g, root, value=lr))
        else:
            p.addcdiv_(g, root, value=-lr)


class Adam(Optimizer[schemas.Adam]):
    """m, v: averages of g, g^2; w -= lr sqrt(1 - b2^t) / (1 - b1^t) m / (sqrt(v) + epsilon).

    Source: Kingma and Ba 2015, arXiv:1412.6980; amsgrad: Reddi, Kale and Kumar 2018.
    """

    slots = ("momentum", "velocity")
    _correction = 1.0

    def _used_slots(self) -> tuple[str, ...]:
        return (*self.slots, "velocity_hat") if self.schema.amsgrad else self.slots

    def _begin(self) -> None:
        t = self.iterations + 1
        self._correction = sqrt(1 - self.schema.beta_2**t) / (1 - self.schema.beta_1**t)

    def _move(self, p: Tensor, g: Tensor, lr: float, memory: Mapping[str, Tensor]) -> None:
        beta_2, velocity = self.schema.beta_2, memory["velocity"]
        momentum = memory["momentum"].lerp_(g, 1 - self.schema.beta_1)
        velocity.mul_(beta_2).addcmul_(g, g, value=1 - beta_2)
        if self.schema.amsgrad:
            velocity = torch.maximum(memory["velocity_hat"], velocity, out=memory["velocity_hat"])
        root = torch.sqrt(velocity, out=self._room(p)).add_(self.schema.epsilon)
        p.addcdiv_(momentum, root, value=-lr * self._correction)


class AdamW(Adam):
    """Adam, with a weight decay by default.

    Source: Loshchilov and Hutter 2019, arXiv:1711.05101.
    """


class Nadam(Optimizer[schemas.Nadam]):
    """Adam with Nesterov's momentum, whose share of the average grows as training goes on.

    Source: Dozat 2016; Keras' schedule u = b1 (1 - 0.96^t / 2).
    """

    slots = ("momentum", "velocity")

    def __init__(self, schema: schemas.Nadam, parameters: Parameters) -> None:
        super().__init__(schema, parameters)
        self._product = 1.0

    def _share(self, t: int) -> float:
        return float(self.schema.beta_1 * (1 - 0.5 * 0.96**t))

    def _begin(self) -> None:
        t = self.iterations + 1
        now, after = self._share(t), self._share(t + 1)
        self._product *= now
        self._of_average = after / (1 - self._product * after)
        self._of_gradient = (1 - now) / (1 - self._product)
        self._correction = 1 - self.schema.beta_2**t

    def _move(self, p: Tensor, g: Tensor, lr: float, memory: Mapping[str, Tensor]) -> None:
        beta_2, velocity = self.schema.beta_2, memory["velocity"]
        momentum = memory["momentum"].lerp_(g, 1 - self.schema.beta_1)
        velocity.mul_(beta_2).addcmul_(g, g, value=1 - beta_2)
        root = torch.div(velocity, self._correction, out=self._room(p))
        root.sqrt_().add_(self.schema.epsilon)
        p.addcdiv_(momentum, root, value=-lr * self._of_average)
        p.addcdiv_(g, root, value=-lr * self._of_gradient)

    def state_dict(self) -> dict[str, Tensor]:
        """Answer all that is remembered, the product of the momentum's shares included."""
        product = torch.tensor(self._product, dtype=torch.float64)
        return {**super().state_dict(), "momentum_product": product}

    def load_state_dict(self, state: Mapping[str, Tensor]) -> None:
        """Take over what `state_dict` answered."""
        super().load_state_dict(state)
        self._product = float(state["momentum_product"])


class Adagrad(Optimizer[schemas.Adagrad]):
    """a += g^2; w -= lr g / sqrt(a + epsilon).

    Source: Duchi, Hazan and Singer 2011.
    """

    slots = ("accumulator",)

    def _start(self, slot: str, parameter: Tensor) -> Tensor:
        start = self.schema.initial_accumulator_value
        return torch.full_like(parameter, start, requires_grad=False)

    def _move(self, p: Tensor, g: Tensor, lr: float, memory: Mapping[str, Tensor]) -> None:
        accumulator = memory["accumulator"].addcmul_(g, g)
        root = torch.add(accumulator, self.schema.epsilon, out=self._room(p)).sqrt_()
        p.addcdiv_(g, root, value=-lr)


class Adadelta(Optimizer[schemas.Adadelta]):
    """a: average of g^2, d: average of squared steps; step = g sqrt(d + e) / sqrt(a + e).

    Source: Zeiler 2012, arXiv:1212.5701.
    """

    slots = ("accumulated_grad", "accumulated_delta_var")

    def _move(self, p: Tensor, g: Tensor, lr: float, memory: Mapping[str, Tensor]) -> None:
        rho, epsilon = self.schema.rho, self.schema.epsilon
        squares, steps = memory["accumulated_grad"], memory["accumulated_delta_var"]
        squares.mul_(rho).addcmul_(g, g, value=1 - rho)
        step = torch.add(steps, epsilon, out=self._room(p))
        step.div_(squares + epsilon).sqrt_().mul_(g)
        steps.mul_(rho).addcmul_(step, step, value=1 - rho)
        p.add_(step, alpha=-lr)


class Adamax(Optimizer[schemas.Adamax]):
    """m: average of g; u = max(b2 u, |g|); w -= lr / (1 - b1^t) m / (u + epsilon).

    Source: Kingma and Ba 2015, arXiv:1412.6980, section 7.
    """

    slots = ("momentum", "norm")

    def _move(self, p: Tensor, g: Tensor, lr: float, memory: Mapping[str, Tensor]) -> None:
        momentum = memory["momentum"].lerp_(g, 1 - self.schema.beta_1)
        norm = memory["norm"].mul_(self.schema.beta_2)
        torch.maximum(norm, torch.abs(g, out=self._room(p)), out=norm)
        size = torch.add(norm, self.schema.epsilon, out=self._room(p))
        p.addcdiv_(momentum, size, value=-lr / (1 - self.schema.beta_1 ** (self.iterations + 1)))


class Lion(Optimizer[schemas.Lion]):
    """w -= lr sign(b1 m + (1 - b1) g); then m = b2 m + (1 - b2) g.

    Source: Chen and others 2023, arXiv:2302.06675.
    """

    slots = ("momentum",)

    def _move(self, p: Tensor, g: Tensor, lr: float, memory: Mapping[str, Tensor]) -> None:
        momentum = memory["momentum"]
        ahead = torch.mul(momentum, self.schema.beta_1, out=self._room(p))
        p.add_(ahead.add_(g, alpha=1 - self.schema.beta_1).sign_(), alpha=-lr)
        momentum.mul_(self.schema.beta_2).add_(g, alpha=1 - self.schema.beta_2)


MAKERS: Mapping[type[schemas.Optimizer], type[Optimizer[Any]]] = {
    schemas.SGD: SGD,
    schemas.RMSprop: RMSprop,
    schemas.Adam: Adam,
    schemas.AdamW: AdamW,
    schemas.Nadam: Nadam,
    schemas.Adagrad: Adagrad,
    schemas.Adadelta: Adadelta,
    schemas.Adamax: Adamax,
    schemas.Lion: Lion,
}


def make_optimizer(
    schema: schemas.Optimizer, parameters: Parameters, together: Together = ()
) -> Optimizer[Any]:
    """Answer the optimizer that a recipe names, for parameters by name.

    Args:
        schema, parameters: see `Optimizer`.
        together: see there, too.
    """
    optimizer = MAKERS[type(schema)](schema, parameters)
    optimizer.together = together
    return optimizer
