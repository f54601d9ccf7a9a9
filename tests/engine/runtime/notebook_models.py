"""The source notebook's networks in Keras, layer names as in our templates."""

from __future__ import annotations

from tests.double import keras

L = keras.layers


def sequential(dtype: str) -> keras.Model:
    """N2."""
    x = keras.Input((64,), name="points", dtype=dtype)
    hidden = L.Dense(32, "relu", name="hidden", dtype=dtype)(x)
    hidden = L.Dense(32, "relu", name="hidden_2", dtype=dtype)(hidden)
    label = L.Dense(10, "softmax", name="label", dtype=dtype)(hidden)
    return keras.Model(x, {"label": label})


def question_answering(dtype: str) -> keras.Model:
    """N5."""
    text = keras.Input((None,), dtype="int32", name="text")
    question = keras.Input((None,), dtype="int32", name="question")
    story = L.LSTM(32, name="story", dtype=dtype)(
        L.Embedding(10_000, 64, name="text_words", dtype=dtype)(text)
    )
    asked = L.LSTM(16, name="asked", dtype=dtype)(
        L.Embedding(10_000, 32, name="question_words", dtype=dtype)(question)
    )
    both = L.Concatenate(name="both", dtype=dtype)([story, asked])
    answer = L.Dense(500, "softmax", name="answer", dtype=dtype)(both)
    return keras.Model([text, question], {"answer": answer})


def posts(dtype: str, longer: bool = False) -> keras.Model:
    """N6, and N8 with `longer`."""
    posts = keras.Input((None,), dtype="int32", name="posts")
    x = L.Embedding(50_000, 256, name="words", dtype=dtype)(posts)
    x = L.Conv1D(128, 5, activation="relu", name="conv", dtype=dtype)(x)
    x = L.MaxPooling1D(5, name="pool", dtype=dtype)(x)
    x = L.Conv1D(256, 5, activation="relu", name="conv_2", dtype=dtype)(x)
    x = L.Conv1D(256, 5, activation="relu", name="conv_3", dtype=dtype)(x)
    if longer:
        x = L.MaxPooling1D(5, name="pool_2", dtype=dtype)(x)
        x = L.Conv1D(256, 5, activation="relu", name="conv_4", dtype=dtype)(x)
        x = L.Conv1D(256, 5, activation="relu", name="conv_5", dtype=dtype)(x)
    x = L.GlobalMaxPooling1D(name="peak", dtype=dtype)(x)
    x = L.Dense(128, "relu", name="features", dtype=dtype)(x)
    return keras.Model(
        posts,
        {
            "age": L.Dense(1, name="age", dtype=dtype)(x),
            "income": L.Dense(10, "softmax", name="income", dtype=dtype)(x),
            "gender": L.Dense(1, "sigmoid", name="gender", dtype=dtype)(x),
        },
    )
