"""Data sets as data frames: read from their packages, split, and written for our engine."""

from __future__ import annotations

import importlib
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench.real_sets.catalogue import RealSet

if TYPE_CHECKING:
    from pandas import DataFrame

FEWEST_ROWS_OF_A_CLASS = 10
LAGS = 24  # years before the predicted one, in "sunspots"
TEST_SHARE = 0.2


def load(of: RealSet) -> DataFrame:
    """Return the rows whose targets are known and whose classes are not too rare to be split."""
    frame = _read(of.source).drop(columns=list(of.drop)).dropna(subset=list(of.targets))
    for target in of.classes:
        counts = frame[target].map(frame[target].value_counts())
        frame = frame[counts >= FEWEST_ROWS_OF_A_CLASS]
    if of.most_rows and len(frame) > of.most_rows:
        frame = frame.sample(of.most_rows, random_state=0).sort_index()
    return frame


def _read(source: str) -> DataFrame:
    package, _, name = source.partition(" ")
    if package == "sklearn":
        return getattr(importlib.import_module("sklearn.datasets"), f"load_{name}")(
            as_frame=True
        ).frame
    if package == "statsmodels":
        module = importlib.import_module(f"statsmodels.datasets.{name}")
        frame = module.load_pandas().data
        return _lagged(frame["SUNACTIVITY"]) if name == "sunspots" else frame
    if package == "vega":
        return getattr(importlib.import_module("vega_datasets").local_data, name)()
    if package == "palmerpenguins":
        return importlib.import_module("palmerpenguins").load_penguins()
    return importlib.import_module(package).data(name)


def _lagged(values) -> DataFrame:
    frame = values.to_frame("next")
    for lag in range(1, LAGS + 1):
        frame[f"lag_{lag}"] = values.shift(lag)
    return frame.dropna()


def split(of: RealSet, frame: DataFrame, seed: int) -> tuple[DataFrame, DataFrame]:
    """Return training and test rows.

    A series is cut in order; each further seed leaves out another twentieth of it at its end.
    """
    from sklearn.model_selection import train_test_split

    if of.is_series:
        known = frame.iloc[: round(len(frame) * (1 - seed / 20))]
        cut = round(len(known) * (1 - TEST_SHARE))
        return known.iloc[:cut], known.iloc[cut:]
    classes = frame[of.classes[0]] if of.classes else None
    train, test = train_test_split(frame, test_size=TEST_SHARE, random_state=seed, stratify=classes)
    return train, test


def digest(train: DataFrame) -> str:
    """Return a checksum of training rows; results for other rows are not used again."""
    return f"{zlib.crc32(train.to_csv().encode()):08x}"


def write(frame: DataFrame, form: str, folder: Path, name: str) -> Path:
    """Write rows in the form that the catalogue names."""
    path = folder / f"{name}.{form.partition(' ')[0]}"
    if form == "parquet":
        frame.to_parquet(path, index=False)
    elif form == "jsonl":
        frame.to_json(path, orient="records", lines=True, date_format="iso")
    else:
        frame.to_csv(path, index=form == "csv with index")
    return path
