"""Functions with a way back of their own, called with types."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch.autograd import Function


def applied(function: type[Function], *given: Any) -> Any:
    """Return what a function does with its arguments, and note how to go back.

    Why: `Function.apply` has types in newer versions of torch, and none in older ones.
    """
    call: Callable[..., Any] = function.apply
    return call(*given)
