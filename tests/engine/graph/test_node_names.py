"""Names are legal, free, and spelled as Keras spells them."""

import keyword

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.graph import node_names
from tests.double import keras
from tests.tiers import noted


@pytest.mark.parametrize("name", ["a", "conv1d_2", "größe", "x" * 200])
def test_legal(name: str) -> None:
    assert node_names.is_valid_name(name)


ILLEGAL_NAMES = ["", "1x", "_x", "a b", "a.b", "class", "None", "ﬁt", "x" * 201, "a\n", "a-b"]


def test_not_legal() -> None:
    for name in ILLEGAL_NAMES:
        with noted(name):
            assert not node_names.is_valid_name(name)


def test_unique_counts_on() -> None:
    taken = {"conv1d", "conv1d_2"}
    assert node_names.unique_name("dense", taken) == "dense"
    assert node_names.unique_name("conv1d", taken) == "conv1d_3"
    assert node_names.unique_name("conv1d_2", taken) == "conv1d_3"


@given(st.text())
def test_any_text_gives_a_legal_name(text: str) -> None:
    name = node_names.suggest_name(text)
    assert node_names.is_valid_name(name)
    assert node_names.suggest_name(name) == name
    assert node_names.is_valid_name(node_names.unique_name(name, {name}))


def test_words_of_the_language_become_names() -> None:
    assert all(node_names.is_valid_name(node_names.suggest_name(word)) for word in keyword.kwlist)
    assert node_names.suggest_name("my conv!") == "my_conv"


def test_kinds_are_spelled_as_keras_does() -> None:
    for kind in dir(keras.layers):
        spelled = keras.src.utils.naming.to_snake_case(kind)
        if kind[0].isupper() and node_names.is_valid_name(spelled):
            assert node_names.name_for_kind(kind, ()) == spelled
