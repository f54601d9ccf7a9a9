"""The notebook's networks, in its own words but for the import line, and sound rows for them."""

from __future__ import annotations

import numpy as np

from engine import Input, Model, Sequential, layers

TEXT_VOCABULARY, QUESTION_VOCABULARY, ANSWERS = 10_000, 10_000, 500
VOCABULARY, INCOME_GROUPS = 50_000, 10


def sequential() -> Sequential:
    """N2, as a chain."""
    seq_model = Sequential()
    seq_model.add(layers.Dense(32, activation="relu", input_shape=(64,)))
    seq_model.add(layers.Dense(32, activation="relu"))
    seq_model.add(layers.Dense(10, activation="softmax"))
    return seq_model


def functional() -> Model:
    """N2, as calls."""
    input_tensor = Input(shape=(64,))
    x = layers.Dense(32, activation="relu")(input_tensor)
    x = layers.Dense(32, activation="relu")(x)
    output_tensor = layers.Dense(10, activation="softmax")(x)
    return Model(input_tensor, output_tensor)


def question_answering(
    text_vocabulary: int = TEXT_VOCABULARY, question_vocabulary: int = QUESTION_VOCABULARY
) -> Model:
    """N5."""
    text_input = Input(shape=(None,), dtype="int32", name="text")
    embedded_text = layers.Embedding(text_vocabulary, 64)(text_input)
    encoded_text = layers.LSTM(32)(embedded_text)

    question_input = Input(shape=(None,), dtype="int32", name="question")
    embedded_question = layers.Embedding(question_vocabulary, 32)(question_input)
    encoded_question = layers.LSTM(16)(embedded_question)

    concatenated = layers.concatenate([encoded_text, encoded_question], axis=-1)
    answer = layers.Dense(ANSWERS, activation="softmax")(concatenated)
    return Model([text_input, question_input], answer)


def posts(longer: bool = False, vocabulary: int = VOCABULARY, width: int = 256) -> Model:
    """N6, or N8 with `longer`; other sizes make it quick."""
    posts_input = Input(shape=(None,), dtype="int32", name="posts")
    embedded_posts = layers.Embedding(vocabulary, width)(posts_input)
    x = layers.Conv1D(width // 2, 5, activation="relu")(embedded_posts)
    x = layers.MaxPooling1D(5)(x)
    x = layers.Conv1D(width, 5, activation="relu")(x)
    x = layers.Conv1D(width, 5, activation="relu")(x)
    if longer:
        x = layers.MaxPooling1D(5)(x)
        x = layers.Conv1D(width, 5, activation="relu")(x)
        x = layers.Conv1D(width, 5, activation="relu")(x)
    x = layers.GlobalMaxPooling1D()(x)
    x = layers.Dense(width // 2, activation="relu")(x)

    age_prediction = layers.Dense(1, name="age")(x)
    income_prediction = layers.Dense(INCOME_GROUPS, activation="softmax", name="income")(x)
    gender_prediction = layers.Dense(1, activation="sigmoid", name="gender")(x)
    return Model(posts_input, [age_prediction, income_prediction, gender_prediction])


LOSSES = ["mse", "categorical_crossentropy", "binary_crossentropy"]
NAMED_LOSSES = {"age": LOSSES[0], "income": LOSSES[1], "gender": LOSSES[2]}
WEIGHTS = [0.25, 1.0, 10.0]
NAMED_WEIGHTS = {"age": 0.25, "income": 1.0, "gender": 10.0}


def one_hot(rows: int, classes: int, seed: int = 0) -> np.ndarray:
    """Return rows with a single 1 each."""
    return np.eye(classes)[np.random.default_rng(seed).integers(0, classes, rows)]


def ids(rows: int, length: int, vocabulary: int, seed: int = 0) -> np.ndarray:
    """Return sequences of word numbers; 0 is left to padding."""
    return np.random.default_rng(seed).integers(1, vocabulary, (rows, length))


def answers(rows: int, seed: int = 0) -> dict[str, np.ndarray]:
    """Return targets for the three outputs; ages are standardised."""
    rng = np.random.default_rng(seed)
    return {
        "age": rng.normal(size=rows),
        "income": one_hot(rows, INCOME_GROUPS, seed),
        "gender": rng.integers(0, 2, rows),
    }
