"""The source notebook on sound data, cell by cell in its own order: only the imports differ."""

from __future__ import annotations

import numpy as np
import pytest

from engine import DiagnosticError, Input, Model
from tests.end_to_end import cells


def test_n2_both_spellings_give_one_graph_and_the_table_of_the_notebook(capsys):
    seq_model, model = cells.sequential(), cells.functional()
    assert seq_model.graph == model.graph
    model.summary()
    shown = capsys.readouterr().out
    for row in ("dense (Dense)", "(None, 32)", "2,080", "1,056", "330", "Total params: 3,466"):
        assert row in shown
    assert [row.params for row in model.table.rows] == [0, 2_080, 1_056, 330]
    assert model.count_params() == 3_466


def test_n8_the_longer_stack_counts_and_says_how_long_its_posts_must_be(capsys):
    model = cells.posts(longer=True)
    assert model.count_params() == 14_146_316
    model.summary()
    assert "posts needs at least 269 steps" in capsys.readouterr().out


def test_n3_a_disconnected_model_is_refused_with_output_input_and_last_layer():
    model = cells.functional()
    unrelated_input = Input(shape=(32,), name="unrelated")
    with pytest.raises(DiagnosticError) as refused:
        Model(unrelated_input, model.output)
    (found,) = refused.value.diagnostics
    assert (found.code, found.node) == ("output-unreached", "dense_2")
    assert "unrelated" in found.message
    assert "but on input" in found.message
    assert found.found == "the last layer that depends on unrelated is unrelated"


def test_n4_it_trains_and_is_scored_by_name():
    model = cells.functional()
    model.compile(optimizer="rmsprop", loss="categorical_crossentropy")
    x_train = np.random.default_rng(0).random((1000, 64))
    y_train = np.eye(10)[x_train[:, :10].argmax(1)]
    history = model.fit(x_train, y_train, epochs=10, batch_size=128, verbose=0)
    losses = history.history["loss"]
    assert len(losses) == 10
    assert losses[-1] < losses[0]
    score = model.evaluate(x_train, y_train, verbose=0)
    assert score.keys() == {"loss"}
    assert float(score) == score["loss"] == score.loss < losses[0]
    assert model.predict(x_train).sum(-1) == pytest.approx(np.ones(1000), abs=1e-5)


def test_n5_two_inputs_are_fed_as_a_list_or_by_name_with_one_result():
    text = cells.ids(48, 20, cells.TEXT_VOCABULARY)
    question = cells.ids(48, 12, cells.QUESTION_VOCABULARY, seed=1)
    answers = cells.one_hot(48, cells.ANSWERS)
    histories = []
    for fed in ([text, question], {"question": question, "text": text}):
        model = cells.question_answering()
        assert model.count_params() == 1_000_052
        model.compile(optimizer="rmsprop", loss="categorical_crossentropy", metrics=["acc"])
        histories.append(model.fit(fed, answers, epochs=2, batch_size=16, verbose=0).history)
    assert histories[0] == histories[1]
    assert histories[0].keys() == {"loss", "acc"}


@pytest.mark.slow
def test_n6_three_outputs_take_losses_as_a_list_or_by_name():
    posts = cells.ids(32, 60, cells.VOCABULARY)
    targets = cells.answers(32)
    histories = []
    for losses in (cells.LOSSES, cells.NAMED_LOSSES):
        model = cells.posts()
        assert model.count_params() == 13_490_444
        assert model.output_names == ("age", "income", "gender")
        model.compile(optimizer="rmsprop", loss=losses)
        fed = list(targets.values()) if losses is cells.LOSSES else targets
        histories.append(model.fit(posts, fed, epochs=1, batch_size=64, verbose=0).history)
    assert histories[0] == histories[1]
    assert list(histories[0]) == ["loss", "age_loss", "income_loss", "gender_loss"]


def test_n7_weights_as_a_list_or_by_name_give_one_run_and_a_weighted_sum():
    posts, targets = cells.ids(64, 60, 200), cells.answers(64)
    runs = []
    for losses, weights in (
        (cells.LOSSES, cells.WEIGHTS),
        (cells.NAMED_LOSSES, cells.NAMED_WEIGHTS),
    ):
        model = cells.posts(vocabulary=200, width=16)
        model.compile(optimizer="rmsprop", loss=losses, loss_weights=weights)
        history = model.fit(posts, list(targets.values()), epochs=2, batch_size=64, verbose=0)
        runs.append((history.history, model.get_weights()))
    assert runs[0][0] == runs[1][0]
    assert all(
        np.array_equal(one, other) for one, other in zip(*(run[1] for run in runs), strict=True)
    )
    total, age, income, gender = model.evaluate(posts, targets, verbose=0)
    assert total == pytest.approx(0.25 * age + income + 10 * gender, rel=1e-6)


def test_n8_trains_on_posts_that_are_long_enough():
    model = cells.posts(longer=True, vocabulary=200, width=16)
    model.compile(optimizer="rmsprop", loss=cells.LOSSES)
    posts, targets = cells.ids(32, 269, 200), cells.answers(32)
    history = model.fit(posts, targets, epochs=1, batch_size=16, verbose=0)
    assert np.isfinite(history["loss"]).all()
