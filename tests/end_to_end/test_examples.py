"""The examples learn what is in their data."""

import csv

import pytest


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
