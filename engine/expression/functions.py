"""All functions of expressions, by name."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from itertools import chain

from engine.core.diagnostic import nearest_word
from engine.expression.arrangement_functions import arrangement_functions
from engine.expression.axis_functions import axis_functions
from engine.expression.elementwise_functions import elementwise_functions
from engine.expression.errors import expression_error
from engine.expression.function import Function
from engine.expression.syntax import Call

# Names that people know from numpy, torch or Keras' activations.
_ALIASES = {
    "abs": ("absolute",), "arctan": ("atan",), "arcsin": ("asin",), "arccos": ("acos",),
    "power": ("pow",), "divide": ("true_divide",), "concatenate": ("concat", "cat"),
    "max": ("amax",), "min": ("amin",), "silu": ("swish",), "expand_dims": ("unsqueeze",),
    "clip": ("clamp",), "exp": ("exponential",),
}  # fmt: skip


@cache
def functions() -> Mapping[str, Function]:
    """Return the functions by name; an alias stands for the same function."""
    all_functions = chain(elementwise_functions(), axis_functions(), arrangement_functions())
    return {
        name: function
        for function in all_functions
        for name in (function.name, *_ALIASES.get(function.name, ()))
    }


def function_of(call: Call) -> Function:
    """Return the function that is called.

    Raises:
        LayerError: there is no function with this name.
    """
    known = functions()
    if call.function in known:
        return known[call.function]
    nearest = nearest_word(call.function, known, cutoff=0.7)
    raise expression_error(
        "param-invalid",
        f'there is no function "{call.function}"',
        call.function_span,
        f"Write {nearest}." if nearest else "Write the name of a function of keras.ops.",
        found=call.function,
        expected=f"one of {', '.join(sorted(known)[:12])}, ...",
    )
