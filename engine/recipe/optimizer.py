"""Optimizers: how gradients become steps. Keras' names, constants and order of arguments.

The formulas stand in `engine.runtime.optimizers.algorithms`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from engine.core.registry import Family
from engine.core.schema import Schema

Rate = Annotated[
    float,
    Field(gt=0, allow_inf_nan=False, description="Size of a step, before the schedule."),
]
Momentum = Annotated[
    float, Field(ge=0, le=1, description="Share of the step before that is added to this one.")
]
Beta1 = Annotated[
    float, Field(gt=0, lt=1, description="How slowly the average of the gradient forgets.")
]
Beta2 = Annotated[
    float, Field(gt=0, lt=1, description="How slowly the average of its size forgets.")
]
Rho = Annotated[
    float, Field(ge=0, lt=1, description="How slowly the average of squared gradients forgets.")
]
Epsilon = Annotated[
    float, Field(gt=0, allow_inf_nan=False, description="Keeps a division by 0 away.")
]
AMSGrad = Annotated[bool, Field(description="Never let the size average shrink.")]
_Share = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Decay = Annotated[
    _Share | None, Field(description="Share of each weight taken off per unit of learning rate.")
]
_Limit = Annotated[float, Field(gt=0, allow_inf_nan=False)]
ClipNorm = Annotated[
    _Limit | None, Field(description="Longest gradient of one weight array; longer is shortened.")
]
ClipValue = Annotated[
    _Limit | None, Field(description="Largest entry of a gradient; larger is cut off.")
]
GlobalClipNorm = Annotated[
    _Limit | None, Field(description="Longest gradient of all weights together.")
]

_CLIPS = ("clipnorm", "clipvalue", "global_clipnorm")


class Optimizer(Schema):
    """Base of all optimizers: a learning rate, then constants, weight decay and clipping."""

    _averages: ClassVar[int] = 2

    if TYPE_CHECKING:  # each optimizer declares them, in Keras' order of arguments
        learning_rate: Rate
        weight_decay: Decay
        clipnorm: ClipNorm
        clipvalue: ClipValue
        global_clipnorm: GlobalClipNorm

    @field_validator(*_CLIPS, check_fields=False)
    @classmethod
    def _clips_in_one_way(cls, value: Any, info: ValidationInfo) -> Any:
        others = [name for name in _CLIPS if info.data.get(name) is not None]
        if value is not None and others:
            context = {
                "text": f'"{info.field_name}" and "{others[0]}" can\'t both be set',
                "advice": f'Keep one of them: set "{info.field_name}" or "{others[0]}" to null.',
                "nearest": None,
            }
            raise PydanticCustomError("named", "{text}", context)
        return value

    @property
    def slots(self) -> int:
        """Number of arrays of a weight's size that it keeps for each weight."""
        return self._averages + sum(
            bool(getattr(self, option, 0)) for option in ("momentum", "amsgrad", "centered")
        )


OPTIMIZERS: Family[Optimizer] = Family("optimizer", spell=str)
OptimizerField = OPTIMIZERS.field(Optimizer)


@OPTIMIZERS.add("sgd")
class SGD(Optimizer):
    """Steps straight down the gradient; with momentum it rolls on like a ball."""

    _averages = 0

    learning_rate: Rate = 0.01
    momentum: Momentum = 0.0
    nesterov: bool = Field(False, description="Look ahead along the momentum before stepping.")
    weight_decay: Decay = None
    clipnorm: ClipNorm = None
    clipvalue: ClipValue = None
    global_clipnorm: GlobalClipNorm = None


@OPTIMIZERS.add("rmsprop")
class RMSprop(Optimizer):
    """Divides each weight's step by the usual size of its gradient."""

    _averages = 1

    learning_rate: Rate = 0.001
    rho: Rho = 0.9
    momentum: Momentum = 0.0
    epsilon: Epsilon = 1e-7
    centered: bool = Field(False, description="Measure the size around the average gradient.")
    weight_decay: Decay = None
    clipnorm: ClipNorm = None
    clipvalue: ClipValue = None
    global_clipnorm: GlobalClipNorm = None


@OPTIMIZERS.add("adam")
class Adam(Optimizer):
    """Averages gradients and divides by their usual size: a good first choice."""

    learning_rate: Rate = 0.001
    beta_1: Beta1 = 0.9
    beta_2: Beta2 = 0.999
    epsilon: Epsilon = 1e-7
    amsgrad: AMSGrad = False
    weight_decay: Decay = None
    clipnorm: ClipNorm = None
    clipvalue: ClipValue = None
    global_clipnorm: GlobalClipNorm = None


@OPTIMIZERS.add("adamw")
class AdamW(Optimizer):
    """Adam that also shrinks every weight a little at each step."""

    learning_rate: Rate = 0.001
    weight_decay: _Share = Field(
        0.004, description="Share of each weight taken off per unit of learning rate."
    )
    beta_1: Beta1 = 0.9
    beta_2: Beta2 = 0.999
    epsilon: Epsilon = 1e-7
    amsgrad: AMSGrad = False
    clipnorm: ClipNorm = None
    clipvalue: ClipValue = None
    global_clipnorm: GlobalClipNorm = None


@OPTIMIZERS.add("nadam")
class Nadam(Optimizer):
    """Adam that looks ahead along its average, as Nesterov's momentum does."""

    learning_rate: Rate = 0.001
    beta_1: Beta1 = 0.9
    beta_2: Beta2 = 0.999
    epsilon: Epsilon = 1e-7
    weight_decay: Decay = None
    clipnorm: ClipNorm = None
    clipvalue: ClipValue = None
    global_clipnorm: GlobalClipNorm = None


@OPTIMIZERS.add("adagrad")
class Adagrad(Optimizer):
    """Divides by all gradients so far: rarely used weights keep taking large steps."""

    _averages = 1

    learning_rate: Rate = 0.001
    initial_accumulator_value: float = Field(
        0.1, ge=0, allow_inf_nan=False, description="Where the sum of squared gradients starts."
    )
    epsilon: Epsilon = 1e-7
    weight_decay: Decay = None
    clipnorm: ClipNorm = None
    clipvalue: ClipValue = None
    global_clipnorm: GlobalClipNorm = None


@OPTIMIZERS.add("adadelta")
class Adadelta(Optimizer):
    """Adagrad that forgets, with steps in the weights' own units."""

    learning_rate: Rate = 0.001
    rho: Rho = 0.95
    epsilon: Epsilon = 1e-7
    weight_decay: Decay = None
    clipnorm: ClipNorm = None
    clipvalue: ClipValue = None
    global_clipnorm: GlobalClipNorm = None


@OPTIMIZERS.add("adamax")
class Adamax(Optimizer):
    """Adam that divides by the largest gradient of late instead of the usual one."""

    learning_rate: Rate = 0.001
    beta_1: Beta1 = 0.9
    beta_2: Beta2 = 0.999
    epsilon: Epsilon = 1e-7
    weight_decay: Decay = None
    clipnorm: ClipNorm = None
    clipvalue: ClipValue = None
    global_clipnorm: GlobalClipNorm = None


@OPTIMIZERS.add("lion")
class Lion(Optimizer):
    """Takes steps of one size in the direction of the averaged gradient; needs a small rate."""

    _averages = 1

    learning_rate: Rate = 0.001
    beta_1: Beta1 = 0.9
    beta_2: Beta2 = 0.99
    weight_decay: Decay = None
    clipnorm: ClipNorm = None
    clipvalue: ClipValue = None
    global_clipnorm: GlobalClipNorm = None
