"""Samples: the same seed gives the same bytes, and what is called best can be reached."""

import hashlib
import json

import numpy as np
import pytest

from engine.core.diagnostic import DiagnosticError
from engine.data.readers.table_file import open_table
from engine.data.samples import make_sample, sample_names, write_sample
from engine.data.samples.question_answering import ANSWER_IDS, WORD_IDS
from engine.graph.templates import template_names

ROWS = 60


def digests(folder):
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def test_each_template_has_a_sample():
    assert set(sample_names()) == set(template_names())


@pytest.mark.slow
def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(tmp_path):
    for name in sample_names():
        one, same, other = (tmp_path / name / folder for folder in "abc")
        for folder, seed in ((one, 1), (same, 1), (other, 2)):
            write_sample(name, folder, rows=ROWS, seed=seed)
        assert digests(same) == digests(one), name
        assert not set(digests(other).values()) & set(digests(one).values()), name


@pytest.mark.parametrize("name", sample_names())
def test_a_sample_is_a_folder_of_data_with_held_out_rows(name, tmp_path):
    written = write_sample(name, tmp_path / "deep" / "d", rows=ROWS)
    train = open_table(tmp_path / "deep" / "d")
    test = open_table(tmp_path / "deep" / "d" / written.files[1])
    assert (
        (train.row_count, test.row_count)
        == (written.rows, written.test_rows)
        == (ROWS, test.row_count)
    )
    assert train.columns.keys() == test.columns.keys()
    assert train.notes == ()
    said = json.loads((tmp_path / "deep" / "d" / "sample.json").read_bytes())
    assert said == json.loads(json.dumps(written.to_dict()))
    assert f"{ROWS} rows" in written.lines()[0]


def test_an_unknown_sample_is_refused_with_the_nearest():
    with pytest.raises(DiagnosticError) as refused:
        make_sample("post")
    (found,) = refused.value.diagnostics
    assert (found.code, found.fixes[0].text) == ("sample-unknown", "Use posts.")


def test_a_linear_rule_fitted_to_the_points_comes_near_the_best():
    sample = make_sample("sequential")
    points = np.c_[sample.train["points"], np.ones(1_000)]
    rule = np.linalg.lstsq(points, sample.train["label"], rcond=None)[0]
    held = np.c_[sample.test["points"], np.ones(1_000)]
    hits = (held @ rule).argmax(axis=1) == sample.test["label"].argmax(axis=1)
    best = sample.best["label"]["accuracy"]
    assert 0.95 < best <= 1
    assert best - 0.05 < hits.mean() <= best + 0.01


def test_each_answer_is_the_last_place_of_the_one_asked_for():
    sample = make_sample("question-answering", rows=300)
    word = {number: text for text, number in WORD_IDS.items()}
    place = {number: text for text, number in ANSWER_IDS.items()}
    for story, question, answer in zip(
        *(sample.train[name] for name in ("text", "question", "answer")), strict=True
    ):
        words = [word[number] for number in story if number]
        asked = word[question[-1]]
        last = len(words) - 1 - words[::-1].index(asked)
        assert words[last + 4] == place[int(answer.argmax())]
    assert sample.train["answer"].shape == (300, 500)
    assert {sample.train[name].dtype.name for name in ("text", "question")} == {"int32"}


@pytest.mark.parametrize(("name", "length"), [("posts", 100), ("posts-longer", 300)])
def test_posts_have_the_shapes_that_the_networks_want(name, length):
    columns = make_sample(name, rows=ROWS).train
    assert columns["posts"].shape == (ROWS, length)
    assert columns["posts"].dtype == np.int32
    assert columns["posts"].max() < 50_000
    words = (columns["posts"] > 0).sum(axis=1)
    assert words.min() >= length * 3 // 5
    assert (np.sort(columns["posts"] == 0, axis=1) == (columns["posts"] == 0)).all()
    assert columns["age"].min() >= 18
    assert (columns["income"].sum(axis=1) == 1).all()
    assert set(columns["gender"]) == {0, 1}


@pytest.mark.slow
def test_the_best_for_posts_is_what_a_reader_of_every_word_reaches():
    """A guesser that learns from counts of words comes near the best, and never beats it."""
    sample = make_sample("posts", rows=6_000)
    known = np.zeros((50_000, 12))  # by word: how often, sum of ages, incomes
    train, test = sample.train, sample.test
    for row, ids in enumerate(train["posts"]):
        np.add.at(known[:, 0], ids, 1)
        np.add.at(known[:, 1], ids, float(train["age"][row]))
        np.add.at(known[:, 2:], ids, train["income"][row])
    known[0] = 0
    age = known[:, 1] / np.maximum(known[:, 0], 1)
    share = np.log((known[:, 2:] + 0.1) / (known[:, :1] + 1))
    spread = (age - 42) ** 2 * (
        known[:, 0] > 0
    )  # a word of the middle tells as little as a common one
    guess = np.array([(age[ids] * spread[ids]).sum() / spread[ids].sum() for ids in test["posts"]])
    best = sample.best["age"]["mae"]
    untold = np.abs(test["age"] - np.median(train["age"])).mean()
    assert best < np.abs(guess - test["age"]).mean() < 1.6 * best
    assert 2 < best < 0.5 * untold
    income = np.array([share[ids].sum(axis=0).argmax() for ids in test["posts"]])
    hits = (income == test["income"].argmax(axis=1)).mean()
    assert (
        sample.best["income"]["accuracy"] - 0.03 < hits <= sample.best["income"]["accuracy"] + 0.01
    )
    assert 0.95 < sample.best["income"]["accuracy"] < 1
    assert sample.best["gender"]["accuracy"] == 1.0


def test_penguins_that_lack_a_value_are_left_out_and_counted(tmp_path):
    written = write_sample("penguins", tmp_path)
    assert (written.rows, written.test_rows, written.dropped) == (250, 83, 11)
    assert "Left out 11 rows" in "\n".join(written.lines())
    columns = open_table(tmp_path).columns
    assert set(columns["species"].to_pylist()) == {"Adelie", "Chinstrap", "Gentoo"}
    assert set(columns["sex"].to_pylist()) == {"female", "male"}
