"""Training, scoring and predicting with arrays, through the same loop as `engine train`."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from engine.core.calling import notify
from engine.core.diagnostic import Diagnostic, Fix, Refused, errors
from engine.data.encoders import Number
from engine.data.fitted import Fitted
from engine.data.prepare import fits_memory
from engine.data.splits import Split, split_rows
from engine.events import BestFound, EpochDone, RunFailed, RunFinished
from engine.functional.feeding import Fed, Ports, feed
from engine.functional.live import Live
from engine.functional.results import History, Naming, Scores, line, validated
from engine.functional.state import State
from engine.functional.weighing import class_weights, multiplied, sample_weights
from engine.objectives.head import Head
from engine.recipe.recipe import Recipe
from engine.runtime.feed import Feed
from engine.runtime.ledger import Ledger, evaluate
from engine.runtime.loop import Training, fit, one_batch
from engine.runtime.objective import heads_of
from engine.runtime.progress import Progress
from engine.runtime.trained import HALVES
from engine.runtime.units import measure

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


def ports_of(state: State) -> Ports:
    """Answer what a model is fed by."""
    return Ports(state.report, state.traced.inputs, state.traced.outputs)


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
    found += fits_memory(state.report, recipe, rows.dataset)
    if errors(found):
        raise Refused(*found)
    notify(found)
    state.fitted = rows.dataset.fitted
    live = state.awake()
    live.settle()
    more = recipe.epochs - wish.initial_epoch
    history = History(split=split, notes=tuple(found))
    if more > 0:
        training = _training(live, recipe, more, rows, held)
        _run(state, training, wish, history, (rows.order, recipe.epochs))
    return history


def _sides(state: State, recipe: Recipe, wish: Wish) -> tuple[Fed, Fed | None, str]:
    """Answer the rows to train on, those held back, and how they came apart."""
    ports = ports_of(state)
    apart = wish.validation_data
    share = 0.0 if apart is not None else recipe.validation_split
    whole = feed(ports, wish.x, wish.y, training=True, fitted=None)
    count = whole.dataset.rows
    weights = sample_weights(wish.sample_weight, ports.trained, count)
    by_class = class_weights(wish.class_weight, _trained(state), whole.dataset)
    train_weights = multiplied(weights, by_class)
    if apart is not None:
        x, y, *more = apart
        held = feed(ports, x, y, fitted=whole.dataset.fitted)
        own = sample_weights(more[0] if more else None, ports.trained, held.dataset.rows)
        told = f"trained on {count:,} rows, validated on {held.dataset.rows:,} others"
        return replace(whole, weights=train_weights), replace(held, weights=own), told
    if not share:
        told = f"trained on {count:,} rows, none held back"
        return replace(whole, weights=train_weights), None, told
    split = _last(count, share)
    if _scales(state):
        whole = feed(ports, wish.x, wish.y, training=True, train=split.train)
    told = f"trained on the first {len(split.train):,} rows, validated on the last "
    return (
        _taken(whole, split.train, train_weights),
        replace(_taken(whole, split.validation, weights), found=(), order=""),
        told + f"{len(split.validation):,}",
    )


def _last(rows: int, share: float) -> Split:
    """Hold the last rows back, as Keras does.

    Raises:
        Refused: if one side would be empty.
    """
    first = int(rows * (1 - share))
    if first in (0, rows):
        split_rows(rows, share if first else 1.0, 0)
    order = np.arange(rows, dtype=np.int64)
    return Split(order[:first], order[first:])


def _scales(state: State) -> bool:
    mapping = state.report.mapping
    sources = [*mapping.inputs.values(), *mapping.targets.values()] if mapping else []
    return any(source.scale for source in sources)


def _taken(fed: Fed, rows: NDArray[np.int64], weights: Mapping[str, Array]) -> Fed:
    some = {name: array[rows] for name, array in weights.items()}
    return replace(fed, dataset=fed.dataset.take(rows), weights=some)


def _trained(state: State) -> dict[str, Head]:
    heads = state.report.heads
    return {name: heads[name] for name in ports_of(state).trained}


def _feed(live: Live, fed: Fed, batch_size: int) -> Feed:
    data, place = fed.dataset, live.place
    return Feed(data.inputs, data.targets, batch_size, place.dtype, place.device, fed.weights)


def _training(live: Live, recipe: Recipe, more: int, rows: Fed, held: Fed | None) -> Training:
    """Answer a training that goes on where the last one ended; only the rules begin anew."""
    done = live.progress
    epoch = done.epoch
    live.progress = Progress(done.step, done.updates, epoch, plateau=done.plateau)
    return Training(
        live.network,
        recipe.model_copy(update={"epochs": epoch - 1 + more}),
        live.optimizer,
        _feed(live, rows, recipe.batch_size),
        _feed(live, held, recipe.batch_size) if held else None,
        live.place,
        live.progress,
    )


def _run(
    state: State, training: Training, wish: Wish, history: History, told: tuple[str, int]
) -> None:
    naming = naming_of(state)
    order, epochs = told
    offset = wish.initial_epoch - training.progress.epoch
    best: dict[str, Array] | None = None
    if wish.verbose:
        _say(f"{history.split}\n" + (f"{order}\n" if order else ""))
    for event in fit(training):
        if isinstance(event, BestFound) and _restores(training.recipe):
            best = training.network.get_weights()
        elif isinstance(event, EpochDone):
            scores = naming.named(event.train)
            if event.validation:
                scores |= validated(naming.named(event.validation))
            history.add(event.epoch + offset, scores)
            if wish.verbose:
                number = event.epoch + offset + 1
                _say(f"Epoch {number}/{epochs} - {event.seconds:.1f}s - {line(scores)}\n")
        elif isinstance(event, RunFailed):
            raise Refused(_read(event.diagnostic))
        elif isinstance(event, RunFinished):
            history.ended = event.reason
    if best is not None:
        training.network.set_weights(best)


def _restores(recipe: Recipe) -> bool:
    return recipe.stopping is not None and recipe.stopping.restore_best


def _say(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def _read(plain: Mapping[str, Any]) -> Diagnostic:
    """Answer the finding that an event carries."""
    fixes = tuple(Fix(fix["text"], fix.get("edit")) for fix in plain.get("fixes", ()))
    return Diagnostic(**{**plain, "fixes": fixes})


def naming_of(state: State) -> Naming:
    """Answer how a model's scores are called."""
    heads = [state.report.heads[name] for name in state.traced.outputs]
    return Naming(heads, state.report.project.graph)


