"""What comes of a training: scores under Keras' names, and a history of them."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from engine.core.diagnostic import Diagnostic
from engine.functional.state.model_state import State
from engine.functional.training.evaluation_result import Notes, Score, Scores, scores_of, unknown
from engine.functional.training.metrics import spelled
from engine.graph.model import Graph
from engine.graph.node_names import numbered
from engine.objectives.head import Head


@dataclass(repr=False)
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
        if name not in self.history:
            raise KeyError(unknown(name, self.history))
        return self.history[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.history)

    def __repr__(self) -> str:
        last = "".join(f", {name}: {values[-1]:.4g}" for name, values in self.history.items())
        return f"History({len(self.epoch)} epochs{last})"


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
        """Return how a model's scores are called."""
        heads = [state.report.heads[name] for name in state.traced.outputs]
        return cls(heads, state.report.project.graph)

    def keys(self) -> dict[str, str]:
        """Return the engine's name of each score by Keras'."""
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
        """Return scores under Keras' names, losses first; penalties come last."""
        penalties = {name: value for name, value in scores.items() if name.endswith("_penalty")}
        return {name: scores[key] for name, key in self.keys().items()} | penalties

    def key(self, name: str) -> str:
        """Return the engine's name of a score, whichever way it is written."""
        plain = name.removeprefix("val_")
        return self.keys().get(plain, plain)

    def unpacked(self, scores: Mapping[str, float], notes: Notes = ()) -> Score | Scores:
        """Return scores in the order in which Keras' `evaluate` lists them, without penalties.

        Source: keras.src.trainers.trainer.Trainer._flatten_metrics_in_order: losses in the order
        of outputs, then metrics by the alphabet.
        """
        named = {k: v for k, v in self.named(scores).items() if not k.endswith("_penalty")}
        first = {"loss", *(f"{head.name}_loss" for head in self.heads)}
        losses = {name: value for name, value in named.items() if name in first}
        rest = {name: named[name] for name in sorted(named) if name not in first}
        return scores_of(losses | rest, notes)

    def _words(self, head: Head) -> list[str]:
        return [spelled(metric) for metric in self.graph[head.name].params.get("metrics", ())]


def validated(scores: Mapping[str, float]) -> dict[str, float]:
    """Return scores of rows that were held back, as Keras calls them."""
    return {f"val_{name}": value for name, value in scores.items()}


def say(text: str) -> None:
    """Print at once, whatever stdout holds back."""
    sys.stdout.write(text)
    sys.stdout.flush()
