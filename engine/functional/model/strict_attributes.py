"""Models and placed layers say what to write instead of Keras' words that they do not have."""

from __future__ import annotations

from typing import Any, NoReturn

from engine.core.diagnostic import Diagnostic, Fix
from engine.core.symbolic.call_site import NoSuchName, absent, place
from engine.core.symbolic.keras_hints import cannot_be_set


class Guarded:
    """Refuses attributes that there are not, above all those that Python would let be set.

    Why: `model.trainable = False` would else be taken, and change nothing.
    """

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        known = [each for each in dir(self) if not each.startswith("_")]
        raise absent(self._noun(), name, known)

    def __setattr__(self, name: str, value: Any) -> None:
        if not name.startswith("_"):
            raise NoSuchName(place(), cannot_be_set(self._noun(), name))
        super().__setattr__(name, value)

    def __reduce__(self) -> NoReturn:
        found = Diagnostic(
            "no-such-name",
            f"{self._noun()} can neither be copied nor pickled",
            found="copy or pickle",
            expected="a file of the graph and a file of the weights",
            fixes=(Fix("Write save and save_weights, then engine.load and load_weights."),),
        )
        raise NoSuchName(place(), found)

    def _noun(self) -> str:
        return f"a {type(self).__name__}"