def score(
    state: State, x: Any, y: Any, batch_size: int, sample_weight: Any = None, verbose: bool = False
) -> Scores:
    """Score rows without training.

    Raises:
        Refused: for what is wrong with the rows.
    """
    ports = ports_of(state)
    fed = feed(ports, x, y, fitted=state.fitted)
    notify(fed.found)
    weights = sample_weights(sample_weight, ports.trained, fed.dataset.rows)
    live = state.awake()
    live.settle()
    batches = _feed(live, replace(fed, weights=weights), batch_size).batches()
    with live.place.autocast():
        found = evaluate(live.network, batches)
    scores = naming_of(state).unpacked(_in_own_units(state, fed.dataset.fitted, found))
    if verbose:
        _say(f"{fed.dataset.rows:,} rows - {line(scores.to_dict())}\n")
    return scores


def _in_own_units(state: State, fitted: Fitted, scores: Mapping[str, float]) -> dict[str, float]:
    """Answer scores with the errors of standardised targets in the targets' own units."""
    heads = state.report.heads

    def factor(name: str) -> float:
        output, _, word = name.rpartition("/")
        unit = heads[output].unit if output in heads else ""
        return measure(word, unit, fitted.targets.get(output)).factor

    return {name: value * factor(name) for name, value in scores.items()}


def predict(state: State, x: Any, batch_size: int) -> dict[str, Array]:
    """Answer what a model says about each row, by output, in the target's own units.

    Raises:
        Refused: for what is wrong with the rows.
    """
    fed = feed(ports_of(state), x, fitted=state.fitted, complete=False)
    live = state.awake()
    live.settle()
    live.network.eval()
    parts: dict[str, list[Array]] = {name: [] for name in state.traced.outputs}
    with torch.no_grad(), live.place.autocast():
        for batch in _feed(live, fed, batch_size).batches():
            for name, answer in live.network(batch.inputs).items():
                wide = answer.float() if answer.dtype in HALVES else answer
                parts[name].append(wide.cpu().numpy())
    fitted = state.fitted or Fitted()
    return dict(_in_units(parts, fitted))


def _in_units(parts: Mapping[str, list[Array]], fitted: Fitted) -> Iterator[tuple[str, Array]]:
    for name, arrays in parts.items():
        values = np.concatenate(arrays)
        encoder = fitted.targets.get(name)
        yield name, encoder.inverse(values) if isinstance(encoder, Number) else values


def on_batch(
    state: State, x: Any, y: Any, sample_weight: Any, class_weight: Any, training: bool
) -> Scores:
    """Train or score on one batch, and answer what it was worth before the step.

    Raises:
        Refused: for what is wrong with the rows.
    """
    ports = ports_of(state)
    fed = feed(ports, x, y, fitted=state.fitted)
    weights = multiplied(
        sample_weights(sample_weight, ports.trained, fed.dataset.rows),
        class_weights(class_weight, _trained(state), fed.dataset),
    )
    live = state.awake()
    live.settle()
    rows = max(fed.dataset.rows, 1)
    batch = next(_feed(live, replace(fed, weights=weights), rows).batches())
    if training and state.fitted is None:
        state.fitted = fed.dataset.fitted
    if not training:
        return naming_of(state).unpacked(evaluate(live.network, [batch]))
    empty = _feed(live, fed, rows)
    step = Training(
        live.network, state.recipe, live.optimizer, empty, place=live.place, progress=live.progress
    )
    ledger = Ledger(heads_of(live.network))
    ledger.add(live.network, one_batch(step, batch), batch)
    return naming_of(state).unpacked(ledger.result())
