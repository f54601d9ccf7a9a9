"""Example data: one sample for each template. All samples but the penguins are generated.

A sample folder holds training and test rows as .npz or .csv files, and sample.json with the best
scores that any network can reach. `open_table`, called with the folder, reads the training rows.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Mapping
from io import StringIO
from pathlib import Path

from engine.core.diagnostic import diagnostic_error, nearest_word
from engine.core.files.atomic_write import make_folder, write_bytes
from engine.data.samples.base import Arrays, Sample, WrittenSample
from engine.data.samples.clusters import gaussian_clusters
from engine.data.samples.pairs import sentence_pairs
from engine.data.samples.penguins import penguins
from engine.data.samples.pictures import shape_images, stereo_images
from engine.data.samples.posts import posts
from engine.data.samples.question_answering import question_answering
from engine.data.samples.signals import signals
from engine.data.writers.npz import npz_bytes

__all__ = ["Sample", "WrittenSample", "make_sample", "sample_names", "write_sample"]

TEST_ROWS = 1_000

_GENERATORS: Mapping[str, Callable[[int | None, int], Sample]] = {
    "sequential": lambda rows, seed: gaussian_clusters(rows or 1_000, TEST_ROWS, seed),
    "question-answering": lambda rows, seed: question_answering(rows or 10_000, TEST_ROWS, seed),
    "posts": lambda rows, seed: posts(rows or 6_000, TEST_ROWS, seed, length=100),
    "posts-longer": lambda rows, seed: posts(rows or 6_000, TEST_ROWS, seed, length=300),
    "penguins": penguins,
    "residual": lambda rows, seed: shape_images(rows or 4_000, TEST_ROWS, seed),
    "inception": lambda rows, seed: signals(rows or 4_000, TEST_ROWS, seed),
    "siamese": lambda rows, seed: sentence_pairs(rows or 6_000, TEST_ROWS, seed),
    "two-cameras": lambda rows, seed: stereo_images(rows or 4_000, TEST_ROWS, seed),
}


def sample_names() -> list[str]:
    """Return the names of all samples; each is also the name of a template."""
    return list(_GENERATORS)


def make_sample(name: str, rows: int | None = None, seed: int = 1) -> Sample:
    """Return a sample without writing files; arguments as for `write_sample`.

    Raises:
        DiagnosticError: if there is no such sample.
    """
    if name not in _GENERATORS:
        nearest, names = nearest_word(name, _GENERATORS), ", ".join(_GENERATORS)
        raise diagnostic_error(
            "sample-unknown",
            f'there is no sample called "{name}"',
            f"Use {nearest}." if nearest else f"Use one of {names}.",
            found=name,
            expected=names,
        )
    return _GENERATORS[name](rows, seed)


def write_sample(name: str, folder: Path, rows: int | None = None, seed: int = 1) -> WrittenSample:
    """Write a sample into a folder, which is created if necessary.

    Args:
        name: one of `sample_names()`.
        folder: the path of the folder; files of a previous sample are replaced.
        rows: the number of training rows; the default depends on the sample.
        seed: the seed of the random generator; the same seed writes the same files.

    Raises:
        DiagnosticError: if there is no such sample, or the folder can't be written.
    """
    sample = make_sample(name, rows, seed)
    as_text = name == "penguins"
    extension, to_bytes = ("csv", _csv_bytes) if as_text else ("npz", npz_bytes)
    files = (f"train.{extension}", f"test.{extension}")
    make_folder(folder)
    for file, columns in zip(files, (sample.train, sample.test), strict=True):
        write_bytes(folder / file, to_bytes(columns))
    counts = _row_count(sample.train), _row_count(sample.test)
    written = WrittenSample(name, folder, seed, files, *counts, sample.dropped, sample.best)
    text = json.dumps(written.to_dict(), indent=1) + "\n"
    write_bytes(folder / "sample.json", text.encode())
    return written


def _row_count(columns: Arrays) -> int:
    return len(next(iter(columns.values())))


def _csv_bytes(columns: Arrays) -> bytes:
    text = StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(zip(*columns.values(), strict=True))
    return text.getvalue().encode()
