"""Predictions as columns that a person can read: labels, probabilities, numbers in their unit."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.core.atomic import write_bytes
from engine.core.diagnostic import Diagnostic, Fix, Refused
from engine.data.encoders import Boolean, Category, Encoder, Multilabel, Number
from engine.data.fitted import Fitted
from engine.graph.names import unique
from engine.objectives.head import Head

Array = NDArray[Any]
Columns = dict[str, Array]
ENDINGS = (".csv", ".npz")
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\0")


def columns(heads: list[Head], predicted: Mapping[str, Array], fitted: Fitted) -> Columns:
    """Answer the columns of a table of predictions, by name, one row per row predicted.

    A class gives its label under the output's name and its probability under
    "<output>_probability"; of several labels that may hold at once each has a probability of its
    own, "<output>_<label>". A number stands in the column's own unit; an answer with more axes is
    spread over "<output>_0", "<output>_1" and so on. Where another output has such a name, that
    one keeps it, and the column says whose it is: "age_probability_of_age".
    """
    answer: Columns = {}
    own = {head.name for head in heads}
    for head in heads:
        encoder = fitted.targets.get(head.name)
        for name, values in _of_head(head, predicted[head.name], encoder):
            taken = (own | answer.keys()) - {head.name}
            free = unique(f"{name}_of_{head.name}", taken) if name in taken else name
            answer[free] = values
    return answer


def _of_head(head: Head, values: Array, encoder: Encoder | None) -> Iterator[tuple[str, Array]]:
    flat = values.reshape(len(values), -1)
    if isinstance(encoder, Multilabel):
        yield head.name, encoder.inverse(flat)
        for label, share in zip(encoder.labels, flat.T, strict=True):
            yield f"{head.name}_{label}", share
    elif head.classes and head.form == "binary":
        yield head.name, _yes_or_no(head, flat[:, 0], encoder)
        yield f"{head.name}_probability", flat[:, 0]
    elif head.classes and values.ndim == 2:
        yield head.name, _best_class(head, flat, encoder)
        yield f"{head.name}_probability", flat.max(axis=1)
    else:
        numbers = encoder.inverse(values) if isinstance(encoder, Number) else values
        flat = np.asarray(numbers).reshape(len(values), -1)
        names = [head.name] if flat.shape[1] == 1 else _numbered(head.name, flat.shape[1])
        yield from zip(names, flat.T, strict=True)


def _numbered(name: str, count: int) -> list[str]:
    return [f"{name}_{place}" for place in range(count)]


def _yes_or_no(head: Head, probability: Array, encoder: Encoder | None) -> Array:
    if isinstance(encoder, Boolean):
        return encoder.inverse(probability)
    yes: Array = (probability >= 0.5).astype(np.int64)
    return np.array(head.labels, object)[yes] if len(head.labels) == 2 else yes


def _best_class(head: Head, probabilities: Array, encoder: Encoder | None) -> Array:
    if isinstance(encoder, Category):
        return encoder.inverse(probabilities)
    best: Array = probabilities.argmax(axis=1)
    return np.array(head.labels, object)[best] if head.labels else best


def write_columns(path: Path, table: Columns) -> None:
    """Write predictions as .csv or .npz, by the name's ending.

    Raises:
        Refused: for another ending, or if the file can't be written.
    """
    refuse_other_endings(path)
    as_text = path.suffix.lower() == ".csv"
    write_bytes(path, _csv(table).encode() if as_text else _npz(table))


def refuse_other_endings(path: Path) -> None:
    """Say so early that predictions can't be written to a file of such a name.

    Raises:
        Refused: unless it ends in .csv or .npz.
    """
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        raise Refused(_unknown_ending(path, ending))


def _csv(table: Columns) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([_harmless(name) for name in table])
    writer.writerows(zip(*(map(_cell, column) for column in table.values()), strict=True))
    return text.getvalue()


def _harmless(text: str) -> str:
    """Keep a spreadsheet from taking a text for a formula (CWE-1236)."""
    return f"'{text}" if text.startswith(FORMULA) else text


def _cell(value: object) -> object:
    if isinstance(value, str):
        return _harmless(value)
    # The shortest digits that read back as the same number of its own kind.
    return str(value).removesuffix(".0") if isinstance(value, float | np.floating) else value


def _npz(table: Columns) -> bytes:
    """Answer the columns as an .npz; texts become fixed-width, since objects would be pickled.

    Why: numpy.savez takes names as keywords, and would trip over an output called "file".
    """
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, column in table.items():
            plain = column.astype(str) if column.dtype == object else column
            with archive.open(f"{name}.npy", "w") as member:
                np.lib.format.write_array(member, np.ascontiguousarray(plain), allow_pickle=False)
    return data.getvalue()


def _unknown_ending(path: Path, ending: str) -> Diagnostic:
    return Diagnostic(
        "data-format",
        f'"{path.name}" is of no kind that can be written',
        place=str(path),
        found=ending or "a name without an ending",
        expected=".csv or .npz",
        fixes=(Fix(f"Call it {path.stem or 'predictions'}.csv."),),
    )
