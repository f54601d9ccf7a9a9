"""The contenders of other libraries, with their default settings."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from tests.bench.real_sets import scores
from tests.bench.real_sets.catalogue import RealSet
from tests.bench.real_sets.scores import Scores, label

if TYPE_CHECKING:
    from pandas import DataFrame

MISSING = "missing"
MOST_CATEGORIES = 250  # HistGradientBoosting takes up to 255


def features(of: RealSet, frame: DataFrame) -> DataFrame:
    """Return the inputs: numbers as floats, dates as four numbers, everything else as text."""
    import pandas as pd

    result = {}
    for name, column in frame.drop(columns=list(of.targets)).items():
        if pd.api.types.is_datetime64_any_dtype(column):
            days = (column - pd.Timestamp(0)) / pd.Timedelta(days=1)
            result[f"{name} day"] = days
            for part in ("month", "day_of_year", "hour"):
                result[f"{name} {part}"] = getattr(column.dt, part).astype(float)
        elif pd.api.types.is_numeric_dtype(column):
            result[name] = column.astype("float64")
        else:
            result[name] = column.astype(object).where(column.notna(), MISSING).astype(str)
    return pd.DataFrame(result, index=frame.index)


def _columns(of: RealSet, inputs: DataFrame) -> tuple[list[str], list[str], list[str]]:
    """Return the names of the columns of numbers, of categories and of words."""
    numbers = [name for name in inputs if inputs[name].dtype.kind == "f"]
    words = [name for name in inputs if name in of.text]
    return numbers, [name for name in inputs if name not in (*numbers, *words)], words


def linear(of: RealSet, inputs: DataFrame, is_class: bool) -> Any:
    from sklearn.compose import ColumnTransformer
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression, Ridge
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    numbers, categories, words = _columns(of, inputs)
    filled = SimpleImputer(strategy="median", keep_empty_features=True)
    encoders = [
        ("numbers", make_pipeline(filled, StandardScaler()), numbers),
        ("categories", OneHotEncoder(handle_unknown="ignore"), categories),
        *((name, TfidfVectorizer(), name) for name in words),
    ]
    model = LogisticRegression(max_iter=1000) if is_class else Ridge()
    return make_pipeline(ColumnTransformer(encoders), model)


def hist_gradient_boosting(of: RealSet, inputs: DataFrame, is_class: bool) -> Any:
    from sklearn.compose import ColumnTransformer
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OrdinalEncoder

    numbers, categories, _ = _columns(of, inputs)
    codes = OrdinalEncoder(
        handle_unknown="use_encoded_value", unknown_value=np.nan, max_categories=MOST_CATEGORIES
    )
    encoders = [("categories", codes, categories), ("numbers", "passthrough", numbers)]
    kind = HistGradientBoostingClassifier if is_class else HistGradientBoostingRegressor
    model = kind(categorical_features=list(range(len(categories))), random_state=0)
    return make_pipeline(ColumnTransformer(encoders), model)


class LightGBM:
    """LightGBM on columns of categories; a category that it has not seen counts as missing."""

    def __init__(self, of: RealSet, inputs: DataFrame, is_class: bool) -> None:
        from lightgbm import LGBMClassifier, LGBMRegressor

        self.numbers, self.categories, _ = _columns(of, inputs)
        self.model = (LGBMClassifier if is_class else LGBMRegressor)(verbose=-1, random_state=0)

    def fit(self, inputs: DataFrame, known: list[Any]) -> LightGBM:
        import pandas as pd

        self.dtypes = {n: pd.CategoricalDtype(inputs[n].unique()) for n in self.categories}
        self.model.fit(self._encoded(inputs), known)
        self.classes_ = getattr(self.model, "classes_", None)
        return self

    def _encoded(self, inputs: DataFrame) -> DataFrame:
        encoded = inputs[self.numbers + self.categories].astype(self.dtypes)
        return encoded.set_axis([f"x{index}" for index in range(encoded.shape[1])], axis=1)

    def predict(self, inputs: DataFrame) -> np.ndarray:
        return self.model.predict(self._encoded(inputs))

    def predict_proba(self, inputs: DataFrame) -> np.ndarray:
        return self.model.predict_proba(self._encoded(inputs))


def cat_boost(of: RealSet, inputs: DataFrame, is_class: bool) -> Any:
    from catboost import CatBoostClassifier, CatBoostRegressor

    _, categories, words = _columns(of, inputs)
    return (CatBoostClassifier if is_class else CatBoostRegressor)(
        cat_features=categories, text_features=words, verbose=0, allow_writing_files=False,
        random_seed=0,
    )  # fmt: skip


def baseline(of: RealSet, inputs: DataFrame, is_class: bool) -> Any:
    from sklearn.dummy import DummyClassifier, DummyRegressor

    return DummyClassifier(strategy="prior") if is_class else DummyRegressor()


BASELINE = "baseline"
PEERS: dict[str, Callable[[RealSet, DataFrame, bool], Any]] = {
    BASELINE: baseline,
    "linear": linear,
    "HistGradientBoosting": hist_gradient_boosting,
    "LightGBM": LightGBM,
    "CatBoost": cat_boost,
}


def compete(name: str, of: RealSet, train: DataFrame, test: DataFrame) -> dict[str, Any]:
    """Fit one model for each target and return scores, wall and CPU seconds."""
    began, work = time.perf_counter(), time.process_time()
    inputs, asked = features(of, train), features(of, test)
    found: dict[str, Scores] = {}
    for target in of.targets:
        is_class = target in of.classes
        known = [label(v) for v in train[target]] if is_class else train[target].astype(float)
        model = PEERS[name](of, inputs, is_class).fit(inputs, known)
        if not is_class:
            found[target] = scores.of_numbers(test[target], model.predict(asked))
            continue
        chances, classes = model.predict_proba(asked), list(model.classes_)
        predicted = [classes[index] for index in chances.argmax(axis=1)]
        places = {each: index for index, each in enumerate(classes)}
        of_known = [
            row[places[label(value)]] if label(value) in places else 0.0
            for row, value in zip(chances, test[target], strict=True)
        ]
        found[target] = scores.of_classes(test[target], predicted, np.array(of_known))
    spent = {"wall": time.perf_counter() - began, "cpu": time.process_time() - work}
    return {"scores": found, **spent}
