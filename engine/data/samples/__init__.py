"""Example data: one sample for each template. All samples but the penguins are generated.

A sample folder holds training and test rows as .npz or .csv files, and sample.json with the best
scores that any network can reach. `open_table`, called with the folder, reads the training rows.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Mapping
from functools import partial
from io import StringIO
from pathlib import Path

import numpy as np

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

_Seeded = Callable[[int | None, int], Sample]  # of the number of training rows, and the seed
_Generator = Callable[[np.random.Generator, int, int], Sample]  # of training and of test rows


def _seeded(usual_rows: int, generate: _Generator) -> _Seeded:
    return lambda rows, seed: generate(
        np.random.Generator(np.random.Philox(seed)), rows or usual_rows, TEST_ROWS
    )


def _alike(columns: Callable[[np.random.Generator, int], Arrays], *exact: str) -> _Generator:
    """Return the generator of a sample whose training and test rows are generated alike.

    `exact` are the outputs whose classes a network can predict without any error.
    """
    best = {output: {"accuracy": 1.0} for output in exact}
    return lambda rng, rows, held_out: Sample(columns(rng, rows), columns(rng, held_out), best)


_GENERATORS: Mapping[str, _Seeded] = {
    "sequential": _seeded(1_000, gaussian_clusters),
    "question-answering": _seeded(10_000, _alike(question_answering, "answer")),
    "posts": _seeded(6_000, partial(posts, length=100)),
    "posts-longer": _seeded(6_000, partial(posts, length=300)),
    "penguins": penguins,
    "residual": _seeded(4_000, _alike(shape_images, "figure")),
    "inception": _seeded(4_000, _alike(signals, "wave", "clicks")),
    "siamese": _seeded(6_000, _alike(sentence_pairs, "same")),
    "two-cameras": _seeded(4_000, _alike(stereo_images)),
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
