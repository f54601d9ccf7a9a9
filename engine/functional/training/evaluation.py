"""Scoring and predicting rows, and training on a single batch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from engine.core.diagnostic import Diagnostic, Fix
from engine.core.symbolic.call_site import notify
from engine.data.encoders import Number
from engine.data.preprocessing.fitted_encoders import Fitted
from engine.functional.state.model_state import State
from engine.functional.training.dataset import Fed, Ports, feed
from engine.functional.training.evaluation_result import Score, Scores, line
from engine.functional.training.history import Naming, say
from engine.functional.training.sample_weights import class_weights, multiplied, sample_weights
from engine.runtime.inference.score_units import measure
from engine.runtime.inference.trained_model import HALVES
from engine.runtime.loss_weighting.total_loss import heads_of
from engine.runtime.training.epoch_metrics import Ledger, evaluate
from engine.runtime.training.loop import Training, one_batch

Array = NDArray[Any]


def score(
    state: State, x: Any, y: Any, batch_size: int, sample_weight: Any = None, verbose: bool = False
) -> Score | Scores:
    """Score rows without training.

    Raises:
        Refused: for what is wrong with the rows.
    """
    ports = Ports.of(state)
    state.require_weights()
    fed = feed(ports, x, y, fitted=state.fitted)
    notify(fed.found)
    weights = sample_weights(sample_weight, ports.trained, fed.dataset.rows)
    live = state.awake()
    live.settle()
    batches = live.feed(fed.dataset, weights, batch_size).batches()
    with live.place.autocast():
        found = evaluate(live.network, batches)
    seen = _seen(state, fed)
    own = in_own_units(state, fed.dataset.fitted, found)
    scores = Naming.of(state).unpacked(own, [*fed.found, *seen])
    if verbose:
        which = ", those that fit was given" if seen else ""
        say(f"{fed.dataset.rows:,} rows{which} - {line(scores.to_dict())}\n")
    return scores


def _seen(state: State, fed: Fed) -> list[Diagnostic]:
    """Return the note for rows that the model was trained on."""
    if not fed.mark or fed.mark != state.trained_on:
        return []
    return [
        Diagnostic(
            "scored-on-trained",
            "these are the rows that fit was given, which a network may know by heart",
            severity="info",
            found=f"the same {fed.dataset.rows:,} rows",
            expected="rows that it never saw",
            fixes=(Fix("Hold rows back: fit(..., validation_split=0.2)."),),
        )
    ]


def in_own_units(
    state: State, fitted: Fitted | None, scores: Mapping[str, float]
) -> dict[str, float]:
    """Return scores with the errors of scaled targets in the targets' own units."""
    heads, encoders = state.report.heads, fitted.targets if fitted else {}

    def factor(name: str) -> float:
        output, _, word = name.rpartition("/")
        unit = heads[output].unit if output in heads else ""
        return measure(word, unit, encoders.get(output)).factor

    return {name: value * factor(name) for name, value in scores.items()}


def predict(state: State, x: Any, batch_size: int) -> dict[str, Array]:
    """Return what a model says about each row, by output, in the target's own units.

    Raises:
        Refused: for what is wrong with the rows.
    """
    state.require_weights()
    fed = feed(Ports.of(state), x, fitted=state.fitted, complete=False)
    live = state.awake()
    live.settle()
    live.network.eval()
    parts: dict[str, list[Array]] = {name: [] for name in state.traced.outputs}
    with torch.no_grad(), live.place.autocast():
        for batch in live.feed(fed.dataset, fed.weights, batch_size).batches():
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
) -> Score | Scores:
    """Train or score on one batch, and answer what it was worth before the step.

    Raises:
        Refused: for what is wrong with the rows.
    """
    ports = Ports.of(state)
    fed = feed(ports, x, y, fitted=state.fitted)
    weights = multiplied(
        sample_weights(sample_weight, ports.trained, fed.dataset.rows),
        class_weights(class_weight, ports.heads, fed.dataset),
    )
    live = state.awake()
    live.settle()
    rows = max(fed.dataset.rows, 1)
    batch = next(live.feed(fed.dataset, weights, rows).batches())
    naming, fitted = Naming.of(state), fed.dataset.fitted
    if not training:
        scores = evaluate(live.network, [batch])
        return naming.unpacked(in_own_units(state, fitted, scores))
    state.blank, state.fitted = False, fitted
    empty = live.feed(fed.dataset, fed.weights, rows)
    step = Training(
        live.network, state.recipe, live.optimizer, empty, place=live.place,
        progress=live.progress, balance=live.balance,
    )  # fmt: skip
    ledger = Ledger(heads_of(live.network))
    ledger.add(live.network, one_batch(step, batch), batch)
    return naming.unpacked(in_own_units(state, fitted, ledger.result()))
