"""A function of expressions: its arguments, its shape rule and its computation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from engine.core.tensor_spec import TensorSpec

Torch = Any  # torch, or a recorder during the export of source
Tensor = Any
OptionKind = Literal["axis", "axes", "integer", "number", "flag", "dtype"]


@dataclass(frozen=True, slots=True)
class Option:
    """An argument that is not a tensor.

    Args:
        kind: what a value may be; "axes" are an integer, several, or None for all axes.
        default: the value if it is not given.
        is_required: whether it must be given.
    """

    kind: OptionKind
    default: Any = None
    is_required: bool = False


@dataclass(frozen=True, slots=True)
class Function:
    """A function of expressions. Names and arguments are those of keras.ops.

    Args:
        operands: the names of the tensor arguments; ("xs",) with `takes_list` is a list of tensors.
        infer: takes a sequence of operands, and the options by name; returns the spec of the
            result. Raises LayerError.
        compute: takes torch, the operands and the options; returns the result.
        options: the other arguments, in their order.
        takes_list: whether the operands are given as one list.
        is_elementwise: whether each value of the result depends on one position of the operands.
        fold: computes the result if all operands are numbers; None if there is no result then.
    """

    name: str
    operands: tuple[str, ...]
    infer: Callable[..., TensorSpec]
    compute: Callable[..., Tensor]
    options: Mapping[str, Option] = field(default_factory=dict)
    takes_list: bool = False
    is_elementwise: bool = False
    fold: Callable[..., Any] | None = None

    def __str__(self) -> str:
        operands = f"[{self.operands[0]}]" if self.takes_list else ", ".join(self.operands)
        options = (
            name if option.is_required else f"{name}={option.default!r}"
            for name, option in self.options.items()
        )
        return f"{self.name}({', '.join([operands, *options])})"
