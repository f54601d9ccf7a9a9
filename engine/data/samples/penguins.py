"""Penguins of the Palmer Archipelago: body measures, island, species, sex and mass.

Source: palmerpenguins; resources/examples/penguins-LICENSE.txt has the citation.
"""

from __future__ import annotations

import csv
import io
from importlib.resources import files

import numpy as np

from engine.data.samples.base import Sample
from engine.data.splits.random import permutation
from engine.data.table.number_parser import MISSING_WORDS

HELD_OUT = 0.25
UNUSED = "year"  # of the measurement: it tells nothing about the bird


def penguins(rows: int | None, seed: int) -> Sample:
    """Shuffle the penguins that lack nothing, and hold a quarter of them out.

    Args:
        rows: to train on, at most; all but the quarter if left out.
        seed: of the order.
    """
    text = (files("resources") / "examples" / "penguins.csv").read_text(encoding="utf-8")
    header, *all_rows = csv.reader(io.StringIO(text))
    whole = [cells for cells in all_rows if not MISSING_WORDS.intersection(cells)]
    held = round(len(whole) * HELD_OUT)
    order = permutation(len(whole), seed)
    table = np.array(whole, object)[order]
    test, train = table[:held], table[held:][:rows]
    places = {name: place for place, name in enumerate(header) if name != UNUSED}
    return Sample(
        {name: train[:, place] for name, place in places.items()},
        {name: test[:, place] for name, place in places.items()},
        dropped=len(all_rows) - len(whole),
    )
