"""What helps to interpret scores: notes on units and rows, and the best reachable scores."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from engine.core.formatting.urls import absolute_text
from engine.data.readers.shards import TRAIN_FILE_NAMES as FILES
from engine.data.score_units import describe_units
from engine.recipe.split import SUBSETS
from engine.runs.log.event_log import read_events
from engine.runs.state.run_state import fold_events
from engine.runtime.inference.run_splits import EvaluationRows
from engine.runtime.inference.trained_model import TrainedModel

SAMPLE_FILE = "sample.json"


def score_notes(
    trained: TrainedModel, chosen: EvaluationRows, labelled: Mapping[str, int]
) -> Iterator[str]:
    """Yield sentences that help to interpret the scores of the rows `chosen`.

    `labelled` is the number of rows with a target, by output; only for outputs with a target mask.
    """
    yield from _generalization_note(trained, chosen)
    if windows := trained.report.mapping and trained.report.mapping.windows:
        yield (
            f"A window is {windows.past} past rows and the next {windows.ahead}: the first "
            f"{windows.past - 1} rows of a series end none, the last {windows.ahead} lack targets."
        )
    for name, count in labelled.items():
        if count < chosen.dataset.row_count:
            yield (
                f"{name} is scored on the {count:,} of {chosen.dataset.row_count:,} rows that "
                "have a target."
            )
    for head in trained.heads:
        sentence = describe_units(head.name, trained.fitted.targets.get(head.name))
        if sentence:
            yield sentence
    yield from _loss_weight_note(trained)
    split = str(trained.run.record.get("split", ""))
    if split:
        yield f"{split[0].upper()}{split[1:]}."


def _loss_weight_note(trained: TrainedModel) -> Iterator[str]:
    """Yield a note if loss weights changed in training, which makes total losses incomparable."""
    initial = {head.name: head.loss_weight for head in trained.heads if head.loss}
    last = fold_events(read_events(trained.run.path, include_steps=False)).weights.latest
    changed = [name for name, weight in initial.items() if last.get(name, weight) != weight]
    if changed:
        in_file, at_end = (
            ", ".join(f"{name} {weights[name]:g}" for name in changed)
            for weights in (initial, last)
        )
        yield (
            f"The total loss uses the loss weights of the file: {in_file}. The training ended "
            f"with {at_end}, so its total loss is not comparable."
        )


def _generalization_note(trained: TrainedModel, chosen: EvaluationRows) -> Iterator[str]:
    """Yield at most one note on whether the training used the rows that are scored, `chosen`."""
    record = trained.run.record
    splits, paths = record.get("sides", {}), record.get("paths", {})
    is_full_table = chosen.split is None and _data_file(chosen.data_path) == _data_file(
        Path(paths.get("data") or "")
    )
    # Splits whose rows were taken from the training table.
    subsets = [name for name in SUBSETS[1:] if splits.get(name) and not paths.get(name)]
    if is_full_table and subsets:
        yield (
            "Most of these rows were trained on: the scores say little about new rows. "
            f"Score the held-out rows with --split {subsets[-1]}."
        )
    elif is_full_table or chosen.split == "train":
        yield "These rows were trained on: the scores say little about new rows."
    elif chosen.split == "validation":
        if _is_epoch_chosen(trained):
            yield "The epoch was chosen by these rows, so the scores are slightly optimistic."
        else:
            yield "These rows were not trained on."
    elif chosen.split == "test":
        yield "These rows were not used in training."


def _is_epoch_chosen(trained: TrainedModel) -> bool:
    """Return whether scores of the validation rows decided which weights are scored."""
    recipe = trained.report.recipe
    has_stopping_rule = recipe is not None and recipe.stopping is not None
    return has_stopping_rule or trained.loaded_weights == "best"


def _data_file(data: Path) -> Path:
    """Return the absolute path of a table; for a folder with one table file, the file's path."""
    files = [data / name for name in FILES if (data / name).is_file()]
    return Path(absolute_text(files[0] if len(files) == 1 else data))


def best_reachable_scores(data: Path) -> dict[str, float]:
    """Return best reachable scores by name from sample.json beside test table `data`, else {}."""
    with suppress(OSError, ValueError, TypeError, LookupError, AttributeError):
        sample = json.loads((data.parent / SAMPLE_FILE).read_bytes())
        if data.name == sample["files"][1]:
            return {
                f"{output}/{name}": float(score)
                for output, scores in sample["best"].items()
                for name, score in scores.items()
            }
    return {}
