"""The examples learn what is in their data: no worse than the usual tool for such a table."""

import csv
from pathlib import Path

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression

from engine.data.splits.random_split import random_split

MEASURES = ("bill_length_mm", "bill_depth_mm", "flipper_length_mm")
ISLANDS = ("Biscoe", "Dream", "Torgersen")
SEEDS = (1, 2, 3)


def table(file: Path) -> dict[str, np.ndarray]:
    with file.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    return {name: np.array([row[name] for row in rows]) for name in rows[0]}


def features(of: dict[str, np.ndarray], like: dict[str, np.ndarray]) -> np.ndarray:
    """Return what the network is fed: standardised measures, and the island one-hot."""
    measures, known = (
        np.stack([each[name].astype(float) for name in MEASURES], axis=1) for each in (of, like)
    )
    scaled = (measures - known.mean(axis=0)) / known.std(axis=0)
    return np.hstack([scaled, np.stack([of["island"] == island for island in ISLANDS], axis=1)])


def usual(train: dict[str, np.ndarray], test: dict[str, np.ndarray]) -> dict[str, float]:
    """Return what logistic and linear regression reach."""
    x, held = features(train, train), features(test, train)
    scores = {
        f"{name}/accuracy": LogisticRegression(max_iter=10_000)
        .fit(x, train[name])
        .score(held, test[name])
        for name in ("species", "sex")
    }
    fitted = LinearRegression().fit(x, train["body_mass_g"].astype(float))
    error = np.abs(fitted.predict(held) - test["body_mass_g"].astype(float))
    return {**scores, "body_mass/mae": float(error.mean())}


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_penguins_are_no_worse_than_logistic_and_linear_regression(seed, engine, tmp_path):
    """Held-out rows; the network's own training rows; 2 points and 5 % are the limits."""
    engine("new", "penguins", "p.loom.json")
    engine("sample", "penguins", "d")
    trained = engine("train", "p.loom.json", "--data", "d", "--set", f"seed={seed}", "--json")
    answer = engine("evaluate", trained.json["run"], "--data", "d/test.csv", "--json")
    scores = answer.json["scores"]
    train = table(tmp_path / "d" / "train.csv")
    rows = random_split(len(train["island"]), 0.2, seed).train
    best = usual({k: c[rows] for k, c in train.items()}, table(tmp_path / "d" / "test.csv"))
    assert scores["species/accuracy"] >= best["species/accuracy"] - 0.02
    assert scores["sex/accuracy"] >= best["sex/accuracy"] - 0.02
    assert scores["body_mass/mae"] <= 1.05 * best["body_mass/mae"]


@pytest.mark.slow
@pytest.mark.timeout(1500)
@pytest.mark.parametrize("name", ["question-answering", "posts"])
def test_an_example_comes_near_the_best_that_can_be_reached(name, engine, tmp_path):
    """Ten epochs; 1,000 rows that it never saw; what the generator knows is the limit."""
    engine("new", name, "g.loom.json")
    engine("sample", name, "d")
    trained = engine("train", "g.loom.json", "--data", "d", "--epochs", "10", "--json")
    answer = engine("evaluate", trained.json["run"], "--data", "d/test.npz", "--json").json
    assert answer["rows"] == 1000
    assert answer["best"], "the sample tells what can be reached"
    for score, best in answer["best"].items():
        if score.endswith("/mae"):
            assert answer["scores"][score] <= 1.25 * best, score
        else:
            assert answer["scores"][score] >= 0.9 * max(best, 1.0), score
    engine("predict", trained.json["run"], "--data", "d/test.npz", "--out", "p.csv")
    with (tmp_path / "p.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert len(rows) == 1000
    outputs = {score.split("/")[0] for score in answer["best"]}
    assert all({name, f"{name}_predicted"} & set(rows[0]) for name in outputs)
