"""From a table that somebody has to predictions in their own words, without a line of code."""

import csv
import json

import numpy as np
import pytest

ROWS = 240
WORDS = {"praise": ["lovely", "great", "warm"], "blame": ["cold", "late", "broken"]}


@pytest.fixture
def letters(tmp_path):
    """A CSV of letters: text, numbers with holes, a city, a date; mood, mark and tone follow."""
    rng = np.random.default_rng(2)
    rows = [["id", "letter", "pages", "city", "sent", "mood", "cost", "tags"]]
    for number in range(ROWS):
        mood = ["praise", "blame"][rng.integers(0, 2)]
        pages = rng.integers(1, 30)
        cost = 2 * pages + rng.normal()
        text = " ".join(rng.choice(WORDS[mood], 6)) + ", yours."
        city = f"city {rng.integers(0, 12)}"
        day = np.datetime64("2024-01-01") + rng.integers(0, 300)
        tags = "|".join(sorted({mood, f"t{pages % 2}"}))
        rows.append([number, text, pages if number % 11 else "", city, day,
                     mood if number % 7 else "", f"{cost:.2f}", tags])  # fmt: skip
    with (tmp_path / "letters.csv").open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    return tmp_path


def test_a_csv_trains_three_outputs_and_answers_in_its_own_words(letters, engine):
    wrote = engine(
        "new", "--from", "letters.csv", "--target", "mood", "--target", "cost", "--target", "tags",
        "net.loom.json",
    )  # fmt: skip
    assert wrote.code == 0
    assert 'info[column-left-out] "id" is left out' in wrote.err
    assert wrote.out == (
        "Wrote net.loom.json: 4 inputs, predicts mood, cost, tags.\n"
        "Next: engine train net.loom.json --data letters.csv\n"
    )
    assert engine("check", "net.loom.json", "--data", "letters.csv").code == 0
    assert engine("train", "net.loom.json", "--data", "letters.csv", "--epochs", 15).code == 0
    scores = engine("evaluate", "runs/net-001", "--data", "letters.csv", "--json").json["scores"]
    assert scores["mood/accuracy"] > 0.9
    assert scores["tags/accuracy"] > 0.7
    assert scores["cost/mae"] < 8
    assert engine(
        "predict", "runs/net-001", "--data", "letters.csv", "--out", "p.csv", "--probabilities"
    ).code == 0  # fmt: skip
    with (letters / "p.csv").open(newline="") as file:
        answers = list(csv.DictReader(file))
    assert len(answers) == ROWS
    assert list(answers[0])[:8] == "id letter pages city sent mood cost tags".split()
    assert [row["id"] for row in answers] == [str(number) for number in range(ROWS)]
    assert {row["mood"] for row in answers} == {"praise", "blame", ""}
    assert {row["mood_predicted"] for row in answers} == {"praise", "blame"}
    assert 0 < float(answers[0]["cost_predicted"]) < 70
    assert set(answers[0]["tags_predicted"].split("|")) <= {"praise", "blame", "t0", "t1"}
    assert {f"tags_probability_{label}" for label in ("praise", "blame", "t0", "t1")} <= answers[
        0
    ].keys()


def test_a_first_graph_has_places_that_do_not_overlap(letters, engine):
    engine("new", "--from", "letters.csv", "--target", "cost", "net.loom.json")
    nodes = json.loads((letters / "net.loom.json").read_text())["view"]["nodes"]
    assert len({tuple(node["at"]) for node in nodes.values()}) == len(nodes) > 8


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--target", "mod", "n.loom.json"], 66, 'Use "mood".'),
        (["n.loom.json"], 66, "no target column is given"),
        (["--target", "letter", "n.loom.json"], 66, "target-unfit"),
        (["--target", "mood"], 2, "the name of the graph file is missing"),
    ],
)
def test_what_can_not_begin_says_why_and_writes_nothing(letters, engine, words, code, said):
    answer = engine("new", "--from", "letters.csv", *words)
    assert answer.code == code
    assert said in answer.err
    assert not (letters / "n.loom.json").exists()


def test_a_file_that_is_there_is_kept(letters, engine):
    (letters / "n.loom.json").write_text("mine")
    words = ("new", "--from", "letters.csv", "--target", "cost", "n.loom.json")
    assert engine(*words).code != 0
    assert (letters / "n.loom.json").read_text() == "mine"
    assert engine(*words, "--force", "--json").json["ok"]
