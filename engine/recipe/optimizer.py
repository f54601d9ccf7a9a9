"""Optimizer settings, with Keras' names, constants and order of arguments.

`engine.runtime.optimizers.algorithms` holds the update formulas.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import Field, ValidationInfo, field_validator

from engine.core.registry import Registry
from engine.core.schema import Schema, named_error

LearningRate = Annotated[
    float, Field(gt=0, allow_inf_nan=False, description="The learning rate, before the schedule.")
]
Momentum = Annotated[
    float,
    Field(ge=0, le=1, description="Momentum: the fraction of the previous step to add."),
]
Beta1 = Annotated[
    float, Field(gt=0, lt=1, description="Decay rate of the moving average of the gradient.")
]
Beta2 = Annotated[
    float, Field(gt=0, lt=1, description="Decay rate of the moving average of its square.")
]
Rho = Annotated[
    float, Field(ge=0, lt=1, description="Decay rate of the moving average of squared gradients.")
]
Epsilon = Annotated[
    float,
    Field(gt=0, allow_inf_nan=False, description="A small constant that avoids division by 0."),
]
AMSGrad = Annotated[bool, Field(description="Use the maximum of the second moments (AMSGrad).")]
_Fraction = Annotated[float, Field(ge=0, allow_inf_nan=False)]
_PositiveLimit = Annotated[float, Field(gt=0, allow_inf_nan=False)]

_CLIPS = ("clipnorm", "clipvalue", "global_clipnorm")


class Optimizer(Schema):
    """The base of all optimizers: learning rate, constants, weight decay and gradient clipping."""

    _average_count: ClassVar[int] = 2
    last_fields: ClassVar[tuple[str, ...]] = ("weight_decay", *_CLIPS)

    learning_rate: LearningRate = 0.001
    weight_decay: _Fraction | None = Field(
        None, description="The decoupled weight decay, times the learning rate."
    )
    clipnorm: _PositiveLimit | None = Field(
        None, description="The maximum gradient norm of each weight array."
    )
    clipvalue: _PositiveLimit | None = Field(
        None, description="The maximum absolute value of a gradient entry."
    )
    global_clipnorm: _PositiveLimit | None = Field(
        None, description="The maximum gradient norm of all weights together."
    )

    @field_validator(*_CLIPS)
    @classmethod
    def _check_single_clip(cls, value: Any, info: ValidationInfo) -> Any:
        others = [name for name in _CLIPS if info.data.get(name) is not None]
        if value is not None and others:
            advice = f'Keep one of them: set "{info.field_name}" or "{others[0]}" to null.'
            text = f'"{info.field_name}" and "{others[0]}" can\'t both be set'
            raise named_error(text, "", (advice, None))
        return value

    @property
    def slot_count(self) -> int:
        """The number of state arrays (slots) per weight."""
        return self._average_count + sum(
            bool(getattr(self, option, 0)) for option in ("momentum", "amsgrad", "centered")
        )


class MomentOptimizer(Optimizer):
    """The base of Adam and its variants."""

    beta_1: Beta1 = 0.9
    beta_2: Beta2 = 0.999
    epsilon: Epsilon = 1e-7


OPTIMIZERS: Registry[Optimizer] = Registry("optimizer", spell=str)
OptimizerField = OPTIMIZERS.field_type(Optimizer)


@OPTIMIZERS.register("sgd")
class SGD(Optimizer):
    """Gradient descent, optionally with momentum."""

    _average_count = 0

    learning_rate: LearningRate = 0.01
    momentum: Momentum = 0.0
    nesterov: bool = Field(False, description="Use Nesterov momentum.")


@OPTIMIZERS.register("rmsprop")
class RMSprop(Optimizer):
    """Divides each step by the root of the moving average of squared gradients."""

    _average_count = 1

    rho: Rho = 0.9
    momentum: Momentum = 0.0
    epsilon: Epsilon = 1e-7
    centered: bool = Field(False, description="Divide by the estimated variance of the gradient.")


@OPTIMIZERS.register("adam")
class Adam(MomentOptimizer):
    """Adaptive moment estimation: moving averages of the gradient and of its square."""

    amsgrad: AMSGrad = False


@OPTIMIZERS.register("adamw")
class AdamW(MomentOptimizer):
    """Adam with decoupled weight decay."""

    last_fields = _CLIPS

    weight_decay: _Fraction = Field(
        0.004, description="The decoupled weight decay, times the learning rate."
    )
    amsgrad: AMSGrad = False


@OPTIMIZERS.register("nadam")
class Nadam(MomentOptimizer):
    """Adam with Nesterov momentum."""


@OPTIMIZERS.register("adagrad")
class Adagrad(Optimizer):
    """Divides each step by the root of the sum of squared gradients: suits sparse features."""

    _average_count = 1

    initial_accumulator_value: float = Field(
        0.1, ge=0, allow_inf_nan=False, description="The initial sum of squared gradients."
    )
    epsilon: Epsilon = 1e-7


@OPTIMIZERS.register("adadelta")
class Adadelta(Optimizer):
    """Adagrad with moving averages, which sets its step size itself."""

    rho: Rho = 0.95
    epsilon: Epsilon = 1e-7


@OPTIMIZERS.register("adamax")
class Adamax(MomentOptimizer):
    """Adam with the infinity norm in place of the root of the second moment."""


@OPTIMIZERS.register("lion")
class Lion(Optimizer):
    """Steps by the sign of the averaged gradient; needs a small learning rate."""

    _average_count = 1

    beta_1: Beta1 = 0.9
    beta_2: Beta2 = 0.99
