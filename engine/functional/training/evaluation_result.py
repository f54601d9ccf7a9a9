"""The result of `evaluate`: one or several numbers, which can also be read by name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, KeysView, Mapping, Sequence
from typing import SupportsIndex, overload

from engine.core.diagnostic import Diagnostic, did_you_mean

Notes = Iterable[Diagnostic]


class NamedScores:
    """A base class for scores that are read by name: `scores["acc"]`, `scores.acc`.

    names: score names in Keras' order: total loss, loss of each output, metrics by alphabet.
    notes: warnings and notes about the evaluated rows.
    """

    names: tuple[str, ...]
    notes: tuple[Diagnostic, ...]
    _named: dict[str, float]

    def _set(self, named: Mapping[str, float], notes: Notes) -> None:
        self._named, self.names, self.notes = dict(named), tuple(named), tuple(notes)

    def __getattr__(self, name: str) -> float:
        if name.startswith("_") or name not in self.names:
            raise AttributeError(unknown_score_message(name, self.__dict__.get("names", ())))
        return self._named[name]

    def __repr__(self) -> str:
        return f"Scores({format_scores(self._named)})"

    __str__ = __repr__

    def keys(self) -> KeysView[str]:
        """Return the score names. `dict(scores)` uses this method and `__getitem__`."""
        return self._named.keys()

    def to_dict(self) -> dict[str, float]:
        """Return the scores by name."""
        return dict(self._named)

    def _get(self, name: str) -> float:
        if name not in self._named:
            raise KeyError(unknown_score_message(name, self.names))
        return self._named[name]


class Score(NamedScores, float):
    """A single score: a float, as in Keras, that can also be unpacked like a tuple of one."""

    def __new__(cls, named: Mapping[str, float], notes: Notes = ()) -> Score:
        """Create a Score from a dict with one score; `notes` are diagnostics of the data rows."""
        (value,) = named.values()
        score = super().__new__(cls, value)
        score._set(named, notes)
        return score

    def __getitem__(self, key: int | str) -> float:
        return self._get(key) if isinstance(key, str) else (float(self),)[key]

    def __iter__(self) -> Iterator[float]:
        yield float(self)

    def __len__(self) -> int:
        return 1


class Scores(NamedScores, tuple[float, ...]):
    """A tuple of scores: `loss, acc = scores`; `float(scores)` is the total loss."""

    def __new__(cls, named: Mapping[str, float], notes: Notes = ()) -> Scores:
        """Create Scores from scores by name, "loss" first; `notes` are diagnostics of the rows."""
        scores = super().__new__(cls, named.values())
        scores._set(named, notes)
        return scores

    @overload
    def __getitem__(self, key: SupportsIndex | str) -> float: ...
    @overload
    def __getitem__(self, key: slice) -> tuple[float, ...]: ...
    def __getitem__(self, key: SupportsIndex | slice | str) -> float | tuple[float, ...]:
        return self._get(key) if isinstance(key, str) else super().__getitem__(key)

    def __float__(self) -> float:
        return self[0]


def make_scores(named: Mapping[str, float], notes: Notes = ()) -> Score | Scores:
    """Return one named score as a float, several as a tuple. `notes` are about the data rows."""
    return Score(named, notes) if len(named) == 1 else Scores(named, notes)


def format_scores(scores: Mapping[str, float]) -> str:
    """Return scores as one line of text."""
    return ", ".join(f"{name}: {value:.4f}" for name, value in scores.items())


def unknown_score_message(name: str, names: Mapping[str, object] | Sequence[str]) -> str:
    """Return the error message for the score `name`, which is not in `names`, the known scores."""
    hint = did_you_mean(name, names)
    return f"there is no score called {name!r}; " + (hint or f"there are {', '.join(names)}")
