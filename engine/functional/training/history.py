"""`History`, the result of `fit`, and the names of scores as in Keras."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from engine.core.diagnostic import Diagnostic
from engine.functional.state.model_state import ModelState
from engine.functional.training.evaluation_result import (
    Notes,
    Score,
    Scores,
    make_scores,
    unknown_score_message,
)
from engine.functional.training.metrics import metric_spelling
from engine.graph.node_names import keras_unique_name


@dataclass(repr=False)
class History:
    """The scores of each epoch of a training run.

    Args:
        history: a list by score name, with one value per epoch. Names of validation scores begin
            with "val_".
        epoch: the number of each epoch, from 0.
        split: a description of the training and validation rows.
        notes: warnings and notes about the data.
        end_reason: why the training ended.
    """

    history: dict[str, list[float]] = field(default_factory=dict)
    epoch: list[int] = field(default_factory=list)
    split: str = ""
    notes: tuple[Diagnostic, ...] = ()
    end_reason: str = ""

    @property
    def ended(self) -> str:
        """Why the training ended: the value of `end_reason`, under its name of version 0.1."""
        return self.end_reason

    def add(self, epoch: int, scores: Mapping[str, float]) -> None:
        """Append the scores of an epoch."""
        self.epoch.append(epoch)
        for name, value in scores.items():
            self.history.setdefault(name, []).append(value)

    def __getitem__(self, name: str) -> list[float]:
        if name not in self.history:
            raise KeyError(unknown_score_message(name, self.history))
        return self.history[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.history)

    def __repr__(self) -> str:
        last = "".join(f", {name}: {values[-1]:.4g}" for name, values in self.history.items())
        return f"History({len(self.epoch)} epochs{last})"


class KerasScoreNames:
    """A mapping between the engine's names of a model's scores ("age/mae") and Keras' ("age_mae").

    `graph` is the graph whose Outputs hold the metrics as the user spelled them.
    """

    def __init__(self, state: ModelState) -> None:
        self.heads = [state.report.heads[name] for name in state.traced.outputs]
        self.graph = state.report.project.graph

    def engine_names(self) -> dict[str, str]:
        """Return a mapping from Keras' names of the scores to the engine's names."""
        trained = [head for head in self.heads if head.loss is not None]
        is_single = len(self.heads) == 1
        names = {"loss": "loss"}
        if not is_single:
            names |= {f"{head.name}_loss": f"{head.name}/loss" for head in trained}
        for head in trained:
            prefix = "" if is_single else f"{head.name}_"
            spelled = self.graph[head.name].params.get("metrics", ())
            for metric, (name, _) in zip(spelled, head.metrics, strict=True):
                key = keras_unique_name(prefix + metric_spelling(metric), names)
                names[key] = f"{head.name}/{name}"
        return names

    def to_keras(self, scores: Mapping[str, float]) -> dict[str, float]:
        """Return scores by Keras' names, losses first and penalties last."""
        penalties = {name: value for name, value in scores.items() if name.endswith("_penalty")}
        return {name: scores[key] for name, key in self.engine_names().items()} | penalties

    def engine_name(self, name: str) -> str:
        """Return the engine's name for a Keras or engine score name; a "val_" prefix is removed."""
        plain = name.removeprefix("val_")
        return self.engine_names().get(plain, plain)

    def evaluation_result(self, scores: Mapping[str, float], notes: Notes = ()) -> Score | Scores:
        """Return `scores` (by engine name) without penalties, named and ordered as in Keras.

        A single score is returned as `Score`, several as `Scores`. `notes` are about the data rows.

        Source: keras.src.trainers.trainer.Trainer._flatten_metrics_in_order: losses in the order
        of outputs, then metrics in alphabetical order.
        """
        named = {k: v for k, v in self.to_keras(scores).items() if not k.endswith("_penalty")}
        loss_names = {"loss", *(f"{head.name}_loss" for head in self.heads)}
        losses = {name: value for name, value in named.items() if name in loss_names}
        others = {name: named[name] for name in sorted(named) if name not in loss_names}
        return make_scores(losses | others, notes)


def print_now(text: str) -> None:
    """Print text and flush stdout."""
    sys.stdout.write(text)
    sys.stdout.flush()
