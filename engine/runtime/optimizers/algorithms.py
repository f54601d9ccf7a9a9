"""Optimizers with Keras' update formulas for torch tensors.

The formulas have weights w, gradient g, learning rate lr and the number t of the step. Their code
updates all weights together, by operations on lists of tensors.

Why: creating an optimizer of torch.optim imports torch's compiler, which takes nearly a second.
    Besides, torch's RMSprop adds epsilon outside of the square root, which changes early steps.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import sqrt
from typing import Any

import torch
from torch import Tensor

from engine.recipe import optimizer as schemas
from engine.runtime.optimizers.base import Optimizer, Slots, Tensors


class SGD(Optimizer[schemas.SGD]):
    """SGD with momentum: m = momentum m - lr g; w += m, or w += momentum m - lr g (nesterov)."""

    slots = ("momentum",)

    def _used_slots(self) -> tuple[str, ...]:
        return self.slots if self.schema.momentum else ()

    def update_step(self, gradients: Tensors, variables: Tensors, lr: float, slots: Slots) -> None:
        """Apply the formula of the class."""
        if not self.schema.momentum:
            torch._foreach_add_(variables, gradients, alpha=-lr)
            return
        momentums = slots["momentum"]
        torch._foreach_mul_(momentums, self.schema.momentum)
        torch._foreach_add_(momentums, gradients, alpha=-lr)
        if self.schema.nesterov:
            torch._foreach_add_(variables, momentums, alpha=self.schema.momentum)
            torch._foreach_add_(variables, gradients, alpha=-lr)
        else:
            torch._foreach_add_(variables, momentums)


class RMSprop(Optimizer[schemas.RMSprop]):
    """RMSprop: v = rho v + (1 - rho) g^2; w -= lr g / sqrt(v + epsilon).

    If centered, v - mean(g)^2 replaces v in the square root.

    Source: Hinton 2012, lecture 6e; epsilon inside the square root, as in Keras.
    """

    def _used_slots(self) -> tuple[str, ...]:
        schema = self.schema
        momentum = ("momentum",) if schema.momentum else ()
        return ("velocity", *momentum, *(("average_gradient",) if schema.centered else ()))

    def update_step(self, gradients: Tensors, variables: Tensors, lr: float, slots: Slots) -> None:
        """Apply the formula of the class."""
        rho, velocities = self.schema.rho, slots["velocity"]
        _average_squares(velocities, gradients, rho)
        roots = torch._foreach_add(velocities, self.schema.epsilon)
        if self.schema.centered:
            averages = slots["average_gradient"]
            torch._foreach_mul_(averages, rho)
            torch._foreach_add_(averages, gradients, alpha=1 - rho)
            torch._foreach_addcmul_(roots, averages, averages, value=-1)
        torch._foreach_sqrt_(roots)
        if self.schema.momentum:
            momentums = slots["momentum"]
            torch._foreach_mul_(momentums, self.schema.momentum)
            torch._foreach_addcdiv_(momentums, gradients, roots, value=lr)
            torch._foreach_sub_(variables, momentums)
        else:
            torch._foreach_addcdiv_(variables, gradients, roots, value=-lr)


class Adam(Optimizer[schemas.Adam]):
    """Adam: w -= lr sqrt(1 - b2^t) / (1 - b1^t) m / (sqrt(v) + epsilon).

    m and v are moving averages of g and g^2 with the factors b1 and b2.

    Source: Kingma and Ba 2015, arXiv:1412.6980; amsgrad: Reddi, Kale and Kumar 2018.
    """

    slots = ("momentum", "velocity")

    def _used_slots(self) -> tuple[str, ...]:
        return (*self.slots, "velocity_hat") if self.schema.amsgrad else self.slots

    def update_step(self, gradients: Tensors, variables: Tensors, lr: float, slots: Slots) -> None:
        """Apply the formula of the class."""
        t, beta_1, beta_2 = self.iterations + 1, self.schema.beta_1, self.schema.beta_2
        correction = sqrt(1 - beta_2**t) / (1 - beta_1**t)
        momentums, velocities = slots["momentum"], slots["velocity"]
        torch._foreach_lerp_(momentums, gradients, 1 - beta_1)
        _average_squares(velocities, gradients, beta_2)
        if self.schema.amsgrad:
            torch._foreach_maximum_(slots["velocity_hat"], velocities)
            velocities = slots["velocity_hat"]
        roots = torch._foreach_sqrt(velocities)
        torch._foreach_add_(roots, self.schema.epsilon)
        torch._foreach_addcdiv_(variables, momentums, roots, value=-lr * correction)


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

    def update_step(self, gradients: Tensors, variables: Tensors, lr: float, slots: Slots) -> None:
        """Apply the formula of the class."""
        t, beta_2 = self.iterations + 1, self.schema.beta_2
        momentum_now, momentum_next = self._momentum_at(t), self._momentum_at(t + 1)
        self._momentum_product *= momentum_now
        momentum_factor = momentum_next / (1 - self._momentum_product * momentum_next)
        gradient_factor = (1 - momentum_now) / (1 - self._momentum_product)
        momentums, velocities = slots["momentum"], slots["velocity"]
        torch._foreach_lerp_(momentums, gradients, 1 - self.schema.beta_1)
        _average_squares(velocities, gradients, beta_2)
        roots = torch._foreach_div(velocities, 1 - beta_2**t)
        torch._foreach_sqrt_(roots)
        torch._foreach_add_(roots, self.schema.epsilon)
        torch._foreach_addcdiv_(variables, momentums, roots, value=-lr * momentum_factor)
        torch._foreach_addcdiv_(variables, gradients, roots, value=-lr * gradient_factor)

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

    def _initial_slot(self, parameter: Tensor) -> Tensor:
        start = self.schema.initial_accumulator_value
        return torch.full_like(parameter, start, requires_grad=False)

    def update_step(self, gradients: Tensors, variables: Tensors, lr: float, slots: Slots) -> None:
        """Apply the formula of the class."""
        accumulators = slots["accumulator"]
        torch._foreach_addcmul_(accumulators, gradients, gradients)
        roots = torch._foreach_add(accumulators, self.schema.epsilon)
        torch._foreach_sqrt_(roots)
        torch._foreach_addcdiv_(variables, gradients, roots, value=-lr)


class Adadelta(Optimizer[schemas.Adadelta]):
    """Adadelta: step = g sqrt(d + e) / sqrt(a + e); w -= lr step.

    a and d are moving averages of g^2 and step^2; e is epsilon.

    Source: Zeiler 2012, arXiv:1212.5701.
    """

    slots = ("accumulated_grad", "accumulated_delta_var")

    def update_step(self, gradients: Tensors, variables: Tensors, lr: float, slots: Slots) -> None:
        """Apply the formula of the class."""
        rho, epsilon = self.schema.rho, self.schema.epsilon
        squares, squared_steps = slots["accumulated_grad"], slots["accumulated_delta_var"]
        _average_squares(squares, gradients, rho)
        steps = torch._foreach_add(squared_steps, epsilon)
        torch._foreach_div_(steps, torch._foreach_add(squares, epsilon))
        torch._foreach_sqrt_(steps)
        torch._foreach_mul_(steps, gradients)
        _average_squares(squared_steps, list(steps), rho)
        torch._foreach_add_(variables, steps, alpha=-lr)


class Adamax(Optimizer[schemas.Adamax]):
    """Adamax: u = max(b2 u, |g|); w -= lr / (1 - b1^t) m / (u + epsilon), with m as in Adam.

    Source: Kingma and Ba 2015, arXiv:1412.6980, section 7.
    """

    slots = ("momentum", "norm")

    def update_step(self, gradients: Tensors, variables: Tensors, lr: float, slots: Slots) -> None:
        """Apply the formula of the class."""
        momentums, norms, beta_1 = slots["momentum"], slots["norm"], self.schema.beta_1
        torch._foreach_lerp_(momentums, gradients, 1 - beta_1)
        torch._foreach_mul_(norms, self.schema.beta_2)
        torch._foreach_maximum_(norms, torch._foreach_abs(gradients))
        sizes = torch._foreach_add(norms, self.schema.epsilon)
        rate = lr / (1 - beta_1 ** (self.iterations + 1))
        torch._foreach_addcdiv_(variables, momentums, sizes, value=-rate)


class Lion(Optimizer[schemas.Lion]):
    """Lion: w -= lr sign(b1 m + (1 - b1) g); then m = b2 m + (1 - b2) g.

    Source: Chen and others 2023, arXiv:2302.06675.
    """

    slots = ("momentum",)

    def update_step(self, gradients: Tensors, variables: Tensors, lr: float, slots: Slots) -> None:
        """Apply the formula of the class."""
        momentums, beta_1, beta_2 = slots["momentum"], self.schema.beta_1, self.schema.beta_2
        directions = torch._foreach_mul(momentums, beta_1)
        torch._foreach_add_(directions, gradients, alpha=1 - beta_1)
        torch._foreach_sign_(directions)
        torch._foreach_add_(variables, directions, alpha=-lr)
        torch._foreach_mul_(momentums, beta_2)
        torch._foreach_add_(momentums, gradients, alpha=1 - beta_2)


def _average_squares(
    averages: Tensors, gradients: Tensors | tuple[Tensor, ...], decay: float
) -> None:
    """Update moving averages of squared gradients: v = decay v + (1 - decay) g^2."""
    torch._foreach_mul_(averages, decay)
    torch._foreach_addcmul_(averages, gradients, gradients, value=1 - decay)


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
    parameters: Mapping[str, Tensor],
    split_parameters: Sequence[tuple[str, ...]] = (),
) -> Optimizer[Any]:
    """Return an optimizer with the settings `schema`; see `Optimizer` for the other arguments."""
    return OPTIMIZER_CLASSES[type(schema)](schema, parameters, split_parameters)
