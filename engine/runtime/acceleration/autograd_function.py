"""Typed calls of autograd functions with a custom backward pass."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch.autograd import Function


def apply_function(function: type[Function], *given: Any) -> Any:
    """Return the output of an autograd function for `given`, and record its backward pass.

    Why: older versions of torch have no type annotations of `Function.apply`.
    """
    call: Callable[..., Any] = function.apply
    return call(*given)
