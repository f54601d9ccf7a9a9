"""The Palmer penguins: body measurements, island, species, sex and body mass.

Source: palmerpenguins; resources/examples/penguins-LICENSE.txt has the citation.
"""

from __future__ import annotations

import csv
import io
from importlib.resources import files

import numpy as np

from engine.data.samples.base import Sample
from engine.data.splits.random_split import permutation
from engine.data.table.number_parser import MISSING_WORDS

TEST_FRACTION = 0.25
UNUSED_COLUMN = "year"  # the year of the measurement


def penguins(rows: int | None, seed: int) -> Sample:
    """Return the penguins without missing values in random order; a quarter of them is for tests.

    `rows` is the maximum number of training rows.
    """
    text = (files("resources") / "examples" / "penguins.csv").read_text(encoding="utf-8")
    header, *all_rows = csv.reader(io.StringIO(text))
    complete = [cells for cells in all_rows if not MISSING_WORDS.intersection(cells)]
    test_count = round(len(complete) * TEST_FRACTION)
    order = permutation(len(complete), seed)
    table = np.array(complete, object)[order]
    test, train = table[:test_count], table[test_count:][:rows]
    indices = {name: index for index, name in enumerate(header) if name != UNUSED_COLUMN}
    return Sample(
        {name: train[:, index] for name, index in indices.items()},
        {name: test[:, index] for name, index in indices.items()},
        dropped=len(all_rows) - len(complete),
    )
