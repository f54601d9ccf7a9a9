"""Optimizers with Keras' update formulas for torch tensors.

The formulas have weights w, gradient g, learning rate lr and the number t of the step.

Why: creating an optimizer of torch.optim imports torch's compiler, which takes nearly a second.
    Besides, torch's RMSprop adds epsilon outside of the square root, which changes early steps.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from math import sqrt
from typing import Any

import torch
from torch import Tensor

from engine.recipe import optimizer as schemas
from engine.runtime.acceleration.options import FAST, Acceleration
from engine.runtime.acceleration.updates.kernel import ADAGRAD, DESCENT, Rule
from engine.runtime.optimizers.base import Optimizer, Parameters, SplitParameters


class SGD(Optimizer[schemas.SGD]):
    """SGD with momentum: m = momentum m - lr g; w += m, or w += momentum m - lr g (nesterov)."""

    slots = ("momentum",)

    def _used_slots(self) -> tuple[str, ...]:
        return self.slots if self.schema.momentum else ()

    def _rows_are_independent(self) -> bool:
        return not self.schema.momentum and not self.schema.weight_decay

    def _kernel_rule(self) -> Rule:
        return Rule(DESCENT)

    def _update(self, p: Tensor, g: Tensor, lr: float, state: Mapping[str, Tensor]) -> None:
        if not self.schema.momentum:
            p.add_(g, alpha=-lr)
            return
        momentum = state["momentum"].mul_(self.schema.momentum).add_(g, alpha=-lr)
        if self.schema.nesterov:
            p.add_(momentum, alpha=self.schema.momentum).add_(g, alpha=-lr)
        else:
            p.add_(momentum)


class RMSprop(Optimizer[schemas.RMSprop]):
    """RMSprop: v = rho v + (1 - rho) g^2; w -= lr g / sqrt(v + epsilon).

    If centered, v - mean(g)^2 replaces v in the square root.

    Source: Hinton 2012, lecture 6e; epsilon inside the square root, as in Keras.
    """

    def _used_slots(self) -> tuple[str, ...]:
        schema = self.schema
        momentum = ("momentum",) if schema.momentum else ()
        return ("velocity", *momentum, *(("average_gradient",) if schema.centered else ()))

    def _rows_are_independent(self) -> bool:
        schema = self.schema
        return not (schema.momentum or schema.centered or schema.weight_decay)

    def _has_decaying_state(self) -> bool:
        return True

    def _kernel_rule(self) -> Rule:
        return Rule(self.schema.rho, self.schema.epsilon, "velocity")

    def _decay_state(self, state: Mapping[str, Tensor], steps: Tensor) -> None:
        # Double precision, so that the power of rho for many steps is rounded only once.
        decay = torch.pow(self.schema.rho, steps.double()).unsqueeze(-1)
        state["velocity"].mul_(decay.to(state["velocity"].dtype))

    def _update(self, p: Tensor, g: Tensor, lr: float, state: Mapping[str, Tensor]) -> None:
        rho, velocity = self.schema.rho, state["velocity"]
        velocity.mul_(rho).addcmul_(g, g, value=1 - rho)
        root = torch.add(velocity, self.schema.epsilon, out=self._buffer(p))
        if self.schema.centered:
            average = state["average_gradient"].mul_(rho).add_(g, alpha=1 - rho)
            root.addcmul_(average, average, value=-1)
        root.sqrt_()
        if self.schema.momentum:
            p.sub_(state["momentum"].mul_(self.schema.momentum).addcdiv_(g, root, value=lr))
        else:
            p.addcdiv_(g, root, value=-lr)


class Adam(Optimizer[schemas.Adam]):
    """Adam: w -= lr sqrt(1 - b2^t) / (1 - b1^t) m / (sqrt(v) + epsilon).

    m and v are moving averages of g and g^2 with the factors b1 and b2.

    Source: Kingma and Ba 2015, arXiv:1412.6980; amsgrad: Reddi, Kale and Kumar 2018.
    """

    slots = ("momentum", "velocity")
    _correction = 1.0

    def _used_slots(self) -> tuple[str, ...]:
        return (*self.slots, "velocity_hat") if self.schema.amsgrad else self.slots

    def _prepare_step(self) -> None:
        t = self.iterations + 1
        self._correction = sqrt(1 - self.schema.beta_2**t) / (1 - self.schema.beta_1**t)

    def _update(self, p: Tensor, g: Tensor, lr: float, state: Mapping[str, Tensor]) -> None:
        beta_2, velocity = self.schema.beta_2, state["velocity"]
        momentum = state["momentum"].lerp_(g, 1 - self.schema.beta_1)
        velocity.mul_(beta_2).addcmul_(g, g, value=1 - beta_2)
        if self.schema.amsgrad:
            velocity = torch.maximum(state["velocity_hat"], velocity, out=state["velocity_hat"])
        root = torch.sqrt(velocity, out=self._buffer(p)).add_(self.schema.epsilon)
        p.addcdiv_(momentum, root, value=-lr * self._correction)


class AdamW(Adam):
    """Adam, with decoupled weight decay by default.

    Source: Loshchilov and Hutter 2019, arXiv:1711.05101.
    """


class Nadam(Optimizer[schemas.Nadam]):
    """Adam with Nesterov momentum, and a momentum coefficient u that grows with the step t.

    Source: Dozat 2016; Keras' schedule u = b1 (1 - 0.96^t / 2).
    """

    slots = ("momentum", "velocity")
    _momentum_product = 1.0  # product of the coefficients u of all steps so far

    def _momentum_at(self, t: int) -> float:
        return float(self.schema.beta_1 * (1 - 0.5 * 0.96**t))

    def _prepare_step(self) -> None:
        t = self.iterations + 1
        momentum_now, momentum_next = self._momentum_at(t), self._momentum_at(t + 1)
        self._momentum_product *= momentum_now
        self._momentum_factor = momentum_next / (1 - self._momentum_product * momentum_next)
        self._gradient_factor = (1 - momentum_now) / (1 - self._momentum_product)
        self._correction = 1 - self.schema.beta_2**t

    def _update(self, p: Tensor, g: Tensor, lr: float, state: Mapping[str, Tensor]) -> None:
        beta_2, velocity = self.schema.beta_2, state["velocity"]
        momentum = state["momentum"].lerp_(g, 1 - self.schema.beta_1)
        velocity.mul_(beta_2).addcmul_(g, g, value=1 - beta_2)
        root = torch.div(velocity, self._correction, out=self._buffer(p))
        root.sqrt_().add_(self.schema.epsilon)
        p.addcdiv_(momentum, root, value=-lr * self._momentum_factor)
        p.addcdiv_(g, root, value=-lr * self._gradient_factor)

    def state_dict(self) -> dict[str, Tensor]:
        """Return the state of the base class, and the product of the momentum coefficients."""
        product = torch.tensor(self._momentum_product, dtype=torch.float64)
        return {**super().state_dict(), "momentum_product": product}

    def load_state_dict(self, state: Mapping[str, Tensor]) -> None:
        """Load a state that `state_dict` returned."""
        super().load_state_dict(state)
        self._momentum_product = float(state["momentum_product"])


class Adagrad(Optimizer[schemas.Adagrad]):
    """Adagrad: a += g^2; w -= lr g / sqrt(a + epsilon).

    Source: Duchi, Hazan and Singer 2011.
    """

    slots = ("accumulator",)

    def _rows_are_independent(self) -> bool:
        return not self.schema.weight_decay

    def _kernel_rule(self) -> Rule:
        return Rule(ADAGRAD, self.schema.epsilon, "accumulator")

    def _initial_slot(self, slot: str, parameter: Tensor) -> Tensor:
        start = self.schema.initial_accumulator_value
        return torch.full_like(parameter, start, requires_grad=False)

    def _update(self, p: Tensor, g: Tensor, lr: float, state: Mapping[str, Tensor]) -> None:
        accumulator = state["accumulator"].addcmul_(g, g)
        root = torch.add(accumulator, self.schema.epsilon, out=self._buffer(p)).sqrt_()
        p.addcdiv_(g, root, value=-lr)


class Adadelta(Optimizer[schemas.Adadelta]):
    """Adadelta: step = g sqrt(d + e) / sqrt(a + e); w -= lr step.

    a and d are moving averages of g^2 and step^2; e is epsilon.

    Source: Zeiler 2012, arXiv:1212.5701.
    """

    slots = ("accumulated_grad", "accumulated_delta_var")

    def _update(self, p: Tensor, g: Tensor, lr: float, state: Mapping[str, Tensor]) -> None:
        rho, epsilon = self.schema.rho, self.schema.epsilon
        squares, steps = state["accumulated_grad"], state["accumulated_delta_var"]
        squares.mul_(rho).addcmul_(g, g, value=1 - rho)
        step = torch.add(steps, epsilon, out=self._buffer(p))
        step.div_(squares + epsilon).sqrt_().mul_(g)
        steps.mul_(rho).addcmul_(step, step, value=1 - rho)
        p.add_(step, alpha=-lr)


class Adamax(Optimizer[schemas.Adamax]):
    """Adamax: u = max(b2 u, |g|); w -= lr / (1 - b1^t) m / (u + epsilon), with m as in Adam.

    Source: Kingma and Ba 2015, arXiv:1412.6980, section 7.
    """

    slots = ("momentum", "norm")

    def _update(self, p: Tensor, g: Tensor, lr: float, state: Mapping[str, Tensor]) -> None:
        momentum = state["momentum"].lerp_(g, 1 - self.schema.beta_1)
        norm = state["norm"].mul_(self.schema.beta_2)
        torch.maximum(norm, torch.abs(g, out=self._buffer(p)), out=norm)
        size = torch.add(norm, self.schema.epsilon, out=self._buffer(p))
        p.addcdiv_(momentum, size, value=-lr / (1 - self.schema.beta_1 ** (self.iterations + 1)))


class Lion(Optimizer[schemas.Lion]):
    """Lion: w -= lr sign(b1 m + (1 - b1) g); then m = b2 m + (1 - b2) g.

    Source: Chen and others 2023, arXiv:2302.06675.
    """

    slots = ("momentum",)

    def _update(self, p: Tensor, g: Tensor, lr: float, state: Mapping[str, Tensor]) -> None:
        momentum = state["momentum"]
        direction = torch.mul(momentum, self.schema.beta_1, out=self._buffer(p))
        p.add_(direction.add_(g, alpha=1 - self.schema.beta_1).sign_(), alpha=-lr)
        momentum.mul_(self.schema.beta_2).add_(g, alpha=1 - self.schema.beta_2)


OPTIMIZER_CLASSES: Mapping[type[schemas.Optimizer], type[Optimizer[Any]]] = {
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
    schema: schemas.Optimizer,
    parameters: Parameters,
    split_parameters: SplitParameters = (),
    acceleration: Acceleration = FAST,
    sparse: Collection[str] = (),
) -> Optimizer[Any]:
    """Return an optimizer with the settings `schema`; see `Optimizer` for the other arguments."""
    optimizer = OPTIMIZER_CLASSES[type(schema)](schema, parameters, acceleration, sparse)
    optimizer.split_parameters = split_parameters
    return optimizer
