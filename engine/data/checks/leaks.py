"""Checks for leaks: a column that tells the target, and validation rows that are trained on.

Leaks make scores too good: on new rows, the column is not known yet, or the rows are others.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import ceil

import numpy as np
from numpy.typing import NDArray

from engine.core.diagnostic import Diagnostic, Fix
from engine.data.checks.fixes import leave_out_fix
from engine.data.dataset.dataset import Dataset
from engine.data.encoders import Encoder, column_features
from engine.data.preprocessing.class_weights import class_ids
from engine.data.table.array import Array
from engine.data.table.chunks import row_blocks
from engine.objectives.head import Head
from engine.recipe.data_mapping import DataMapping

SAMPLE_ROWS = 20_000  # rows among which a column that tells the target is looked for
MIN_ROWS = 100  # with fewer rows, a column may tell the target by chance
MIN_EXPLAINED = 0.9995
MIN_GROUP_ROWS = 5  # mean number of rows with the same value, so that it is no identifier
MAX_FEATURES = 64  # of a column; more are an image or a text
MAX_SHARED = 0.1  # share of validation rows that may also be training rows
MAX_CHANCE = 0.1  # part of the equal rows that may be equal by chance
MAX_BYTES = 2**30  # size of the rows that are compared


def column_leaks(
    heads: Mapping[str, Head], train: Dataset, mapping: DataMapping
) -> Iterator[Diagnostic]:
    """Yield a warning for each input column that determines a target almost alone.

    At most `SAMPLE_ROWS` evenly spaced training rows are looked at.
    """
    count = min((len(array) for array in train.targets.values()), default=0)
    if count < MIN_ROWS or mapping.windows is not None:
        return
    sample = np.unique(np.linspace(0, count - 1, min(count, SAMPLE_ROWS)).astype(np.int64))
    targets = {
        name: target
        for name, values in train.targets.items()
        if (target := _target(heads[name], values[sample])) is not None
    }
    for port, values in train.inputs.items():
        if values.ndim > 2:
            continue
        source, block = mapping.source("inputs", port), values[sample].reshape(len(sample), -1)
        parts = _features_by_column(train.fitted.inputs.get(port), source.column_names, block)
        for index, features in enumerate(parts):
            for output, target in targets.items():
                mask = train.masks.get(output)
                keep = slice(None) if mask is None else np.asarray(mask[sample]).reshape(-1) > 0
                explained = _explained(features[keep], target[keep], heads[output])
                if explained >= MIN_EXPLAINED:
                    fix = leave_out_fix(port, source, index, [block.shape[1] - features.shape[1]])
                    yield _column_leak(source.column_names[index], output, explained, fix)


def _target(head: Head, values: Array) -> Array | None:
    """Return one number or class id per row; None for targets of several values."""
    if head.target_form in ("index", "onehot"):
        ids = class_ids(head.target_form, values)
        return ids if ids.ndim == 1 else None
    flat = values.reshape(len(values), -1)
    return flat[:, 0] if flat.shape[1] == 1 else None


def _features_by_column(
    encoder: Encoder | None, names: tuple[str, ...], block: Array
) -> list[Array]:
    """Return the features of each column of an Input; [] if they can't be told apart."""
    if len(names) == 1:
        return [block]
    widths = [len(features) for features in column_features(encoder, names, block.shape[1])]
    return np.split(block, np.cumsum(widths)[:-1].tolist(), axis=1) if widths else []


def _explained(features: Array, target: Array, head: Head) -> float:
    """Return the share of the target that a column explains, from 0 to 1.

    A column with few values explains what is equal in all rows of a value: the class, or else the
    variance. Another number explains as much as its rank correlation with the target, squared.
    """
    rows, width = features.shape
    if rows < MIN_ROWS or width > MAX_FEATURES:
        return 0.0
    _, groups = np.unique(features, axis=0, return_inverse=True)
    groups = groups.reshape(-1)
    values, ids = np.unique(target, return_inverse=True)
    is_class = head.target_form != "number"
    group_count = int(groups.max()) + 1
    if len(values) < 2 or group_count < 2:
        return 0.0
    if group_count * MIN_GROUP_ROWS > rows:
        is_ranked = width == 1 and not is_class
        return float(np.corrcoef(groups, ids)[0, 1] ** 2) if is_ranked else 0.0
    if is_class:
        cells, counts = np.unique(groups * len(values) + ids, return_counts=True)
        largest = np.zeros(group_count)
        np.maximum.at(largest, cells // len(values), counts)
        usual = np.bincount(ids).max()
        return float((largest.sum() - usual) / (rows - usual))
    numbers = target.astype(np.float64)
    means = np.bincount(groups, numbers) / np.bincount(groups)
    return float(1 - np.var(numbers - means[groups]) / np.var(numbers))


def _column_leak(name: str, output: str, explained: float, fix: Fix) -> Diagnostic:
    return Diagnostic.warning(
        "target-leak",
        f'column "{name}" alone predicts the target almost perfectly',
        fix,
        "Keep it if it is known at prediction time.",
        node=output,
        place=f"column {name}",
        found=f"{explained:.2%} of the target is explained by it",
        expected="inputs that are known at prediction time",
    )


def shared_rows(train: Dataset, validation: Dataset, is_same_table: bool) -> Iterator[Diagnostic]:
    """Yield a warning if many validation rows are training rows, too.

    Rows are compared by hashes of inputs and targets, chunk by chunk. Streamed and very large
    tables are not compared. In tables of few categories, rows are equal by chance.
    """
    count = validation.row_count
    if not is_same_table:
        arrays = [*train.inputs.values(), *train.targets.values()]
        is_large = sum(array.nbytes for array in arrays) > MAX_BYTES
        if is_large or train.is_streamed or not count:
            return
        count = int(np.isin(_row_hashes(validation), _row_hashes(train)).sum())
        if _expected_equal_rows(train) * validation.row_count > MAX_CHANCE * count:
            return
    if count <= MAX_SHARED * validation.row_count:
        return
    same = "are also training rows, so their scores say little about new rows"
    equal = "are equal to training rows, so their scores may be optimistic"
    yield Diagnostic.warning(
        "rows-in-both",
        f"validation rows {same if is_same_table else equal}",
        Fix("Name other rows with --validation, or hold out a fraction of the table.")
        if is_same_table
        else Fix("If repeated rows are mistakes, remove them, as with drop_duplicates()."),
        found=f"{count:,} of {validation.row_count:,} validation rows are trained on",
        expected="validation rows that are not trained on",
    )


def _expected_equal_rows(train: Dataset) -> float:
    """Return how many training rows equal a new row by chance, if all features are independent."""
    expected = float(train.row_count)
    for array in (*train.inputs.values(), *train.targets.values()):
        block = np.asarray(array[:: ceil(10 * len(array) / SAMPLE_ROWS)])
        for feature in block.reshape(len(block), -1).T[:MAX_FEATURES]:
            shares = np.unique(feature, return_counts=True)[1] / len(block)
            expected *= float((shares**2).sum())
    return expected


def _row_hashes(data: Dataset) -> NDArray[np.int64]:
    """Return a hash of the inputs and targets of each row."""
    arrays = [*data.inputs.values(), *data.targets.values()]
    hashes: list[int] = []
    for start, block in row_blocks(arrays[0]):
        rows = slice(start, start + len(block))
        parts = [np.ascontiguousarray(array[rows]).reshape(len(block), -1) for array in arrays]
        content = np.hstack([part.view(np.uint8) for part in parts])
        hashes += map(hash, content.view(f"V{content.shape[1]}")[:, 0].tolist())
    return np.array(hashes)
