"""`StrictAttributes`: a base class that rejects unknown attributes, with hints for Keras users."""

from __future__ import annotations

from typing import Any, NoReturn

from engine.core.diagnostic import Diagnostic
from engine.core.symbolic.call_site import UnknownNameError, call_site, unknown_name_error
from engine.core.symbolic.keras_hints import read_only_attribute


class StrictAttributes:
    """A base class whose unknown attributes can neither be read nor set.

    Why: plain Python accepts `model.trainable = False`, which would have no effect.
    """

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        known = [attribute for attribute in dir(self) if not attribute.startswith("_")]
        raise unknown_name_error(self._description(), name, known)

    def __setattr__(self, name: str, value: Any) -> None:
        if not name.startswith("_"):
            raise UnknownNameError(call_site(), read_only_attribute(self._description(), name))
        super().__setattr__(name, value)

    def __reduce__(self) -> NoReturn:
        diagnostic = Diagnostic.error(
            "no-such-name",
            f"{self._description()} can neither be copied nor pickled",
            "Use save and save_weights, then engine.load and load_weights.",
            found="copy or pickle",
            expected="a file of the graph and a file of the weights",
        )
        raise UnknownNameError(call_site(), diagnostic)

    def _description(self) -> str:
        return f"a {type(self).__name__}"
