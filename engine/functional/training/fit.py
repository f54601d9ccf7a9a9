"""Training with arrays, through the same loop as `engine train`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.core.diagnostic import Diagnostic, Fix, Refused, diagnostic_of, errors
from engine.core.symbolic.call_site import notify
from engine.core.symbolic.python_phrasing import in_python
from engine.data.checks.degenerate_targets import idle
from engine.data.prepare import fits_memory
from engine.data.splits.random import Sides, split_rows
from engine.events import BestFound, EpochDone, RunFailed, RunFinished
from engine.functional.state.model_state import State
from engine.functional.state.torch_model import Live
from engine.functional.training.dataset import Fed, Ports, feed
from engine.functional.training.evaluation import in_own_units
from engine.functional.training.evaluation_result import line
from engine.functional.training.history import History, Naming, say, validated
from engine.functional.training.sample_weights import (
    Weights,
    class_weights,
    multiplied,
    sample_weights,
    unweighed,
)
from engine.recipe.recipe import Recipe
from engine.runtime.training.loop import Training, fit
from engine.runtime.training.progress import Progress

Array = NDArray[Any]


@dataclass(frozen=True)
class Wish:
    """What a person hands to `fit` besides how long.

    Args:
        x, y: the rows.
        validation_data: (x, y) or (x, y, sample_weight), None for none of their own.
        sample_weight, class_weight: how much rows count.
        initial_epoch: the number of the first epoch.
        verbose: False is silent.
    """

    x: Any
    y: Any
    validation_data: Any = None
    sample_weight: Any = None
    class_weight: Any = None
    initial_epoch: int = 0
    verbose: bool = True


def train(state: State, recipe: Recipe, wish: Wish) -> History:
    """Train a model on arrays.

    Args:
        state: compiled.
        recipe: how; its epochs are counted from 0, `wish.initial_epoch` among them.
        wish: on what.

    Raises:
        Refused: for what is wrong with the rows, before the first step, or if the loss runs away.
    """
    rows, held, split = _sides(state, recipe, wish)
    found = [*rows.found, *(held.found if held else ())]
    found += unweighed(state.report.mapping, wish.sample_weight)
    found += idle(rows.weights, rows.dataset.masks)
    found += fits_memory(state.report, recipe, rows.dataset)
    if errors(found):
        raise Refused(*found)
    notify(found)
    state.fitted, state.trained_on = rows.dataset.fitted, rows.mark
    state.blank = False
    live = state.awake()
    live.settle()
    more = recipe.epochs - wish.initial_epoch
    history = History(split=split, notes=tuple(map(in_python, found)), ended="all epochs are done")
    if more > 0:
        training = _training(live, recipe, more, rows, held)
        _run(state, training, wish, history, (rows.order, recipe.epochs))
    return history


def _sides(state: State, recipe: Recipe, wish: Wish) -> tuple[Fed, Fed | None, str]:
    """Return the rows to train on, those held back, and how they came apart."""
    ports = Ports.of(state)
    apart = wish.validation_data
    whole = feed(ports, wish.x, wish.y, training=True, fitted=state.fitted)
    count = whole.dataset.rows
    share = 0.0 if apart is not None else recipe.validation_split
    split = _last(count, share) if share else None
    weights = sample_weights(wish.sample_weight, ports.trained, count)
    if split is not None:
        return _held_back(state, wish, whole, weights, split)
    by_class = class_weights(wish.class_weight, ports.heads, whole.dataset)
    rows = replace(whole, weights=multiplied(weights, by_class))
    if apart is None:
        return rows, None, f"trained on {count:,} rows, none held back"
    x, y, *more = _pair(apart)
    held = feed(ports, x, y, fitted=whole.dataset.fitted)
    own = sample_weights(more[0] if more else None, ports.trained, held.dataset.rows)
    told = f"trained on {count:,} rows, validated on {held.dataset.rows:,} others"
    return rows, replace(held, weights=own), told


def _held_back(
    state: State, wish: Wish, whole: Fed, weights: Weights, split: Sides
) -> tuple[Fed, Fed, str]:
    """Part the rows; what is measured on them is measured on those to train on."""
    ports = Ports.of(state)
    by_class = class_weights(wish.class_weight, ports.heads, whole.dataset, split.train)
    if state.fitted is None and _fits(state):
        whole = feed(ports, wish.x, wish.y, training=True, train=split.train)
    told = f"trained on the first {len(split.train):,} rows, validated on the last "
    return (
        _taken(whole, split.train, multiplied(weights, by_class)),
        replace(_taken(whole, split.validation, weights), found=(), order=""),
        told + f"{len(split.validation):,}",
    )


def _pair(validation_data: Any) -> tuple[Any, ...]:
    """Return rows that are apart as (x, y), or as (x, y, sample_weight).

    Raises:
        Refused: it is neither.
    """
    if isinstance(validation_data, list | tuple) and len(validation_data) in (2, 3):
        return tuple(validation_data)
    raise Refused(
        Diagnostic(
            "param-invalid",
            "validation_data is neither (x, y) nor (x, y, sample_weight)",
            param="validation_data",
            found=type(validation_data).__name__,
            expected="two or three entries",
            fixes=(Fix("Write validation_data=(x, y)."),),
        )
    )


def _last(rows: int, share: float) -> Sides:
    """Hold the last rows back, as Keras does.

    Raises:
        Refused: if one side would be empty.
    """
    first = int(rows * (1 - share))
    if first in (0, rows):
        split_rows(rows, share if first else 1.0, 0)
    order = np.arange(rows, dtype=np.int64)
    return Sides(order[:first], order[first:])


def _fits(state: State) -> bool:
    """Return whether anything is measured on the rows to train on alone."""
    mapping = state.report.mapping
    sources = [*mapping.inputs.values(), *mapping.targets.values()] if mapping else []
    balanced = any(head.balanced for head in state.report.heads.values())
    return balanced or any(source.scale for source in sources)


def _taken(fed: Fed, rows: NDArray[np.int64], weights: Weights) -> Fed:
    some = {name: array[rows] for name, array in weights.items()}
    return replace(fed, dataset=fed.dataset.take(rows), weights=some)


def _training(live: Live, recipe: Recipe, more: int, rows: Fed, held: Fed | None) -> Training:
    """Return a training that goes on where the last one ended; only the rules begin anew."""
    done = live.progress
    epoch = done.epoch
    live.progress = Progress(done.step, done.updates, epoch, plateau=done.plateau)
    return Training(
        live.network,
        recipe.model_copy(update={"epochs": epoch - 1 + more}),
        live.optimizer,
        live.feed(rows.dataset, rows.weights, recipe.batch_size),
        live.feed(held.dataset, held.weights, recipe.batch_size) if held else None,
        live.place,
        live.progress,
        balance=live.balance,
    )


def _run(
    state: State, training: Training, wish: Wish, history: History, told: tuple[str, int]
) -> None:
    naming = Naming.of(state)
    order, epochs = told
    offset = wish.initial_epoch - training.progress.epoch
    best: dict[str, Array] | None = None
    if wish.verbose:
        say(f"{history.split}\n" + (f"{order}\n" if order else ""))
    for event in fit(training):
        if isinstance(event, BestFound) and _restores(training.recipe):
            best = training.network.get_weights()
        elif isinstance(event, EpochDone):
            scores = naming.named(in_own_units(state, state.fitted, event.train))
            if event.validation:
                scores |= validated(
                    naming.named(in_own_units(state, state.fitted, event.validation))
                )
            history.add(event.epoch + offset, scores)
            if wish.verbose:
                number = event.epoch + offset + 1
                say(f"Epoch {number}/{epochs} - {event.seconds:.1f}s - {line(scores)}\n")
        elif isinstance(event, RunFailed):
            raise Refused(diagnostic_of(event.diagnostic))
        elif isinstance(event, RunFinished):
            history.ended = event.reason
    if best is not None:
        training.network.set_weights(best)


def _restores(recipe: Recipe) -> bool:
    return recipe.stopping is not None and recipe.stopping.restore_best
