"""Scores by name: what `evaluate` answers, which also unpacks in Keras' order, and a history."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, KeysView, Mapping, Sequence
from dataclasses import dataclass, field
from typing import SupportsIndex, overload

from engine.core.diagnostic import Diagnostic, did_you_mean
from engine.functional.measuring import spelled
from engine.functional.state import State
from engine.graph.model import Graph
from engine.graph.names import numbered
from engine.objectives.head import Head


class Scores(tuple[float, ...]):
    """Scores in Keras' order: the total, the loss of each output, then metrics by the alphabet.

    `loss, acc = scores`, `scores["acc"]`, `scores.acc` and `float(scores)`, the total, all work.
    """

    names: tuple[str, ...]
    notes: tuple[Diagnostic, ...]

    def __new__(cls, named: Mapping[str, float], notes: Iterable[Diagnostic] = ()) -> Scores:
        """Take scores by name, in order, and what was noticed about the rows."""
        scores = super().__new__(cls, named.values())
        scores.names, scores.notes = tuple(named), tuple(notes)
        return scores

    @overload
    def __getitem__(self, key: SupportsIndex | str) -> float: ...
    @overload
    def __getitem__(self, key: slice) -> tuple[float, ...]: ...
    def __getitem__(self, key: SupportsIndex | slice | str) -> float | tuple[float, ...]:
        if isinstance(key, str):
            return self.to_dict()[_known(key, self.names)]
        return super().__getitem__(key)

    def __getattr__(self, name: str) -> float:
        if name.startswith("_") or name not in self.names:
            raise AttributeError(_unknown(name, self.__dict__.get("names", ())))
        return self[name]

    def __float__(self) -> float:
        return self[0]

    def __repr__(self) -> str:
        return "Scores(" + line(self.to_dict()) + ")"

    def keys(self) -> KeysView[str]:
        """Answer the names, so that `dict(scores)` works."""
        return self.to_dict().keys()

    def to_dict(self) -> dict[str, float]:
        """Answer the scores by name."""
        return dict(zip(self.names, self, strict=True))


@dataclass
class History:
    """What each epoch was worth.

    Args:
        history: by name, a value for each epoch; validation scores begin with "val_".
        epoch: the number of each epoch, from 0.
        split: which rows it was trained on and which were held back, in words.
        notes: what was noticed about the data.
        ended: why the training ended.
    """

    history: dict[str, list[float]] = field(default_factory=dict)
    epoch: list[int] = field(default_factory=list)
    split: str = ""
    notes: tuple[Diagnostic, ...] = ()
    ended: str = ""

    def add(self, epoch: int, scores: Mapping[str, float]) -> None:
        """Take the scores of an epoch in."""
        self.epoch.append(epoch)
        for name, value in scores.items():
            self.history.setdefault(name, []).append(value)

    def __getitem__(self, name: str) -> list[float]:
        return self.history[_known(name, self.history)]

    def __iter__(self) -> Iterator[str]:
        return iter(self.history)


@dataclass(frozen=True)
class Naming:
    """From the engine's names of scores, "age/mae", to Keras', "age_mae".

    Args:
        heads: in the model's order.
        graph: holds the metrics as a person spelled them.
    """

    heads: Sequence[Head]
    graph: Graph

    @classmethod
    def of(cls, state: State) -> Naming:
        """Answer how a model's scores are called."""
        heads = [state.report.heads[name] for name in state.traced.outputs]
        return cls(heads, state.report.project.graph)

    def keys(self) -> dict[str, str]:
        """Answer the engine's name of each score by Keras'."""
        trained = [head for head in self.heads if head.loss is not None]
        single = len(self.heads) == 1
        answer = {"loss": "loss"}
        if not single:
            answer |= {f"{head.name}_loss": f"{head.name}/loss" for head in trained}
        for head in trained:
            before = "" if single else f"{head.name}_"
            for word, own in zip(self._words(head), head.metrics, strict=True):
                answer[numbered(before + word, answer)] = f"{head.name}/{own[0]}"
        return answer

    def named(self, scores: Mapping[str, float]) -> dict[str, float]:
        """Answer scores under Keras' names, losses first; penalties come last."""
        penalties = {name: value for name, value in scores.items() if name.endswith("_penalty")}
        return {name: scores[key] for name, key in self.keys().items()} | penalties

    def key(self, name: str) -> str:
        """Answer the engine's name of a score, whichever way it is written."""
        plain = name.removeprefix("val_")
        return self.keys().get(plain, plain)

    def unpacked(self, scores: Mapping[str, float], notes: Iterable[Diagnostic] = ()) -> Scores:
        """Answer scores in the order in which Keras' `evaluate` lists them, without penalties.

        Source: keras.src.trainers.trainer.Trainer._flatten_metrics_in_order: losses in the order
        of outputs, then metrics by the alphabet.
        """
        named = {k: v for k, v in self.named(scores).items() if not k.endswith("_penalty")}
        first = {"loss", *(f"{head.name}_loss" for head in self.heads)}
        losses = {name: value for name, value in named.items() if name in first}
        rest = {name: named[name] for name in sorted(named) if name not in first}
        return Scores(losses | rest, notes)

    def _words(self, head: Head) -> list[str]:
        return [spelled(metric) for metric in self.graph[head.name].params.get("metrics", ())]


def validated(scores: Mapping[str, float]) -> dict[str, float]:
    """Answer scores of rows that were held back, as Keras calls them."""
    return {f"val_{name}": value for name, value in scores.items()}


def line(scores: Mapping[str, float]) -> str:
    """Answer scores on one line."""
    return ", ".join(f"{name}: {value:.4f}" for name, value in scores.items())


def say(text: str) -> None:
    """Print at once, whatever stdout holds back."""
    sys.stdout.write(text)
    sys.stdout.flush()


def _known(name: str, names: Mapping[str, object] | Sequence[str]) -> str:
    if name not in names:
        raise KeyError(_unknown(name, names))
    return name


def _unknown(name: str, names: Mapping[str, object] | Sequence[str]) -> str:
    hint = did_you_mean(name, names)
    return f"there is no score called {name!r}; " + (hint or f"there are {', '.join(names)}")
