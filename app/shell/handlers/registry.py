"""Registers handler functions under the ids of actions."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from app.shell.actions.injection import Handler

Function = TypeVar("Function", bound=Handler)


class HandlerTable(dict[str, Handler]):
    """The handlers of some actions, by action id.

    A handler is a function whose parameters are annotated with what it uses; see
    `app.shell.actions.injection`.
    """

    def handles(self, id: str) -> Callable[[Function], Function]:
        """Return a decorator that registers a function as the handler of an action."""

        def register(function: Function) -> Function:
            if id in self:
                raise ValueError(f"Action '{id}' has two handlers")
            self[id] = function
            return function

        return register
